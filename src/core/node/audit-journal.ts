/**
 * Appending to the audit trail inside the transactions of the store (docs/decisions/0018-one-truth.md). Invariant: each record is chained to
 * the one before it in the same database, and the sealed end of the chain moves in the same transaction; where the files of the trail
 * have what the database does not know, nothing is granted or changed.
 */
import { createHmac, randomInt } from 'node:crypto';
import type { AuditEvent } from '../audit-event.ts';
import { sameText } from '../constant-time.ts';
import { Fault } from '../errors.ts';
import type { Journal, JournalEntry } from '../store/recording-engine.ts';
import { integer, text } from '../store/row-cells.ts';
import type { SqlReader, SqlWriter } from '../store/sql-engine.ts';
import { type FileEnd, fileEnd } from './audit-file-end.ts';
import { authenticMac, encodeRecord, FIRST_MAC, statedMac } from './audit-record.ts';

export type JournalOptions = {
  /** The key file's audit key. */
  readonly key: Uint8Array;
  readonly trail: TrailPlace;
  /** Copies the rows to the files where that is due; never rejects. */
  readonly drain?: (queued: number) => Promise<void>;
};

/** Files of this host, with one chain for all of them; or the table itself, with chains of its own for each host. */
export type TrailPlace =
  | { readonly kind: 'files'; readonly folder: string; readonly queueMax: number }
  | { readonly kind: 'table'; readonly host: string };

/** The chain whose records are copied to the files. */
export const FILE_CHAIN = '';

/** Chains of one host in a table, so that its logins do not wait for each other's COMMIT. */
const SLOTS = 16;

export function createJournal({ key, trail, drain = async () => undefined }: JournalOptions): Journal {
  return {
    append: (tx, entry) =>
      trail.kind === 'files' ? appendQueued(tx, entry, { key, ...trail }) : appendToTable(tx, entry, { key, ...trail }),
    committed: drain,
  };
}

export type ChainEnd = { readonly seq: number; readonly mac: string };

/** Sealed with the audit key: nobody else can move it. */
export function sealOf(key: Uint8Array, chain: string, { seq, mac }: ChainEnd): string {
  return createHmac('sha256', key)
    .update(`gatehouse audit table head v1\n${chain}\n${seq}\n${mac}`)
    .digest('base64url');
}

/** What a chain begins with: the chain of one host is no other's. */
export function firstMacOf(chain: string): string {
  return chain === FILE_CHAIN ? FIRST_MAC : `host:${chain}`;
}

export type SealedEnd = ChainEnd & {
  readonly authentic: boolean;
  /** Failures that were counted and not recorded, while the queue was full. */
  readonly skipped: number;
};

/** The end of a chain as the database has it. `lock`: nobody else moves it until the transaction is over. */
export async function readEnd(
  tx: SqlReader,
  { key, chain, lock = '' }: { readonly key: Uint8Array; readonly chain: string; readonly lock?: string },
): Promise<SealedEnd | undefined> {
  const [row] = await tx.all(`SELECT seq, mac, seal, skipped FROM audit_heads WHERE chain = ?${lock}`, [chain]);
  if (row === undefined) return undefined;
  const end = { seq: integer(row, 'seq'), mac: text(row, 'mac') };
  return { ...end, authentic: sameText(sealOf(key, chain, end), text(row, 'seal')), skipped: integer(row, 'skipped') };
}

type Table = { readonly key: Uint8Array; readonly host: string };

async function appendToTable(tx: SqlWriter, { events }: JournalEntry, { key, host }: Table): Promise<number> {
  const chain = `${host}/${randomInt(SLOTS)}`;
  const end = await readEnd(tx, { key, chain, lock: tx.dialect.lockRows });
  await appendRows(tx, { key, chain, end, events });
  return 0;
}

type Queue = { readonly key: Uint8Array; readonly folder: string; readonly queueMax: number };

async function appendQueued(
  tx: SqlWriter,
  { events, kind }: JournalEntry,
  { key, folder, queueMax }: Queue,
): Promise<number> {
  // Read before the database's: the files are never ahead of a database that belongs to them.
  const files = await fileEnd(folder, key);
  const end = await readEnd(tx, { key, chain: FILE_CHAIN });
  const place = await placeOf(tx, { files, end, key });
  if (place === 'ahead' && kind === 'change') throw rolledBack();
  const first = await oldestRow(tx);
  const queued = first === undefined || end === undefined ? 0 : end.seq - first + 1;
  if (queued >= queueMax) {
    if (kind === 'change') throw queueFull(queued, folder);
    await tx.run('UPDATE audit_heads SET skipped = skipped + ? WHERE chain = ?', [events.length, FILE_CHAIN]);
    return queued;
  }
  // What is durable in the files goes along; deleting it would not be worth a write of its own.
  if (typeof place === 'number') {
    await tx.run('DELETE FROM audit_records WHERE chain = ? AND seq <= ?', [FILE_CHAIN, place]);
  }
  await appendRows(tx, { key, chain: FILE_CHAIN, end, events });
  return queued + events.length;
}

