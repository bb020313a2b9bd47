/**
 * One turn of writing to the audit trail, under its lock: find the end, write, sync, note the head. The head is written after
 * the records are on the disk and needs no sync of its own: one that lags is found out by the chain (audit-tail.ts).
 */
import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AuditEvent } from '../audit-event.ts';
import type { Clock } from '../ports.ts';
import { type AuditHead, decodeHead, EMPTY_HEAD, encodeHead, HEAD_FILE } from './audit-head.ts';
import { encodeRecord } from './audit-record.ts';
import { SEGMENT_RECORDS, segmentOf, segmentStarts } from './audit-segment.ts';
import { type AuditTail, tailBehind, tailWithoutHead } from './audit-tail.ts';
import { fileFault } from './file-fault.ts';
import { acquireFileLock } from './file-lock.ts';
import { openGuarded, readWhole } from './file-safety.ts';

export type AuditFolder = {
  /** Of the Audit.Path setting; made when it is missing. */
  readonly folder: string;
  /** The key file's audit key. */
  readonly key: Uint8Array;
  readonly clock: Clock;
  readonly calls?: AuditCalls;
};

/** The system calls that put records on the disk; tests put failing ones in their place. */
export type AuditCalls = {
  /** How many bytes were written, which may be fewer than asked. */
  write(fd: number, bytes: Uint8Array, position: number): Promise<number>;
  sync(fd: number): Promise<void>;
};

/** All on disk when it resolves. Rejects with Fault `unavailable`, `file-refused` or `busy`. */
export async function appendTogether(trail: AuditFolder, events: readonly AuditEvent[]): Promise<void> {
  makeFolder(trail.folder);
  const path = join(trail.folder, LOCK_FILE);
  const lock = await acquireFileLock({ path, waitMs: LOCK_WAIT_MS, what: 'audit trail' });
  try {
    await appendLocked(trail, events);
  } finally {
    lock.release();
  }
}

const LOCK_FILE = 'lock';
/** A turn takes milliseconds; whoever waits this long waits for a stopped process. */
const LOCK_WAIT_MS = 10_000;

const NODE_AUDIT_CALLS: AuditCalls = {
  // Into the system's memory: another thread would take longer to wake up.
  write: async (fd, bytes, position) => writeSync(fd, bytes, 0, bytes.length, position),
  sync: promisify(fdatasync),
};

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw fileFault(`The audit folder ${folder} could not be made`, thrown);
  }
}

async function appendLocked(trail: AuditFolder, events: readonly AuditEvent[]): Promise<void> {
  const file = { path: join(trail.folder, HEAD_FILE), what: 'audit head' };
  const headFd = openGuarded(file, constants.O_RDWR | constants.O_CREAT);
  try {
    let left = events;
    let tail = await findTail(trail, decodeHead(readWhole(file, headFd), trail.key), headFd);
    while (left.length > 0) {
      const room = SEGMENT_RECORDS - (tail.seq % SEGMENT_RECORDS);
      const head = await writeRecords(trail, tail, left.slice(0, room));
      await writeHead(trail, headFd, head);
      left = left.slice(room);
      tail = { ...head, end: head.seq % SEGMENT_RECORDS === 0 ? 0 : head.end, midLine: false, found: undefined };
    }
  } finally {
    closeSync(headFd);
  }
}

async function findTail(trail: AuditFolder, head: AuditHead | undefined, headFd: number): Promise<AuditTail> {
  if (head) return tailBehind(trail.folder, head, trail.key);
  const starts = await segmentStarts(trail.folder);
  if (starts.length > 0) return tailWithoutHead(trail.folder);
  // The first head goes before the first record, so that a head that is missing later on means something.
  await writeHead(trail, headFd, EMPTY_HEAD);
  return { ...EMPTY_HEAD, midLine: false, found: undefined };
}

async function writeRecords(trail: AuditFolder, tail: AuditTail, events: readonly AuditEvent[]): Promise<AuditHead> {
  const { folder, calls = NODE_AUDIT_CALLS } = trail;
  const path = segmentOf(folder, tail.seq + 1);
  const { text, seq, mac } = chainRecords(trail, tail, events);
  const fd = openGuarded({ path, what: 'audit file' }, constants.O_RDWR | constants.O_CREAT);
  try {
    const { size } = fstatSync(fd);
    if (size > tail.end) ftruncateSync(fd, tail.end);
    await writeAll(calls, fd, Buffer.from(text, 'latin1'), tail.end);
    await calls.sync(fd);
    if (size === 0) syncFolder(folder);
    return { seq, mac, end: tail.end + text.length };
  } catch (thrown) {
    takeBack(fd, tail.end);
    throw fileFault(`The audit file ${path} could not be written`, thrown);
  } finally {
    closeSync(fd);
  }
}

function chainRecords({ key, clock }: AuditFolder, tail: AuditTail, events: readonly AuditEvent[]) {
  const at = new Date(clock.now()).toISOString();
  let { seq, mac, found } = tail;
  let text = tail.midLine ? '\n' : '';
  for (const event of events) {
    seq += 1;
    const encoded = encodeRecord({ ...event, seq, at, ...(found ? { found } : {}) }, mac, key);
    text += encoded.line;
    mac = encoded.mac;
    found = undefined;
  }
  return { text, seq, mac };
}

async function writeHead(trail: AuditFolder, headFd: number, head: AuditHead): Promise<void> {
  const { position, bytes } = encodeHead(head, trail.key);
  try {
    await writeAll(trail.calls ?? NODE_AUDIT_CALLS, headFd, bytes, position);
  } catch (thrown) {
    throw fileFault(`The audit head in ${trail.folder} could not be written`, thrown);
  }
}

/** A full disk makes short writes before it makes errors: every count is checked. */
async function writeAll(calls: AuditCalls, fd: number, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const count = await calls.write(fd, bytes.subarray(done), position + done);
    if (count <= 0) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
    done += count;
  }
}

/** What was not acknowledged does not stay, so that nothing is found there that was answered with an error. */
function takeBack(fd: number, end: number): void {
  try {
    ftruncateSync(fd, end);
  } catch {
    // The next writer cuts it off.
  }
}

/** The name of a new segment is as durable as what is in it. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
