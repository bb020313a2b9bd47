/**
 * A side chain holds denials while the database cannot be reached: the file `side-<id>.jsonl` in the audit folder.
 * Invariants: each is bounded, and so is their number; one that somebody changed gets a successor, so that no denial
 * goes behind a break. The transactions that record anything take the records over, in portions where the queue is
 * short, and seal how far (`side:<id>` in audit_heads) in one, so that each is taken over once; a file is removed only
 * when all of it was, and a broken one is renamed then, never removed.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, renameSync, unlinkSync } from 'node:fs';
import type { AuditEvent } from '../audit-event.ts';
import { Fault } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { SqlWriter } from '../store/sql-engine.ts';
import { attempt } from './attempt.ts';
import { type AuditFolder, lockAuditFolder, NODE_AUDIT_CALLS, syncFolder, writeAll } from './audit-drain.ts';
import { type AuditRecord, encodeRecord } from './audit-record.ts';
import { type ChainEnd, moveEnd, readEnd, type SealedEnd, sideOf, type TimedEvent } from './audit-rows.ts';
import {
  brokenSidePath,
  firstSideMac,
  isForked,
  isSideBroken,
  readChain,
  readSide,
  type SideChain,
  sideIds,
  sidePath,
  takenOf,
} from './audit-side-file.ts';
import { fileFault } from './file-fault.ts';
import { openGuarded, readWhole } from './file-safety.ts';

export const SIDE_RECORDS = 1000;
export const SIDE_BYTES = 1024 * 1024;
/** So many at once: somebody who breaks each of them does not fill the disk in this way. */
export const SIDE_FILES = 4;

/**
 * On disk when it resolves, unless the chain is full, which its last record says. Faults: `busy`, `unavailable`,
 * `file-refused`.
 */
export async function appendToSide(trail: AuditFolder & { readonly clock: Clock }, event: AuditEvent): Promise<void> {
  const lock = await lockAuditFolder(trail.folder, LOCK_WAIT_MS);
  try {
    const ids = sideIds(trail.folder);
    for (const id of ids) {
      if (await appendTo(id, trail, event)) return;
    }
    if (ids.length >= SIDE_FILES) {
      throw new Fault('unavailable', `All ${ids.length} side files in ${trail.folder} are broken.`, {
        hint: 'Somebody changed them. Run: gatehouse audit verify',
      });
    }
    await appendTo(randomBytes(8).toString('hex'), trail, event);
  } finally {
    lock.release();
  }
}

/** Ends of side chains whose files are gone. */
export function forgetSides(tx: SqlWriter, ids: Iterable<string>): void {
  const lists = [...ids].map((id) => [sideOf(id)]);
  if (lists.length > 0) tx.later('DELETE FROM audit_heads WHERE chain = ?', lists);
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
    const room = most - events.length - 1;
    if (chain === undefined || room < 1 || isForked(chain, sealed)) continue;
    const taken = takenOf(chain, sealed);
    const records = chain.records.slice(taken, taken + room);
    const seq = taken + records.length;
    const mac = chain.macs[seq - 1];
    if (records.length === 0 || mac === undefined) continue;
    events.push({ event: 'audit.side-chain', detail: `side=${id}`, count: records.length });
    for (const { seq: _seq, found: _found, ...event } of records) events.push(event);
    await moveEnd(tx, { key, chain: sideOf(id), end: { seq, mac }, exists: sealed !== undefined });
  }
  return events;
}

/**
 * Removes the files of those that were taken over as a whole, and answers their ids; a broken one gets another name
 * when what is good of it was taken over. `ends` was read before. Takes the audit lock.
 */
export async function removeTakenSides(
  { folder, key }: AuditFolder,
  ends: ReadonlyMap<string, SealedEnd>,
  waitMs: number,
): Promise<readonly string[]> {
  if (sideIds(folder).length === 0) return [];
  const lock = await lockAuditFolder(folder, waitMs);
  try {
    const removed: string[] = [];
    for (const id of sideIds(folder)) {
      const chain = attempt(() => readSide(folder, id, key));
      if (chain === undefined || !isTaken(chain, ends.get(sideOf(id)))) continue;
      if (isSideBroken(chain, ends.get(sideOf(id)))) renameSync(sidePath(folder, id), brokenSidePath(folder, id));
      else unlinkSync(sidePath(folder, id));
      removed.push(id);
    }
    syncFolder(folder);
    return removed;
  } finally {
    lock.release();
  }
}

