/**
 * Whether the audit trail is whole: every record from the beginning on, in order, each chained to the one before, up
 * to the end that the database has sealed. Reads only, takes no lock, and may run beside writers: the end of the
 * files is read before the database, and all the rest of them behind it. Without the database there is no verdict.
 */
import { closeSync } from 'node:fs';
import { sameText } from '../constant-time.ts';
import { checkVersion } from '../store/migrations.ts';
import { text } from '../store/row-cells.ts';
import type { SqlReader } from '../store/sql-engine.ts';
import { type FileEnd, fileEnd } from './audit-file-end.ts';
import { authenticMac, decodeRecord } from './audit-record.ts';
import {
  baseOf,
  beginningOf,
  type ChainEnd,
  FILE_CHAIN,
  firstMacOf,
  isRecordChain,
  type Row,
  readEnds,
  rowsOf,
  type SealedEnd,
  sideOf,
} from './audit-rows.ts';
import { linesOf, openSegment, SEGMENT_RECORDS, segmentStarts } from './audit-segment.ts';
import { isSideBroken, type SideChain, takenOf } from './audit-side-file.ts';

export type AuditVerification = {
  readonly ok: boolean;
  /** How many records are whole, counted from the first that was not archived. */
  readonly records: number;
  /** Number of the first record that was changed, removed, moved or cut off; null where all are whole. */
  readonly firstBroken: number | null;
  /** The chain that the broken record is in, where that is not the one of the files. */
  readonly chain?: string;
  /** Where the trail ends, to be noted elsewhere: what `Expected` is read from. */
  readonly end: string;
};

/** What somebody has noted: the MAC of that record of a chain. */
export type Expected = ChainEnd & { readonly chain: string };

export type Verdict = { readonly records: number; readonly broken: number | null };

/** Follows one chain. `take` answers false at the first line that is no continuation. */
export function followerOf(from: ChainEnd, { key, expected }: { key: Uint8Array; expected?: ChainEnd | undefined }) {
  let { seq, mac } = from;
  let differs = expected !== undefined && expected.seq === seq && !sameText(expected.mac, mac);
  return {
    take(line: string): boolean {
      const record = decodeRecord(line);
      // `head-lost` is the note of a writer that records before it may have been cut off.
      const fits = record?.seq === seq + 1 && record.found !== 'head-lost';
      const next = fits ? authenticMac(line, mac, key) : undefined;
      if (next === undefined) return false;
      if (expected?.seq === seq + 1 && !sameText(expected.mac, next)) {
        differs = true;
        return false;
      }
      seq += 1;
      mac = next;
      return true;
    },
    end: (): ChainEnd => ({ seq, mac }),
    /** Whether the expected record is another one. */
    differs: () => differs,
  };
}

export type DatabaseTrail = {
  readonly ends: ReadonlyMap<string, SealedEnd>;
  /** Of the chain that the files are of. */
  readonly rows: readonly Row[];
  /** Where people are, records are. */
  readonly hasUsers: boolean;
};

/** Faults where it is not a database of this version. */
export async function databaseTrail(tx: SqlReader, key: Uint8Array): Promise<DatabaseTrail> {
  await checkVersion(tx);
  const [ends, rows, users] = [
    await readEnds(tx, key),
    await rowsOf(tx, FILE_CHAIN),
    await tx.all('SELECT id FROM users LIMIT 1'),
  ];
  return { ends, rows, hasUsers: users.length > 0 };
}

export type FileTrail = {
  readonly folder: string;
  readonly key: Uint8Array;
  /**
   * Read in one transaction; asked when the end of the files is known, and again where something was archived
   * meanwhile.
   */
  readonly database: () => Promise<DatabaseTrail>;
  readonly sides: () => readonly SideChain[];
  readonly expected?: ChainEnd | undefined;
};

/** The trail of the file engines. Throws a Fault where files or database may not or cannot be read. */
export async function verifyFileTrail(trail: FileTrail): Promise<AuditVerification> {
  const files = await fileEnd(trail.folder, trail.key);
  const database = await trail.database();
  const { records, broken } = await verifyFiles(trail, files, database);
  const sealed = database.ends.get(FILE_CHAIN);
  const end = `${sealed?.seq ?? 0}:${sealed?.mac ?? ''}`;
  if (broken !== null) {
    // Archived while it was read: the base has moved.
    const now = await trail.database();
    if (now.ends.get(baseOf(FILE_CHAIN))?.seq !== database.ends.get(baseOf(FILE_CHAIN))?.seq)
      return verifyFileTrail(trail);
    return { ok: false, records, firstBroken: broken, end };
  }
  const side = brokenSide(trail.sides(), database.ends);
  if (side !== undefined) return { ok: false, records, firstBroken: side.firstBroken, chain: side.chain, end };
  return { ok: true, records, firstBroken: null, end };
}

