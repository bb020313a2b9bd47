/**
 * Invariant: when it resolves, the file has exactly these bytes and a power cut cannot take them back; when it rejects before the rename,
 * the old file is untouched. Every count is checked, file and folder are synced (write-file-atomic does neither).
 */
import * as fs from 'node:fs';
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { Fault } from '../errors.ts';
import { errnoOf, fileFault } from './file-fault.ts';
import { irregularFault } from './file-safety.ts';

/** The system calls of a durable write; tests put failing ones in their place. */
export type FileCalls = {
  open(path: string, flags: number, mode: number): Promise<number>;
  /** How many bytes were written, which may be fewer than asked. */
  write(fd: number, bytes: Uint8Array, offset: number, length: number): Promise<number>;
  size(fd: number): Promise<number>;
  fsync(fd: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  close(fd: number): Promise<void>;
};

const writeCall = promisify(fs.write);

/**
 * What waits for the disk, or copies much, goes to another thread. The others take microseconds, and to hand one over and hear of its end costs
 * more processor time than all of them together.
 */
export const NODE_FILE_CALLS: FileCalls = {
  open: async (path, flags, mode) => fs.openSync(path, flags, mode),
  write: async (fd, bytes, offset, length) => {
    if (length <= WRITTEN_AT_ONCE) return fs.writeSync(fd, bytes, offset, length, offset);
    return (await writeCall(fd, bytes, offset, length, offset)).bytesWritten;
  },
  size: async (fd) => fs.fstatSync(fd).size,
  fsync: promisify(fs.fsync),
  rename: async (from, to) => fs.renameSync(from, to),
  unlink: async (path) => fs.unlinkSync(path),
  close: async (fd) => fs.closeSync(fd),
};

/** Bytes that the system takes into its memory in less time than another thread takes to wake up. */
const WRITTEN_AT_ONCE = 1024 * 1024;

export type DurableWrite = {
  readonly path: string;
  /** A name in the same folder; whoever writes `path` is alone in using it. A left-over of a killed writer is removed first. */
  readonly temporary: string;
  readonly bytes: Uint8Array;
  /** For sentences: "database". */
  readonly what: string;
  readonly calls?: FileCalls;
};

/** Replaces the file as a whole, mode 0600. Rejects with Fault `unavailable`. */
export async function writeDurably(write: DurableWrite): Promise<void> {
  const calls = write.calls ?? NODE_FILE_CALLS;
  try {
    await removeLeftOver(calls, write.temporary);
    await writeTemporary(calls, write);
    await calls.rename(write.temporary, write.path);
    await syncFolder(calls, dirname(write.path));
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    await removeLeftOver(calls, write.temporary).catch(() => undefined);
    throw fileFault(`The ${write.what} ${write.path} could not be written`, thrown);
  }
}

async function writeTemporary(calls: FileCalls, { temporary, bytes }: DurableWrite): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const fd = await calls.open(temporary, flags, 0o600);
  try {
    await writeAll(calls, fd, bytes);
    await calls.fsync(fd);
  } finally {
    await calls.close(fd);
  }
}

async function writeAll(calls: FileCalls, fd: number, bytes: Uint8Array): Promise<void> {
  let offset = 0;
  while (offset < bytes.length) {
    const count = await calls.write(fd, bytes, offset, bytes.length - offset);
    if (count <= 0) throw shortWrite();
    offset += count;
  }
  if ((await calls.size(fd)) !== bytes.length) throw shortWrite();
}

function shortWrite(): Error {
  return Object.assign(new Error('short write'), { code: 'ENOSPC' });
}

async function syncFolder(calls: FileCalls, folder: string): Promise<void> {
  // Windows opens no folders; there a rename is the file system's own journal's affair.
  if (process.platform === 'win32') return;
  const fd = await calls.open(folder, constants.O_RDONLY | constants.O_DIRECTORY, 0);
  try {
    await calls.fsync(fd);
  } finally {
    await calls.close(fd);
  }
}

async function removeLeftOver(calls: FileCalls, path: string): Promise<void> {
  try {
    await calls.unlink(path);
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return;
    // Linux says EISDIR of a folder, other systems EPERM.
    if (fs.lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
      throw irregularFault({ path, what: 'temporary file' });
    throw thrown;
  }
}
