/**
 * Accepting a gap: records of the trail were lost or changed, somebody has looked into it, and the trail is to be whole
 * from there on, so that the next break is seen. Invariants: the new beginning is sealed in the transaction that
 * records who accepted what; nothing is deleted, what stands before it moves to `broken-<time>` in the audit folder;
 * killed in between, the same call finishes.
 */
import { closeSync, mkdirSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Fault } from '../errors.ts';
import type { Actor } from '../roles.ts';
import { checkVersion } from '../store/migrations.ts';
import type { SqlWriter } from '../store/sql-engine.ts';
import { syncFolder } from './audit-drain.ts';
import { fileEnd } from './audit-file-end.ts';
import { appendAlways } from './audit-journal.ts';
import { authenticMac, decodeRecord, statedMac } from './audit-record.ts';
import { baseOf, beginningOf, type ChainEnd, FILE_CHAIN, moveEnd, type Row, readEnd, rowsOf } from './audit-rows.ts';
import { linesOf, openSegment, SEGMENT_RECORDS, segmentOf, segmentStarts } from './audit-segment.ts';
import type { TrailParts } from './audit-trail.ts';
import { verifyTrail } from './audit-verdict.ts';
import { writeDurably } from './durable-write.ts';
import { fileFault } from './file-fault.ts';
import { readGuarded } from './file-safety.ts';
import { withTrailLocked } from './trail-lock.ts';
import { noteEnd } from './version-1-trail.ts';

/** The first broken record, the last one before the new beginning, and where what was there is now. */
export type GapAccepted = { readonly broken: number; readonly through: number; readonly folder: string | undefined };

/**
 * The records that wait have been drained. Faults: `usage` where there is no such gap, `busy` where the database is the
 * older one, and those of files and database.
 */
export async function acceptGap(parts: TrailParts, { actor }: { readonly actor: Actor }): Promise<GapAccepted> {
  if (parts.config.store.engine === 'postgres') {
    throw new Fault('usage', 'With PostgreSQL the trail is in the database, and a gap there cannot be accepted.', {
      hint: 'Restore a backup: gatehouse restore FILE',
    });
  }
  const { firstBroken, chain } = await verifyTrail(parts, []);
  if (firstBroken === null) throw new Fault('usage', 'All records of the audit trail are whole: there is no gap.');
  if (chain !== undefined) {
    throw new Fault('usage', `What is broken is ${chain}, not the trail.`, { hint: 'Run: gatehouse doctor' });
  }
  const engine = await parts.engine();
  const { base, sealed } = await engine.write((tx) => sealBase(tx, parts, { actor, firstBroken }));
  const folder = await withTrailLocked(parts.config, () => moveAway(parts, base, sealed));
  return { broken: firstBroken, through: base.seq, folder };
}

type Asked = { readonly actor: Actor; readonly firstBroken: number };

async function sealBase(tx: SqlWriter, { config, folder, key }: TrailParts, { actor, firstBroken }: Asked) {
  await checkVersion(tx);
  const chain = baseOf(FILE_CHAIN);
  const found = await readEnd(tx, { key, chain });
  const sealed = await readEnd(tx, { key, chain: FILE_CHAIN });
  if (sealed?.authentic !== true) {
    throw new Fault('busy', 'The database has no sealed end of the audit trail.', {
      hint: 'The next record seals one: log in once, then run this again.',
    });
  }
  const rows = await rowsOf(tx, FILE_CHAIN);
  const before = beginningOf(FILE_CHAIN, found);
  const base = await withTrailLocked(config, async () => {
    const files = await fileEnd(folder, key);
    const last = await beginningOfLast(folder, { key, rows, before, sealed });
    if (rows.some(({ seq }) => seq > files.seq && seq <= last.seq)) {
      throw new Fault('busy', 'Records were written at the same time. Run it again.');
    }
    return last;
  });
  if (base.seq === before.seq && base.mac === before.mac) return { base, sealed };
  const detail = `broken=${firstBroken} through=${base.seq}`;
  await appendAlways(tx, { events: [{ event: 'audit.gap-accepted', actor: actor.name, detail }], folder, key });
  await moveEnd(tx, { key, chain, end: base, exists: found !== undefined });
  return { base, sealed };
}

type Known = {
  readonly key: Uint8Array;
  readonly rows: readonly Row[];
  readonly before: ChainEnd;
  readonly sealed: ChainEnd;
};

/**
 * Behind which record all follow each other up to the sealed end. The first record behind a break cannot be verified
 * itself, and the next one vouches for its MAC: it is before the beginning.
 */
