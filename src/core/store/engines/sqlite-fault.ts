/**
 * What SQLite throws, as a Fault: a damaged file is a sentence and a next step, everything else a defect of ours. Both SQLites speak here: sql.js
 * with messages alone, Node's with a result code as well (https://www.sqlite.org/rescode.html).
 */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '../../errors.ts';
import { errnoOf, fileFault } from '../../node/file-fault.ts';
import { forgetSqljs } from './sqljs-module.ts';

export function sqliteFault(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  const errno = errcodeOf(thrown) === IOERR_SHMSIZE ? 'ENOSPC' : ERRNO[resultCode(thrown) ?? 0];
  if (errno !== undefined)
    return fileFault('The database could not be used', Object.assign(asError(thrown), { code: errno }));
  if (isBusy(thrown)) return busyFault(thrown);
  if (thrown instanceof Error && MACHINE_GAVE_UP.includes(thrown.name)) {
    forgetSqljs();
    return damaged('it could not be read', thrown);
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (message.includes('no such table')) return tableGone(message, thrown);
  if (DAMAGE.some((words) => message.includes(words))) return damaged(message, thrown);
  return new Fault('internal', 'The database refused a statement of Gatehouse.', { cause: thrown });
}

/** Whether another process has what is wanted, so that asking again may help. */
export function isBusy(thrown: unknown): boolean {
  return BUSY.has(resultCode(thrown) ?? 0);
}

export function busyFault(cause: unknown): Fault {
  return new Fault('busy', 'The database is in use by another process for too long.', {
    cause,
    hint: 'Try again; if it stays so, look which process holds the database (fuser, lsof).',
  });
}

/**
 * The fault where its cause is another one: SQLite reports that a file cannot be made, not that the file system has no room for it. Answers
 * `fault` where there is room.
 */
export function orDiskFull(fault: unknown, path: string): unknown {
  const code = fault instanceof Fault ? errnoOf(fault.cause) : undefined;
  if (code !== 'EIO' && code !== 'EACCES') return fault;
  const { bavail, ffree, files } = statfsSync(dirname(path));
  const full = bavail === 0 || (files > 0 && ffree === 0);
  return full ? fileFault('The database could not be used', Object.assign(asError(fault), { code: 'ENOSPC' })) : fault;
}

/** The primary result code, which is the lower byte of the extended one. */
function resultCode(thrown: unknown): number | undefined {
  const code = errcodeOf(thrown);
  return code === undefined ? undefined : code & 0xff;
}

function errcodeOf(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('errcode' in thrown) || typeof thrown.errcode !== 'number') return undefined;
  return thrown.errcode;
}

/** BUSY, and PROTOCOL: its word for a race at opening. */
const BUSY: ReadonlySet<number> = new Set([5, 15]);

/** The file `-shm`, which a database with a write-ahead log needs, could not be made long enough. */
const IOERR_SHMSIZE = 4874;

/** PERM, READONLY, IOERR, FULL, CANTOPEN, as the operating system would call them. */
const ERRNO: Readonly<Record<number, string>> = { 3: 'EACCES', 8: 'EACCES', 10: 'EIO', 13: 'ENOSPC', 14: 'EACCES' };

function asError(thrown: unknown): Error {
  return new Error('SQLite', { cause: thrown });
}

/** What comes out of WebAssembly itself (trap, abort), of numbers beyond all bounds, and of memory that is not to be had. */
const MACHINE_GAVE_UP = ['RuntimeError', 'RangeError', 'CompileError'];

/** The words of sqlite3_errstr for SQLITE_CORRUPT, NOTADB, IOERR, FULL, FORMAT, and of a schema that is not ours. */
const DAMAGE = [
  'malformed',
  'not a database',
  'disk I/O error',
  'database or disk is full',
  'unsupported file format',
  'no such column',
  'out of memory',
];

/** `store migrate` takes the tables away from whoever has them open. */
function tableGone(why: string, cause: unknown): Fault {
  return new Fault('unavailable', `The database lacks a table: ${why}.`, {
    cause,
    hint: 'After `gatehouse store migrate` start what is running again; else restore a backup with `gatehouse restore`.',
  });
}

function damaged(why: string, cause: unknown): Fault {
  return new Fault('unavailable', `The database is damaged: ${why}.`, {
    cause,
    hint: 'Restore a backup with `gatehouse restore`; `gatehouse doctor` says more.',
  });
}
