/**
 * A side chain holds denials while the database cannot be reached: the file `side-<id>.jsonl` in the audit folder,
 * one at a time and bounded. Invariants: its first record is bound to its id; the next transaction that records
 * anything takes its records over and seals its end (`side:<id>` in audit_heads) in one, so that each is taken over
 * once; the file is removed only when all of it was.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditEvent } from '../audit-event.ts';
import { Fault } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { SqlWriter } from '../store/sql-engine.ts';
import { type AuditFolder, lockAuditFolder, NODE_AUDIT_CALLS, syncFolder, writeAll } from './audit-drain.ts';
import { type AuditRecord, authenticMac, decodeRecord, encodeRecord } from './audit-record.ts';
import { type ChainEnd, moveEnd, readEnd, type SealedEnd, sideOf, type TimedEvent } from './audit-rows.ts';
import { errnoOf, fileFault } from './file-fault.ts';
import { openGuarded, readGuarded, readWhole } from './file-safety.ts';

export const SIDE_RECORDS = 1000;
export const SIDE_BYTES = 1024 * 1024;

export type SideChain = ChainEnd & {
  readonly id: string;
  /** As far as they continue each other. */
  readonly records: readonly AuditRecord[];
  /** MAC of each. */
  readonly macs: readonly string[];
  /** Bytes of these records. */
  readonly bytes: number;
  /** Whether whole lines that are no continuation stand behind them. */
  readonly broken: boolean;
};

/** On disk when it resolves, unless the chain is full. Faults: `busy`, `unavailable`, `file-refused`. */
export async function appendToSide(trail: AuditFolder & { readonly clock: Clock }, event: AuditEvent): Promise<void> {
  const lock = await lockAuditFolder(trail.folder, LOCK_WAIT_MS);
  try {
    const id = sideIds(trail.folder)[0] ?? randomBytes(8).toString('hex');
    const path = pathOf(trail.folder, id);
    const { calls = NODE_AUDIT_CALLS, key } = trail;
    const fd = openGuarded({ path, what: 'audit file' }, constants.O_RDWR | constants.O_CREAT);
    try {
      const chain = readChain(id, readWhole({ path, what: 'audit file' }, fd), key);
      const next = nextRecord(chain, event, trail.clock);
      if (next === undefined) return;
      if (fstatSync(fd).size > chain.bytes && !chain.broken) calls.cut(fd, chain.bytes);
      const { line } = encodeRecord(next, chain.mac, key);
      await writeAll(calls, fd, Buffer.from(line, 'latin1'), chain.broken ? fstatSync(fd).size : chain.bytes);
      await calls.sync(fd);
      if (chain.bytes === 0) syncFolder(trail.folder);
    } catch (thrown) {
      throw fileFault(`The audit file ${path} could not be written`, thrown);
    } finally {
      closeSync(fd);
    }
  } finally {
    lock.release();
  }
}

/** Those whose files are there. Faults where a file may not or cannot be read; none in a folder that is not there. */
export function sideChains(folder: string, key: Uint8Array): readonly SideChain[] {
  return sideIds(folder).flatMap((id) => {
    const chain = readSide(folder, id, key);
    return chain === undefined ? [] : [chain];
  });
}

/** Ends of side chains whose files are gone. */
export function forgetSides(tx: SqlWriter, ids: Iterable<string>): void {
  const lists = [...ids].map((id) => [sideOf(id)]);
  if (lists.length > 0) tx.later('DELETE FROM audit_heads WHERE chain = ?', lists);
}

/** How many of its records the database has. */
export function takenOf(chain: SideChain, sealed: SealedEnd | undefined): number {
  return sealed?.authentic === true ? Math.min(sealed.seq, chain.records.length) : 0;
}

/** Whether more was taken over than is in the file, or something else. */
export function isSideBroken(chain: SideChain, sealed: SealedEnd | undefined): boolean {
  if (chain.broken) return true;
  if (sealed === undefined) return false;
  return !sealed.authentic || sealed.seq > chain.seq || chain.macs[sealed.seq - 1] !== sealed.mac;
}

