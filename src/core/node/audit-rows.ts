/**
 * The audit trail in the database: chains of records in `audit_records`, and in `audit_heads` the end of each, sealed
 * with the audit key in the transaction that moves it. Beside the chains of records there are ends of two other
 * kinds: `base:<chain>`, up to where a chain was archived, and `side:<id>`, up to where a side chain (audit-side.ts)
 * was taken over.
 */
import { createHmac } from 'node:crypto';
import type { AuditEvent } from '../audit-event.ts';
import { sameText } from '../constant-time.ts';
import { integer, text } from '../store/row-cells.ts';
import type { SqlReader, SqlRow, SqlWriter } from '../store/sql-engine.ts';
import { decodeRecord, encodeRecord, FIRST_MAC, statedMac } from './audit-record.ts';

/** The chain whose records are copied to the files. */
export const FILE_CHAIN = '';

export type ChainEnd = { readonly seq: number; readonly mac: string };

export type SealedEnd = ChainEnd & {
  readonly authentic: boolean;
  /** Failures that were counted and not recorded, while the queue was full. */
  readonly skipped: number;
};

export type Row = { readonly seq: number; readonly line: string };

export function baseOf(chain: string): string {
  return `base:${chain}`;
}

export function sideOf(id: string): string {
  return `side:${id}`;
}

/** False for ends that have no records of their own. */
export function isRecordChain(chain: string): boolean {
  return !chain.startsWith('base:') && !chain.startsWith('side:');
}

/** What a chain begins with: the chain of one host is no other's. */
export function firstMacOf(chain: string): string {
  return chain === FILE_CHAIN ? FIRST_MAC : `host:${chain}`;
}

/** Sealed with the audit key: nobody else can move it. */
export function sealOf(key: Uint8Array, chain: string, { seq, mac }: ChainEnd): string {
  return createHmac('sha256', key)
    .update(`gatehouse audit table head v1\n${chain}\n${seq}\n${mac}`)
    .digest('base64url');
}

/** The end of a chain as the database has it. `lock`: nobody else moves it until the transaction is over. */
export async function readEnd(
  tx: SqlReader,
  { key, chain, lock = '' }: { readonly key: Uint8Array; readonly chain: string; readonly lock?: string },
): Promise<SealedEnd | undefined> {
  const [row] = await tx.all(`SELECT ${END_COLUMNS} FROM audit_heads WHERE chain = ?${lock}`, [chain]);
  return row === undefined ? undefined : sealedEnd(row, key);
}

/** All of them, by the names of their chains. */
export async function readEnds(tx: SqlReader, key: Uint8Array): Promise<ReadonlyMap<string, SealedEnd>> {
  const rows = await tx.all(`SELECT ${END_COLUMNS} FROM audit_heads ORDER BY chain`);
  return new Map(rows.map((row) => [text(row, 'chain'), sealedEnd(row, key)]));
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

export async function rowsOf(tx: SqlReader, chain: string, after = 0): Promise<readonly Row[]> {
  const sql = 'SELECT seq, line FROM audit_records WHERE chain = ? AND seq > ? ORDER BY seq';
  return (await tx.all(sql, [chain, after])).map((row) => ({ seq: integer(row, 'seq'), line: text(row, 'line') }));
}

/**
 * Where the chain begins: behind what was archived, or with its first record. One that nobody sealed is not believed.
 */
export function beginningOf(chain: string, base: SealedEnd | undefined): ChainEnd {
  return base?.authentic === true ? { seq: base.seq, mac: base.mac } : { seq: 0, mac: firstMacOf(chain) };
}

/** An event, and when it was where that is not now: of a side chain. */
export type TimedEvent = AuditEvent & { readonly at?: string };

type Append = {
  readonly key: Uint8Array;
  readonly chain: string;
  readonly end: SealedEnd | undefined;
  readonly events: readonly TimedEvent[];
};

/**
 * Chained to the end, which moves. Two that write a chain's first record: the second one's row is refused, and it is
 * run again.
 */
export async function appendRows(tx: SqlWriter, { key, chain, end, events }: Append): Promise<void> {
  // A head that was taken away: the chain goes on behind the last record, and the next one says so.
  const last = end ?? (await lastRecord(tx, chain));
  const sound = end?.authentic ?? last === undefined;
  let { seq, mac } = last ?? { seq: 0, mac: firstMacOf(chain) };
  const now = await tx.now();
  const skipped = end?.skipped ?? 0;
  const all: readonly TimedEvent[] = skipped > 0 ? [{ event: 'audit.skipped', count: skipped }, ...events] : events;
  const rows = all.map((event, index) => {
    seq += 1;
    const found = sound || index > 0 ? {} : ({ found: 'head-lost' } as const);
    const at = event.at ?? new Date(now).toISOString();
    const encoded = encodeRecord({ ...event, seq, at, ...found }, mac, key);
    mac = encoded.mac;
    return [chain, seq, event.at === undefined ? now : Date.parse(event.at), encoded.line.trimEnd()];
  });
  tx.later('INSERT INTO audit_records (chain, seq, at, line) VALUES (?, ?, ?, ?)', rows);
  await moveEnd(tx, { key, chain, end: { seq, mac }, exists: end !== undefined });
}

/** `at` of a line, in milliseconds; undefined where it is no record. */
export function timeOf(line: string): number | undefined {
  const at = Date.parse(decodeRecord(line)?.at ?? '');
  return Number.isNaN(at) ? undefined : at;
}

const END_COLUMNS = 'chain, seq, mac, seal, skipped';

function sealedEnd(row: SqlRow, key: Uint8Array): SealedEnd {
  const end = { seq: integer(row, 'seq'), mac: text(row, 'mac') };
  const authentic = sameText(sealOf(key, text(row, 'chain'), end), text(row, 'seal'));
  return { ...end, authentic, skipped: integer(row, 'skipped') };
}

async function lastRecord(tx: SqlReader, chain: string): Promise<ChainEnd | undefined> {
  const [row] = await tx.all('SELECT seq, line FROM audit_records WHERE chain = ? ORDER BY seq DESC LIMIT 1', [chain]);
  return row === undefined ? undefined : { seq: integer(row, 'seq'), mac: statedMac(text(row, 'line')) };
}
