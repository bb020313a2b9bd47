/**
 * The database file as sqljs sees it: read whole, and known again. While a version is in use its descriptor stays open, so its inode number
 * can go to no other file, and "same inode, size, times, header" means unchanged whatever the clock's tick.
 */
import { close, closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { Fault } from '../../errors.ts';
import { fileFault } from '../../node/file-fault.ts';
import { type GuardedFile, openGuarded, readWhole } from '../../node/file-safety.ts';
import { HEADER_BYTES, refuseNoDatabase, usesWriteAheadLog } from './sqlite-header.ts';

/** One version of the file, held open. */
export type HeldFile = {
  /** True while the path still names this version. */
  isCurrent(): boolean;
  /** True once somebody has written into it, which sqljs never does. */
  isChangedInPlace(): boolean;
  /** Not waited for: with the last descriptor of a replaced file the kernel frees its blocks. */
  close(): void;
  /** When it returns, so that it does not let go locks that SQLite takes in this process afterwards (fcntl(2)). */
  closeNow(): void;
};

export function guardedDatabase(path: string): GuardedFile {
  return { path, what: 'database' };
}

export function databaseExists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** For whoever makes a database: a log without its file would be taken for the new one's. Throws Fault `exists`. */
export function refuseExisting(path: string): void {
  const there = databaseExists(path) ? path : ['-wal', '-journal'].map((suffix) => path + suffix).find(databaseExists);
  if (there === undefined) return;
  throw new Fault('exists', `The database ${there} is there already.`, { hint: 'Nothing was overwritten.' });
}

export type ReadFile = { readonly held: HeldFile; readonly bytes: Buffer };

/**
 * The checked file and its bytes; `unmerged` where SQLite's own library has it, or had it last. Throws Fault `unavailable` or `file-refused`.
 */
export function readDatabase(path: string): ReadFile | 'unmerged' {
  if (hasUnmerged(path)) return 'unmerged';
  const fd = openGuarded(guardedDatabase(path), constants.O_RDONLY);
  try {
    const held = hold(path, fd);
    const bytes = readWhole(guardedDatabase(path), fd);
    // Looked at again: it writes into the file itself, and may have begun while we read.
    if (usesWriteAheadLog(bytes) || held.isChangedInPlace()) {
      closeSync(fd);
      return 'unmerged';
    }
    refuseNoDatabase(bytes, `The database ${path}`);
    return { held, bytes };
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
}

/** The version that was just written there. */
export function holdDatabase(path: string): HeldFile {
  const fd = openGuarded(guardedDatabase(path), constants.O_RDONLY);
  try {
    return hold(path, fd);
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
}

/** A text that changes with every write. */
export function databaseRevision(path: string): string {
  const fd = openGuarded(guardedDatabase(path), constants.O_RDONLY);
  try {
    return identity(fd);
  } finally {
    closeSync(fd);
  }
}

/** Beside a database that SQLite's own library has open: log, rollback journal, index of the log. */
export const SIDE_FILES = ['-wal', '-journal', '-shm'] as const;

export function sideFile(path: string, suffix: (typeof SIDE_FILES)[number]): GuardedFile {
  return { path: path + suffix, what: 'side file of the database', isNamed: false };
}

/**
 * True of a file without the header of a rollback journal, which SQLite passes over (https://sqlite.org/fileformat.html,
 * section 3): a killed writer leaves one, and so does whoever makes one by hand. It is not asked for its mode.
 */
export function isNoJournal(path: string): boolean {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  const header = Buffer.alloc(JOURNAL_MAGIC.length);
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      readSync(fd, header, 0, header.length, 0);
    } finally {
      closeSync(fd);
    }
  } catch {
    // The check of owner and mode says why.
    return false;
  }
  return !header.equals(JOURNAL_MAGIC);
}

const JOURNAL_MAGIC = Buffer.from('d9d505f920a163d7', 'hex');

/** Changes that are not in the file itself. */
export function hasUnmerged(path: string): boolean {
  return ['-wal', '-journal'].some((suffix) => {
    const stats = lstatSync(path + suffix, { throwIfNoEntry: false });
    return stats !== undefined && stats.size > 0;
  });
}

/** An empty file for SQLite to fill. Faults: `exists`, and those of the file system. */
export function makeEmptyDatabase(path: string): void {
  refuseExisting(path);
  closeSync(openGuarded(guardedDatabase(path), constants.O_RDWR | constants.O_CREAT | constants.O_EXCL));
}

function hold(path: string, fd: number): HeldFile {
  const then = identity(fd);
  const { dev, ino } = fstatSync(fd, { bigint: true });
  return {
    isCurrent() {
      const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      return there !== undefined && there.dev === dev && there.ino === ino && identity(fd) === then;
    },
    // A file that was replaced is whole; its times changed when it lost its name.
    isChangedInPlace: () => fstatSync(fd).nlink > 0 && identity(fd) !== then,
    close: () => close(fd, () => undefined),
    closeNow: () => closeSync(fd),
  };
}

function identity(fd: number): string {
  const { dev, ino, size, mtimeNs, ctimeNs } = fstatSync(fd, { bigint: true });
  const header = Buffer.alloc(HEADER_BYTES);
  try {
    readSync(fd, header, 0, HEADER_BYTES, 0);
  } catch (thrown) {
    throw fileFault('The database could not be read', thrown);
  }
  return [dev, ino, size, mtimeNs, ctimeNs, header.toString('base64')].join(':');
}
