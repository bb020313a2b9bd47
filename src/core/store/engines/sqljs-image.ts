/**
 * The database in memory. Invariant: `bytes()` is what a whole SQLite file with all committed transactions holds, or it throws; after any
 * throw the image is thrown away by its owner.
 */
import type { Database, SqlJsStatic } from 'sql.js';
import type { SqlRow, SqlValue } from '../sql-engine.ts';
import { sqliteFault } from './sqlite-fault.ts';
import { changeCounter, HEADER_BYTES, lengthByHeader } from './sqlite-header.ts';
import { type PreparedStatement, statementsOf } from './sqljs-statements.ts';

export type SqljsImage = {
  each(sql: string, params: readonly SqlValue[], visit: (row: SqlRow) => void): void;
  /** Rows touched, over all lists of parameters. */
  runMany(sql: string, lists: readonly (readonly SqlValue[])[]): number;
  begin(): void;
  commit(): void;
  rollback(): void;
  /** After a commit that changed something. */
  bytes(): Uint8Array;
  integrity(): readonly string[];
  close(): void;
};

/** `file` undefined: a new, empty database. sql.js works inside the Buffer it is given, so the caller gives it away. */
export function openImage(sqljs: SqlJsStatic, file: Buffer | undefined): SqljsImage {
  let buffer = file;
  let counterAtBegin = 0;
  let database = guarded(() => openDatabase(sqljs, buffer));
  let statements = statementsOf(database);

  function run(sql: string, lists: readonly (readonly SqlValue[])[]): number {
    return guarded(() => statements.using(sql, (prepared) => runEach(database, prepared, lists)));
  }

  return {
    each: (sql, params, visit) =>
      guarded(() => statements.using(sql, (prepared) => selectEach(prepared, params, visit))),
    runMany: run,
    begin() {
      counterAtBegin = buffer === undefined ? 0 : changeCounter(buffer);
      guarded(() => database.run(`PRAGMA ${CACHE_TO_WRITE}`));
      run('BEGIN IMMEDIATE', [[]]);
    },
    commit() {
      run('COMMIT', [[]]);
      guarded(() => database.run(`PRAGMA ${CACHE_TO_READ}`));
    },
    rollback() {
      run('ROLLBACK', [[]]);
      guarded(() => database.run(`PRAGMA ${CACHE_TO_READ}`));
    },
    bytes() {
      if (buffer !== undefined && isFileOf(buffer, counterAtBegin)) return buffer;
      return guarded(() => {
        const exported = database.export();
        database.close();
        buffer = Buffer.from(exported.buffer, exported.byteOffset, exported.byteLength);
        // Whatever export() leaves of statements and pragmas (versions differ): this is a fresh connection.
        database = openDatabase(sqljs, buffer);
        statements = statementsOf(database);
        return buffer;
      });
    },
    integrity() {
      const found: string[] = [];
      const visit = (row: SqlRow) => found.push(String(row.integrity_check));
      guarded(() => statements.using('PRAGMA integrity_check', (prepared) => selectEach(prepared, [], visit)));
      return found;
    },
    close: () => closeQuietly(database),
  };
}

/**
 * True when SQLite has written this very transaction into the buffer: the change counter in it went on, and the buffer is as long as the header
 * says. A buffer that was left for a bigger one (the file grew), or copied by another version of sql.js, fails one of the two.
 */
function isFileOf(buffer: Buffer, counterAtBegin: number): boolean {
  if (buffer.length < HEADER_BYTES) return false;
  return changeCounter(buffer) !== counterAtBegin && lengthByHeader(buffer) === buffer.length;
}

function openDatabase(sqljs: SqlJsStatic, buffer: Buffer | undefined): Database {
  const database = new sqljs.Database(buffer);
  try {
    for (const pragma of PRAGMAS) database.run(`PRAGMA ${pragma}`);
    return database;
  } catch (thrown) {
    closeQuietly(database);
    throw thrown;
  }
}

/**
 * KiB. A change has room for as many pages as a facility has: at the default of 2 MB a bulk change is spilled to the file over and over.
 * To read, the file is in memory anyway, and copies of all its pages would stay there for good.
 */
const CACHE_TO_READ = 'cache_size = -2048';
const CACHE_TO_WRITE = 'cache_size = -65536';

const PRAGMAS = [
  // Freed bytes are zeroed: a destroyed secret is gone from the file.
  'secure_delete = ON',
  // Damage inside a page is looked for, and a damaged or planted schema runs no functions.
  'cell_size_check = ON',
  'trusted_schema = OFF',
  'foreign_keys = ON',
  // What undoes a transaction needs no file of its own in a file system that is memory itself.
  'journal_mode = MEMORY',
  CACHE_TO_READ,
];

/** It may have been what failed; its memory goes with it as far as it lets us. */
function closeQuietly(database: Database): void {
  try {
    database.close();
  } catch {
    return;
  }
}

function selectEach(
  { statement, columns }: PreparedStatement,
  params: readonly SqlValue[],
  visit: (row: SqlRow) => void,
): void {
  statement.bind([...params]);
  while (statement.step()) visit(rowOf(columns, statement.get()));
}

function rowOf(columns: readonly string[], values: readonly unknown[]): SqlRow {
  const row: Record<string, SqlValue> = {};
  for (let index = 0; index < columns.length; index += 1) {
    const column = columns[index];
    const value = values[index];
    // A blob can only be damage: no column has any. The codec refuses a missing cell.
    if (column === undefined || (value !== null && typeof value !== 'string' && typeof value !== 'number')) continue;
    row[column] = value;
  }
  return row;
}

function runEach(
  database: Database,
  { statement }: PreparedStatement,
  lists: readonly (readonly SqlValue[])[],
): number {
  let touched = 0;
  for (const params of lists) {
    statement.run([...params]);
    touched += database.getRowsModified();
  }
  return touched;
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw sqliteFault(thrown);
  }
}
