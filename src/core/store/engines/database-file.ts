/**
 * The database file as sqljs sees it: read whole, and known again. While a version is in use its descriptor stays open, so its inode number
 * can go to no other file, and "same inode, size, times, header" means unchanged whatever the clock's tick.
 */
import { close, closeSync, constants, fstatSync, lstatSync, readSync } from 'node:fs';
import { Fault } from '../../errors.ts';
import { fileFault, shellWord } from '../../node/file-fault.ts';
import { type GuardedFile, openGuarded, readWhole } from '../../node/file-safety.ts';
import { HEADER_BYTES, refuseNoDatabase } from './sqlite-header.ts';

/** One version of the file, held open. */
export type HeldFile = {
  /** True while the path still names this version. */
  isCurrent(): boolean;
  close(): void;
};

export function guardedDatabase(path: string): GuardedFile {
  return { path, what: 'database' };
}

export function databaseExists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The checked file and its bytes. Throws Fault `unavailable` or `file-refused`. */
export function readDatabase(path: string): { readonly held: HeldFile; readonly bytes: Buffer } {
  const fd = openGuarded(guardedDatabase(path), constants.O_RDONLY);
  try {
    const held = hold(path, fd);
    const bytes = readWhole(guardedDatabase(path), fd);
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

/** sql.js knows neither of SQLite's side files: it would read an old state without an error. */
export function refuseSideFiles(path: string): void {
  for (const suffix of ['-wal', '-journal']) {
    const stats = lstatSync(path + suffix, { throwIfNoEntry: false });
    if (stats === undefined || stats.size === 0) continue;
    throw new Fault('unavailable', `The database ${path} has changes in ${path + suffix} that are not merged yet.`, {
      hint: `End the program that has it open, then merge them: sqlite3 ${shellWord(path)} 'PRAGMA wal_checkpoint(TRUNCATE)'`,
    });
  }
}

function hold(path: string, fd: number): HeldFile {
  const then = identity(fd);
  const { dev, ino } = fstatSync(fd, { bigint: true });
  return {
    isCurrent() {
      const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      return there !== undefined && there.dev === dev && there.ino === ino && identity(fd) === then;
    },
    // Not waited for: with the last descriptor of a replaced file the kernel frees its blocks.
    close: () => close(fd, () => undefined),
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