async function beginningOfLast(folder: string, { key, rows, before, sealed }: Known): Promise<ChainEnd> {
  let run: { readonly base: ChainEnd; end: ChainEnd } | undefined = { base: before, end: before };
  let reached = 0;
  const known = new Map(rows.map(({ seq, line }) => [seq, line]));
  const take = (line: string, record = decodeRecord(line)) => {
    const fits = record !== undefined && record.seq === (run?.end.seq ?? 0) + 1 && record.found !== 'head-lost';
    const mac = run !== undefined && fits ? authenticMac(line, run.end.mac, key) : undefined;
    if (record === undefined) run = undefined;
    else if (run !== undefined && mac !== undefined) run.end = { seq: record.seq, mac };
    else run = beginning({ seq: record.seq, mac: statedMac(line) });
    reached = Math.max(reached, record?.seq ?? 0);
  };
  for (const start of await segmentStarts(folder)) {
    if (start > sealed.seq) throw foreign(segmentOf(folder, start));
    await eachLine(folder, start, (line) => {
      const record = decodeRecord(line);
      const isOfFile = record !== undefined && record.seq >= start && record.seq < start + SEGMENT_RECORDS;
      const row = record === undefined ? undefined : known.get(record.seq);
      take(line, isOfFile && (row === undefined || row === line) ? record : undefined);
    });
  }
  for (const { seq, line } of rows) if (seq > reached) take(line);
  return run !== undefined && run.end.seq === sealed.seq && run.end.mac === sealed.mac
    ? run.base
    : { seq: sealed.seq, mac: sealed.mac };
}

function beginning(base: ChainEnd): { readonly base: ChainEnd; end: ChainEnd } {
  return { base, end: base };
}

async function eachLine(folder: string, start: number, take: (line: string) => void): Promise<void> {
  const fd = openSegment(folder, start);
  if (fd === undefined) return;
  try {
    for await (const lines of linesOf(fd, 0)) {
      for (const { text, whole } of lines) if (whole) take(text);
    }
  } finally {
    closeSync(fd);
  }
}

function foreign(path: string): Fault {
  return new Fault('bad-data', `${path} is no file of this trail.`, { hint: 'Move it away, then run this again.' });
}

/** What stands before the new beginning. The caller holds the lock of the trail. */
async function moveAway({ folder, key, clock }: TrailParts, base: ChainEnd, sealed: ChainEnd) {
  const found = await fileEnd(folder, key);
  const isKnown = found.authentic || (found.seq === sealed.seq && found.mac === sealed.mac);
  let end = isKnown && found.seq >= base.seq ? { seq: found.seq, mac: found.mac, end: found.end } : { ...base, end: 0 };
  const target = join(folder, `broken-${new Date(clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`);
  const moved: string[] = [];
  for (const start of await segmentStarts(folder)) {
    if (start > base.seq) break;
    const path = segmentOf(folder, start);
    const bytes = readGuarded({ path, what: 'audit file' });
    const from = placeBehind(bytes, base, key);
    if (from === 0) continue;
    makeTarget(target);
    if (from === bytes.length) {
      renameSync(path, join(target, basename(path)));
    } else {
      const copy = join(target, basename(path));
      await writeDurably({ path: copy, temporary: `${copy}.new`, bytes, what: 'audit file' });
      await writeDurably({ path, temporary: `${path}.new`, bytes: bytes.subarray(from), what: 'audit file' });
    }
    if (path === segmentOf(folder, end.seq + 1)) end = { ...end, end: sizeUpTo(bytes.subarray(from), end) };
    moved.push(path);
  }
  await noteEnd(folder, { end, key });
  if (moved.length === 0) return undefined;
  for (const changed of [target, folder]) syncFolder(changed);
  return target;
}

/** Where the record behind the base begins in a file; its size where that is not there. */
function placeBehind(bytes: Buffer, base: ChainEnd, key: Uint8Array): number {
  let place = 0;
  for (const line of bytes.toString('latin1').split('\n')) {
    if (decodeRecord(line)?.seq === base.seq + 1 && authenticMac(line, base.mac, key) !== undefined) return place;
    place += line.length + 1;
  }
  return bytes.length;
}

/** Of the lines up to that record; of none where it is not there. */
function sizeUpTo(bytes: Buffer, { seq, mac }: ChainEnd): number {
  let size = 0;
  for (const line of bytes.toString('latin1').split('\n')) {
    size += line.length + 1;
    if (statedMac(line) === mac && decodeRecord(line)?.seq === seq) return size;
  }
  return 0;
}

function makeTarget(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw fileFault(`The folder ${folder} could not be made`, thrown);
  }
}
