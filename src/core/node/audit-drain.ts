/**
 * Draining: copies the records that transactions have queued in the database to the files. Invariants: only committed
 * rows are copied, so the files are never ahead of the database; killed between any two calls, the next drain goes
 * on, and no record is lost or there twice; files that have other records than the rows are not written to. Nobody
 * waits for the store while the audit lock is held.
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
import { Fault } from '../errors.ts';
import { type DurableEnd, END_FILE, encodeEnd, endsLine, type FileEnd, fileEnd, NO_RECORD } from './audit-file-end.ts';
import { authenticMac, RECORD_MAX_BYTES, statedMac } from './audit-record.ts';
import type { Row } from './audit-rows.ts';
import { SEGMENT_RECORDS, segmentOf, segmentStarts } from './audit-segment.ts';
import { fileFault } from './file-fault.ts';
import { acquireFileLock, type FileLock } from './file-lock.ts';
import { openGuarded } from './file-safety.ts';
import { fenceVersion1, hasMarkOfVersion1 } from './version-1-fence.ts';

export type AuditFolder = {
  /** Of the Audit.Path setting; made when it is missing. */
  readonly folder: string;
  /** The key file's audit key. */
  readonly key: Uint8Array;
  readonly calls?: AuditCalls;
};

/** The system calls that change the files; tests put failing ones in their place. */
export type AuditCalls = {
  /** How many bytes were written, which may be fewer than asked. */
  write(fd: number, bytes: Uint8Array, position: number): Promise<number>;
  sync(fd: number): Promise<void>;
  /** Cuts the file off at that size. */
  cut(fd: number, size: number): void;
};

/**
 * `rows`: in order, as they are committed. Faults: `unavailable`, `file-refused`, and `busy` where the files have
 * other records.
 */
export async function drainRows(trail: AuditFolder, rows: readonly Row[], waitMs: number): Promise<void> {
  if (rows.length === 0) return;
  const lock = await lockAuditFolder(trail.folder, waitMs);
  try {
    // A database of this version wrote the rows. A mark of version 1 stays all the same: the upgrade finishes with it.
    if (!hasMarkOfVersion1(trail.folder)) fenceVersion1(trail.folder);
    await drainLocked(trail, rows);
  } finally {
    lock.release();
  }
}

/** Makes the folder where it is missing. */
export async function lockAuditFolder(folder: string, waitMs: number): Promise<FileLock> {
  makeFolder(folder);
  return acquireFileLock({ path: join(folder, LOCK_FILE), waitMs, what: 'audit trail' });
}

/** The name of a new file is as durable as what is in it. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** A full disk makes short writes before it makes errors: every count is checked. */
export async function writeAll(calls: AuditCalls, fd: number, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const count = await calls.write(fd, bytes.subarray(done), position + done);
    if (count <= 0) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
    done += count;
  }
}

export const NODE_AUDIT_CALLS: AuditCalls = {
  // Into the system's memory: another thread would take longer to wake up.
  write: async (fd, bytes, position) => writeSync(fd, bytes, 0, bytes.length, position),
  sync: promisify(fdatasync),
  cut: ftruncateSync,
};

const LOCK_FILE = 'lock';

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw fileFault(`The audit folder ${folder} could not be made`, thrown);
  }
}

async function drainLocked(trail: AuditFolder, rows: readonly Row[]): Promise<void> {
  const found = knownBy(rows, await fileEnd(trail.folder, trail.key), trail);
  const fd = openGuarded(
    { path: join(trail.folder, END_FILE), what: 'audit file' },
    constants.O_RDWR | constants.O_CREAT,
  );
  try {
    // Noted before the first record, so that an end which is missing later on means something, and before anything
    // goes behind a gap.
    if (!found.noted) await noteBefore(trail, fd, found);
    let reached: FileEnd = found;
    for (const part of inSegments(rows.filter(({ seq }) => seq > found.seq))) {
      const end = await writeRows(trail, reached, part);
      await noteEnd(trail, fd, end);
      reached = { ...found, ...end, end: end.seq % SEGMENT_RECORDS === 0 ? 0 : end.end, durableSeq: end.seq };
    }
    if (reached.authentic && reached.seq > reached.durableSeq) await noteFound(trail, fd, reached);
  } finally {
    closeSync(fd);
  }
}