async function verifyFiles(
  { folder, key, expected }: FileTrail,
  files: FileEnd,
  { ends, rows, hasUsers }: DatabaseTrail,
): Promise<Verdict> {
  const base = beginningOf(FILE_CHAIN, ends.get(baseOf(FILE_CHAIN)));
  const sealed = ends.get(FILE_CHAIN);
  const follower = followerOf(base, { key, expected });
  const verdict = (isBroken: boolean): Verdict => {
    const { seq } = follower.end();
    return { records: seq - base.seq, broken: isBroken ? seq + 1 : null };
  };
  const known = new Map(rows.map(({ seq, line }) => [seq, line]));
  const lastStart = (await segmentStarts(folder)).at(-1) ?? 0;
  // What the files have beyond the sealed end may have been written since; what they had before, the database never
  // wrote.
  const isAhead = files.authentic && files.seq > (sealed?.seq ?? 0);
  const isWhole = await followFiles(folder, follower.end().seq, (line) => {
    const next = follower.end().seq + 1;
    if (isAhead && next > (sealed?.seq ?? 0)) return false;
    const row = known.get(next);
    return (row === undefined || row === line) && follower.take(line) && isSealed(follower.end(), sealed);
  });
  // Later segments stand behind a gap.
  if (!isWhole || follower.end().seq < lastStart - 1) return verdict(true);
  for (const { seq, line } of rows) {
    if (seq <= follower.end().seq) continue;
    if (!follower.take(line) || !isSealed(follower.end(), sealed)) return verdict(true);
  }
  if (isAhead || follower.differs()) return verdict(true);
  if (sealed === undefined) return verdict(follower.end().seq > 0 || hasUsers);
  return verdict(!sealed.authentic || follower.end().seq < sealed.seq || follower.end().seq < (expected?.seq ?? 0));
}

function isSealed({ seq, mac }: ChainEnd, sealed: ChainEnd | undefined): boolean {
  return sealed === undefined || sealed.seq !== seq || sealed.mac === mac;
}

/**
 * Each whole line behind record `seq`, as long as `take` answers true. A last line without its end is what a drain is
 * at.
 */
export async function followFiles(folder: string, seq: number, take: (line: string) => boolean): Promise<boolean> {
  let reached = seq;
  for (;;) {
    const fd = openSegment(folder, reached + 1);
    if (fd === undefined) return true;
    // A segment may begin in the middle, behind a gap that was accepted.
    const last = reached - (reached % SEGMENT_RECORDS) + SEGMENT_RECORDS;
    try {
      for await (const lines of linesOf(fd, 0)) {
        for (const { text: line, whole } of lines) {
          if (!whole) return true;
          if (reached >= last || !take(line)) return false;
          reached += 1;
        }
      }
    } finally {
      closeSync(fd);
    }
    if (reached < last) return true;
  }
}

function brokenSide(sides: readonly SideChain[], ends: ReadonlyMap<string, SealedEnd>) {
  const broken = sides.find((side) => isSideBroken(side, ends.get(sideOf(side.id))));
  if (broken === undefined) return undefined;
  const taken = takenOf(broken, ends.get(sideOf(broken.id)));
  return { chain: sideOf(broken.id), firstBroken: Math.max(broken.seq, taken) + 1 };
}

export type TableTrail = {
  readonly key: Uint8Array;
  readonly sides: readonly SideChain[];
  readonly expected: readonly Expected[];
};

/** All chains of a table that several hosts share. */
export async function verifyTable(tx: SqlReader, { key, sides, expected }: TableTrail): Promise<AuditVerification> {
  await checkVersion(tx);
  const ends = await readEnds(tx, key);
  const chains = new Map<string, { follower: ReturnType<typeof followerOf>; from: number; broken: boolean }>();
  const chainOf = (name: string) => {
    const from = beginningOf(name, ends.get(baseOf(name)));
    const noted = expected.find(({ chain }) => chain === name);
    const found = chains.get(name) ?? {
      follower: followerOf(from, { key, expected: noted }),
      from: from.seq,
      broken: false,
    };
    chains.set(name, found);
    return found;
  };
  await tx.each("SELECT chain, line FROM audit_records WHERE chain <> '' ORDER BY chain, seq", [], (row) => {
    const chain = chainOf(text(row, 'chain'));
    chain.broken ||= !chain.follower.take(text(row, 'line'));
  });
  for (const name of [...ends.keys(), ...expected.map(({ chain }) => chain)]) {
    if (name !== FILE_CHAIN && isRecordChain(name)) chainOf(name);
  }
  const records = [...chains.values()].reduce((sum, { follower, from }) => sum + follower.end().seq - from, 0);
  const end = [...chains]
    .map(([name, { follower }]) => `${name}:${follower.end().seq}:${follower.end().mac}`)
    .join(',');
  for (const [chain, { follower, broken }] of chains) {
    const { seq, mac } = follower.end();
    const sealed = ends.get(chain);
    const isWhole = !broken && sealed?.authentic === true && sealed.seq === seq && sealed.mac === mac;
    const wanted = expected.find((noted) => noted.chain === chain)?.seq ?? 0;
    if (!isWhole || follower.differs() || seq < wanted) return { ok: false, records, firstBroken: seq + 1, chain, end };
  }
  const side = brokenSide(sides, ends);
  if (side !== undefined) return { ok: false, records, ...side, end };
  return { ok: true, records, firstBroken: null, end };
}

/** Files of the time before the facility moved to a table: no database knows their end, the note beside them does. */
export async function verifyOlderFiles(
  folder: string,
  key: Uint8Array,
  sealed: SealedEnd | undefined,
): Promise<Verdict> {
  const files = await fileEnd(folder, key);
  const follower = followerOf({ seq: 0, mac: firstMacOf(FILE_CHAIN) }, { key });
  const isWhole = await followFiles(folder, 0, (line) => follower.take(line));
  const { seq } = follower.end();
  const lastStart = (await segmentStarts(folder)).at(-1) ?? 0;
  const wanted = Math.max(files.durableSeq, lastStart > 0 ? (sealed?.seq ?? 0) : 0);
  const isBroken = !isWhole || seq < lastStart - 1 || seq < wanted || (!files.noted && seq > 0);
  return { records: seq, broken: isBroken ? seq + 1 : null };
}