/**
 * How the files stand to the rows: up to which of them they are durable, or `ahead` where they have what this database never wrote. `behind`:
 * records are missing there, or they cannot be read; `audit verify` says which.
 */
async function placeOf(
  tx: SqlReader,
  { files, end, key }: { files: FileEnd | undefined; end: ChainEnd | undefined; key: Uint8Array },
): Promise<number | 'ahead' | 'behind' | 'same'> {
  if (files === undefined) return 'behind';
  const known = end ?? { seq: 0, mac: FIRST_MAC };
  if (files.seq > known.seq) return 'ahead';
  if (files.seq === known.seq && files.mac !== known.mac) return 'ahead';
  const [same, next] = await Promise.all([rowAt(tx, files.seq), rowAt(tx, files.seq + 1)]);
  if (same !== undefined && statedMac(same) !== files.mac) return 'ahead';
  if (next !== undefined && authenticMac(next, files.mac, key) === undefined) return 'ahead';
  if (same === undefined) return files.seq === known.seq || next !== undefined ? 'same' : 'behind';
  return Math.min(files.durableSeq, files.seq);
}

async function rowAt(tx: SqlReader, seq: number): Promise<string | undefined> {
  const [row] = await tx.all('SELECT line FROM audit_records WHERE chain = ? AND seq = ?', [FILE_CHAIN, seq]);
  return row === undefined ? undefined : text(row, 'line');
}

async function oldestRow(tx: SqlReader): Promise<number | undefined> {
  const [row] = await tx.all('SELECT seq FROM audit_records WHERE chain = ? ORDER BY seq LIMIT 1', [FILE_CHAIN]);
  return row === undefined ? undefined : integer(row, 'seq');
}

type Append = {
  readonly key: Uint8Array;
  readonly chain: string;
  readonly end: SealedEnd | undefined;
  readonly events: readonly AuditEvent[];
};

/** Two that write a chain's first record: the second one's row is refused, and it is run again. */
async function appendRows(tx: SqlWriter, { key, chain, end, events }: Append): Promise<void> {
  // A head that was taken away: the chain goes on behind the last record, and the next one says so.
  const last = end ?? (await lastRecord(tx, chain));
  const sound = end?.authentic ?? last === undefined;
  let { seq, mac } = last ?? { seq: 0, mac: firstMacOf(chain) };
  const at = await tx.now();
  const skipped = end?.skipped ?? 0;
  const all: readonly AuditEvent[] = skipped > 0 ? [{ event: 'audit.skipped', count: skipped }, ...events] : events;
  const rows = all.map((event, index) => {
    seq += 1;
    const found = sound || index > 0 ? {} : ({ found: 'head-lost' } as const);
    const encoded = encodeRecord({ ...event, seq, at: new Date(at).toISOString(), ...found }, mac, key);
    mac = encoded.mac;
    return [chain, seq, at, encoded.line.trimEnd()];
  });
  tx.later('INSERT INTO audit_records (chain, seq, at, line) VALUES (?, ?, ?, ?)', rows);
  await moveEnd(tx, { key, chain, end: { seq, mac }, exists: end !== undefined });
}

/** Seals a new end. */
export async function moveEnd(
  tx: SqlWriter,
  { key, chain, end, exists }: { key: Uint8Array; chain: string; end: ChainEnd; exists: boolean },
): Promise<void> {
  const params = [end.seq, end.mac, sealOf(key, chain, end), chain];
  if (exists) tx.later('UPDATE audit_heads SET seq = ?, mac = ?, seal = ?, skipped = 0 WHERE chain = ?', [params]);
  else tx.later('INSERT INTO audit_heads (seq, mac, seal, chain) VALUES (?, ?, ?, ?)', [params]);
}

async function lastRecord(tx: SqlReader, chain: string): Promise<ChainEnd | undefined> {
  const [row] = await tx.all('SELECT seq, line FROM audit_records WHERE chain = ? ORDER BY seq DESC LIMIT 1', [chain]);
  return row === undefined ? undefined : { seq: integer(row, 'seq'), mac: statedMac(text(row, 'line')) };
}

function rolledBack(): Fault {
  return new Fault('busy', 'The database is older than its audit trail: somebody put an old copy of it back by hand.', {
    hint: 'Nobody can log in until this is repaired. Put a backup back with: gatehouse restore FILE',
  });
}

function queueFull(queued: number, folder: string): Fault {
  return new Fault('busy', `${queued} audit records could not be written to ${folder} yet (Audit.QueueMax).`, {
    hint: 'Free space there or repair the folder; `gatehouse doctor` says what is wrong.',
  });
}
