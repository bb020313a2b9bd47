/** What SQLite throws, as a Fault: a damaged file is a sentence and a next step, everything else a defect of ours. */
import { Fault } from '../../errors.ts';
import { forgetSqljs } from './sqljs-module.ts';

export function sqliteFault(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  if (thrown instanceof Error && MACHINE_GAVE_UP.includes(thrown.name)) {
    forgetSqljs();
    return damaged('it could not be read', thrown);
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (DAMAGE.some((words) => message.includes(words))) return damaged(message, thrown);
  return new Fault('internal', 'The database refused a statement of Gatehouse.', { cause: thrown });
}

/** What comes out of WebAssembly itself (trap, abort) and of memory that is not to be had. */
const MACHINE_GAVE_UP = ['RuntimeError', 'RangeError', 'CompileError'];

/** The words of sqlite3_errstr for SQLITE_CORRUPT, NOTADB, IOERR, FULL, FORMAT, and of a schema that is not ours. */
const DAMAGE = [
  'malformed',
  'not a database',
  'disk I/O error',
  'database or disk is full',
  'unsupported file format',
  'no such table',
  'no such column',
  'out of memory',
];

function damaged(why: string, cause: unknown): Fault {
  return new Fault('unavailable', `The database is damaged: ${why}.`, {
    cause,
    hint: 'Restore a backup with `gatehouse restore`; `gatehouse doctor` says more.',
  });
}