/** Their records, in the order of the files, to be appended in the caller's transaction; at most so many. */
export async function takeSideChains(
  tx: SqlWriter,
  { folder, key, most }: { folder: string; key: Uint8Array; most: number },
): Promise<readonly TimedEvent[]> {
  const events: TimedEvent[] = [];
  for (const id of sideIds(folder)) {
    // Read before the file: that is removed only when all of it was sealed.
    const sealed = await readEnd(tx, { key, chain: sideOf(id), lock: tx.dialect.lockRows });
    const chain = attempt(() => readSide(folder, id, key));
    if (chain === undefined) continue;
    const records = chain.records.slice(takenOf(chain, sealed));
    if (records.length === 0 || events.length + records.length + 1 > most) continue;
    events.push({ event: 'audit.side-chain', detail: `side=${id}`, count: records.length });
    for (const { seq: _seq, found: _found, ...event } of records) events.push(event);
    await moveEnd(tx, { key, chain: sideOf(id), end: chain, exists: sealed !== undefined });
  }
  return events;
}

/**
 * Removes the files of those that were taken over as a whole, and answers their ids. `ends` was read before. Takes
 * the audit lock.
 */
export async function removeTakenSides(
  { folder, key }: AuditFolder,
  ends: ReadonlyMap<string, SealedEnd>,
  waitMs: number,
): Promise<readonly string[]> {
  if (!sideIds(folder).some((id) => ends.has(sideOf(id)))) return [];
  const lock = await lockAuditFolder(folder, waitMs);
  try {
    const removed: string[] = [];
    for (const chain of sideChains(folder, key)) {
      const sealed = ends.get(sideOf(chain.id));
      const isTaken = sealed?.authentic === true && sealed.seq === chain.seq && sealed.mac === chain.mac;
      if (!isTaken || chain.broken) continue;
      unlinkSync(pathOf(folder, chain.id));
      removed.push(chain.id);
    }
    syncFolder(folder);
    return removed;
  } finally {
    lock.release();
  }
}

const LOCK_WAIT_MS = 2000;
const NAME = /^side-([0-9a-f]{16})\.jsonl$/;

function pathOf(folder: string, id: string): string {
  return join(folder, `side-${id}.jsonl`);
}

function sideIds(folder: string): readonly string[] {
  return attempt(() => readdirSync(folder).flatMap((name) => NAME.exec(name)?.[1] ?? [])) ?? [];
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function readSide(folder: string, id: string, key: Uint8Array): SideChain | undefined {
  try {
    return readChain(id, readGuarded({ path: pathOf(folder, id), what: 'audit file' }), key);
  } catch (thrown) {
    if (thrown instanceof Fault && errnoOf(thrown.cause) === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** Bound to its id: the records of one side chain are no other's. */
export function firstSideMac(id: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(`gatehouse audit side v1\n${id}`).digest('base64url');
}

function readChain(id: string, content: Uint8Array, key: Uint8Array): SideChain {
  const lines = Buffer.from(content).toString('latin1').split('\n').slice(0, -1);
  const records: AuditRecord[] = [];
  const macs: string[] = [];
  let mac = firstSideMac(id, key);
  let bytes = 0;
  for (const line of lines) {
    const record = decodeRecord(line);
    const next = record?.seq === records.length + 1 ? authenticMac(line, mac, key) : undefined;
    if (record === undefined || next === undefined) break;
    records.push(record);
    macs.push(next);
    mac = next;
    bytes += line.length + 1;
  }
  return { id, seq: records.length, mac, records, macs, bytes, broken: records.length < lines.length };
}

/** The last one that is allowed says that there is no more. */
function nextRecord(chain: SideChain, event: AuditEvent, clock: Clock): AuditRecord | undefined {
  const seq = chain.seq + 1;
  if (seq > SIDE_RECORDS || chain.broken || chain.records.at(-1)?.event === 'audit.side-chain') return undefined;
  const at = new Date(clock.now()).toISOString();
  const isLast = seq === SIDE_RECORDS || chain.bytes > SIDE_BYTES - ROOM_BYTES;
  return isLast ? { seq, at, event: 'audit.side-chain', detail: 'full' } : { ...event, seq, at };
}

/** For the longest record and the one that says it is full. */
const ROOM_BYTES = 32 * 1024;