async function noteBefore(trail: AuditFolder, fd: number, found: FileEnd): Promise<void> {
  if ((await segmentStarts(trail.folder)).length === 0) await noteEnd(trail, fd, NO_RECORD);
  else if (found.authentic && found.seq > 0) await noteFound(trail, fd, found);
}

/**
 * The same record in both is the same, and the first new one continues the files; else they are of another database.
 */
function knownBy(rows: readonly Row[], files: FileEnd, { folder, key }: AuditFolder): FileEnd {
  const same = rows.find(({ seq }) => seq === files.seq);
  const next = rows.find(({ seq }) => seq === files.seq + 1);
  const isSame = same === undefined ? undefined : statedMac(same.line) === files.mac;
  const fits = next === undefined ? undefined : authenticMac(next.line, files.mac, key) !== undefined;
  const differs = isSame === false || fits === false;
  if (!differs && (files.authentic || isSame === true || fits === true)) return { ...files, authentic: true };
  // Anybody could have written the last line: all rows go behind it.
  if (!files.authentic) return { ...files, seq: (rows[0]?.seq ?? 1) - 1 };
  throw new Fault('busy', `The audit files in ${folder} have other records than the database.`, {
    hint: 'Run: gatehouse audit verify',
  });
}

function inSegments(rows: readonly Row[]): readonly (readonly Row[])[] {
  const parts = new Map<number, Row[]>();
  for (const row of rows) {
    const segment = Math.floor((row.seq - 1) / SEGMENT_RECORDS);
    const part = parts.get(segment);
    if (part === undefined) parts.set(segment, [row]);
    else part.push(row);
  }
  return [...parts.values()];
}

async function writeRows(trail: AuditFolder, reached: FileEnd, rows: readonly Row[]): Promise<DurableEnd> {
  const { folder, calls = NODE_AUDIT_CALLS } = trail;
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return reached;
  const path = segmentOf(folder, first.seq);
  const fd = openGuarded({ path, what: 'audit file' }, constants.O_RDWR | constants.O_CREAT);
  let start: number | undefined;
  try {
    const { size } = fstatSync(fd);
    // Behind a gap that reaches into another segment, what is in that one already stays.
    start = path === segmentOf(folder, reached.seq + 1) ? Math.min(reached.end, size) : size;
    if (size > start) calls.cut(fd, start);
    const text = `${endsLine(fd, start) ? '' : '\n'}${rows.map(({ line }) => `${oneLine(line)}\n`).join('')}`;
    await writeAll(calls, fd, Buffer.from(text, 'latin1'), start);
    await calls.sync(fd);
    if (start === 0) syncFolder(folder);
    return { seq: last.seq, mac: statedMac(last.line), end: start + text.length };
  } catch (thrown) {
    takeBack(calls, fd, start);
    throw fileFault(`The audit file ${path} could not be written`, thrown);
  } finally {
    closeSync(fd);
  }
}

/** As the journal writes it; whatever else somebody puts into a row takes one line all the same. */
function oneLine(line: string): string {
  return line.slice(0, RECORD_MAX_BYTES).replaceAll(/[^\x20-\x7e]/g, '?');
}

/** A drain was killed between writing and noting. */
async function noteFound(trail: AuditFolder, fd: number, { seq, mac, end }: FileEnd): Promise<void> {
  const path = segmentOf(trail.folder, seq);
  const segment = openGuarded({ path, what: 'audit file' }, constants.O_RDWR);
  try {
    await (trail.calls ?? NODE_AUDIT_CALLS).sync(segment);
    await noteEnd(trail, fd, { seq, mac, end: seq % SEGMENT_RECORDS === 0 ? fstatSync(segment).size : end });
  } catch (thrown) {
    throw fileFault(`The audit file ${path} could not be written`, thrown);
  } finally {
    closeSync(segment);
  }
}

/** Synced: rows up to there are deleted from the database. */
async function noteEnd(trail: AuditFolder, fd: number, end: DurableEnd): Promise<void> {
  const { position, bytes } = encodeEnd(end, trail.key);
  const calls = trail.calls ?? NODE_AUDIT_CALLS;
  try {
    await writeAll(calls, fd, bytes, position);
    await calls.sync(fd);
  } catch (thrown) {
    throw fileFault(`The end of the audit trail in ${trail.folder} could not be noted`, thrown);
  }
}

/** The next drain writes it again. */
function takeBack(calls: AuditCalls, fd: number, end: number | undefined): void {
  try {
    if (end !== undefined) calls.cut(fd, end);
  } catch {
    // The next drain cuts it off.
  }
}
