/**
 * The write-ahead log beside the file: emptied, so that nothing destroyed is left in it, and merged for good, when sqljs is to have the file. sql.js
 * knows nothing of a log: it would read a former state without an error.
 */
import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '../../errors.ts';
import { shellWord } from '../../node/file-fault.ts';
import { hasUnmerged, SIDE_FILES } from './database-file.ts';
import { connect, type SqliteConnection } from './sqlite-connection.ts';
import { isBusy, sqliteFault } from './sqlite-fault.ts';

/** Everything goes into the file, and the log is cut to nothing. False where others read all the while: it has to be tried again. */
export async function emptyLog(connection: SqliteConnection, waitMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + waitMs;
  do {
    if (isEmptied(connection)) return true;
    await pause(2);
  } while (performance.now() < giveUpAt);
  return false;
}

function isEmptied(connection: SqliteConnection): boolean {
  try {
    const [row] = connection.all('PRAGMA wal_checkpoint(TRUNCATE)', []);
    return row?.busy === 0;
  } catch {
    // What was committed stays committed, whatever became of this.
    return false;
  }
}

/**
 * Gives the file back to sqljs: log or journal of whoever died or closed are merged, and none is kept from then on. The caller holds `<db>.lock`
 * alone, so only programs other than Gatehouse can be in the way; they get a sentence.
 */
export function mergeLog(path: string): void {
  let connection: SqliteConnection | undefined;
  try {
    connection = connect(path, 'has-content');
    const [row] = connection.all('PRAGMA journal_mode = DELETE', []);
    // Fails while anybody else reads or writes.
    connection.exec('BEGIN EXCLUSIVE');
    // Changes in a journal are taken back by now. One that is left is of a writer who was killed before he changed the file.
    rmSync(`${path}-journal`, { force: true });
    connection.exec('COMMIT');
    if (row?.journal_mode !== 'delete') throw inUse(path);
  } catch (thrown) {
    throw isBusy(thrown) ? inUse(path) : sqliteFault(thrown);
  } finally {
    connection?.close();
  }
}

/**
 * For whoever replaces the file as a whole and holds `<db>.lock` alone: a log that stayed would be taken for the new file's. What it has goes into the file
 * first, so that somebody who is stopped here has lost nothing; where the file is too damaged for that, the log goes all the same.
 */
export function dropLog(path: string): void {
  try {
    if (hasUnmerged(path)) mergeLog(path);
  } catch {
    // It is about to be replaced.
  }
  for (const suffix of SIDE_FILES) rmSync(path + suffix, { force: true });
}

function inUse(path: string): Fault {
  return new Fault('unavailable', `The database ${path} is open in another program, with changes in ${path}-wal.`, {
    hint: `End that program: fuser ${shellWord(path)} names it.`,
  });
}