const LOCK_WAIT_MS = 2000;

/** Nothing of it is still to be taken over. An empty one, just begun by a writer that was killed, stays for the next one. */
function isTaken(chain: SideChain, sealed: SealedEnd | undefined): boolean {
  if (sealed === undefined) return chain.broken && chain.seq === 0;
  return sealed.authentic && (sealed.seq >= chain.seq || isForked(chain, sealed));
}

/** Where to go on in a file. */
type SideEnd = ChainEnd & {
  readonly bytes: number;
  readonly full: boolean;
  readonly broken: boolean;
};

/** What this process wrote last: nothing of a file is read again that nobody else wrote to since. */
let lastWritten: { readonly mark: string; readonly end: SideEnd } | undefined;

/** False where it is broken, or is not a file that may be used: another one has to be. */
async function appendTo(
  id: string,
  { folder, key, clock, calls = NODE_AUDIT_CALLS }: AuditFolder & { readonly clock: Clock },
  event: AuditEvent,
): Promise<boolean> {
  const path = sidePath(folder, id);
  const isNew = !sideIds(folder).includes(id);
  const fd = isNew ? openToAppend(path) : attempt(() => openToAppend(path));
  if (fd === undefined) return false;
  try {
    const known = lastWritten?.mark === markOf(fd, id, key) ? lastWritten.end : undefined;
    const end = known ?? endOf(readChain(id, readWhole({ path, what: 'audit file' }, fd), key));
    if (end.broken) return false;
    const next = nextRecord(end, event, clock);
    if (next === undefined) return true;
    if (fstatSync(fd).size > end.bytes) calls.cut(fd, end.bytes);
    const { line, mac } = encodeRecord(next, end.mac, key);
    await writeAll(calls, fd, Buffer.from(line, 'latin1'), end.bytes);
    await calls.sync(fd);
    if (end.bytes === 0) syncFolder(folder);
    const bytes = end.bytes + line.length;
    lastWritten = {
      mark: markOf(fd, id, key),
      end: { seq: next.seq, mac, bytes, full: isFullMark(next), broken: false },
    };
    return true;
  } catch (thrown) {
    throw fileFault(`The audit file ${path} could not be written`, thrown);
  } finally {
    closeSync(fd);
  }
}

function openToAppend(path: string): number {
  return openGuarded({ path, what: 'audit file' }, constants.O_RDWR | constants.O_CREAT);
}

/** Which file it is, of which key, and as it was last changed. */
function markOf(fd: number, id: string, key: Uint8Array): string {
  const { dev, ino, size, ctimeNs, mtimeNs } = fstatSync(fd, { bigint: true });
  return [dev, ino, size, ctimeNs, mtimeNs, firstSideMac(id, key)].join(' ');
}

function endOf({ seq, mac, bytes, broken, records }: SideChain): SideEnd {
  return { seq, mac, bytes, broken, full: isFullMark(records.at(-1)) };
}

function isFullMark(record: AuditRecord | undefined): boolean {
  return record?.event === 'audit.side-chain';
}

/** The last one that is allowed says that there is no more. */
function nextRecord({ seq: last, bytes, full }: SideEnd, event: AuditEvent, clock: Clock): AuditRecord | undefined {
  const seq = last + 1;
  if (seq > SIDE_RECORDS || full) return undefined;
  const at = new Date(clock.now()).toISOString();
  const isLast = seq === SIDE_RECORDS || bytes > SIDE_BYTES - ROOM_BYTES;
  return isLast ? { seq, at, event: 'audit.side-chain', detail: 'full' } : { ...event, seq, at };
}

/** For the longest record and the one that says it is full. */
const ROOM_BYTES = 32 * 1024;
