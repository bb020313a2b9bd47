/**
 * One connection of Node's SQLite to the database file. Invariants: it opens a file that is there and passed the checks of `file-safety.ts`, and makes
 * none; a commit is on disk when `commit` returns (write-ahead log, synchronous=FULL); freed bytes are zeroed. It never waits inside
 * SQLite, which would stop the whole process: what is taken throws, and `whileBusy` asks again.
 */
import { lstatSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { Fault } from '../../errors.ts';
import { refuseUnsafeFile } from '../../node/file-safety.ts';
import type { SqlRow, SqlValue } from '../sql-engine.ts';
import { guardedDatabase, isNoJournal, SIDE_FILES, sideFile } from './database-file.ts';
import { refuseEmpty } from './sqlite-header.ts';
import { loadNodeSqlite } from './sqlite-module.ts';

export type SqliteConnection = {
  /** Statements without an answer. */
  exec(sql: string): void;
  all(sql: string, params: readonly SqlValue[]): readonly SqlRow[];
  each(sql: string, params: readonly SqlValue[], visit: (row: SqlRow) => void): void;
  /** Rows touched, over all lists of parameters. */
  runMany(sql: string, lists: readonly (readonly SqlValue[])[]): number;
  /** The view of the database that the transaction has, and with IMMEDIATE the right to write, are taken when it returns. */
  begin(kind: 'DEFERRED' | 'IMMEDIATE'): void;
  /** Whatever became of the transaction. */
  rollback(): void;
  /** Throws Fault `unavailable` once the path names another file. */
  refuseReplaced(): void;
  close(): void;
};

/** `may-be-empty` is for whoever has just made the file. Errors are those of SQLite, for `sqliteFault`, and Faults of the file. */
export function connect(path: string, content: 'has-content' | 'may-be-empty'): SqliteConnection {
  refuseUnsafeDatabase(path);
  if (content === 'has-content') refuseEmpty(lstatSync(path).size, `The database ${path}`);
  const opened = identity(path);
  const { DatabaseSync } = loadNodeSqlite();
  // As a URI, which alone can say that nothing is to be made.
  const location = pathToFileURL(path);
  location.searchParams.set('mode', 'rw');
  const database = new DatabaseSync(location, { timeout: 0, enableForeignKeyConstraints: true });
  const statements = statementsOf(database);
  const connection: SqliteConnection = {
    exec: (sql) => database.exec(sql),
    all: (sql, params) =>
      statements
        .of(sql)
        .all(...params)
        .map(rowOf),
    each(sql, params, visit) {
      for (const row of statements.of(sql).iterate(...params)) visit(rowOf(row));
    },
    runMany(sql, lists) {
      const statement = statements.of(sql);
      let touched = 0;
      for (const params of lists) touched += Number(statement.run(...params).changes);
      return touched;
    },
    begin(kind) {
      database.exec(`BEGIN ${kind}`);
      try {
        // A deferred transaction has its view from its first statement on.
        if (kind === 'DEFERRED') statements.of('SELECT 1 FROM sqlite_schema LIMIT 1').get();
      } catch (thrown) {
        connection.rollback();
        throw thrown;
      }
    },
    rollback() {
      try {
        database.exec('ROLLBACK');
      } catch {
        // After some errors SQLite has done so itself.
      }
    },
    refuseReplaced() {
      if (identity(path) !== opened) throw replaced(path);
    },
    close: () => database.close(),
  };
  try {
    for (const pragma of PRAGMAS) connection.exec(`PRAGMA ${pragma}`);
    connection.refuseReplaced();
    return connection;
  } catch (thrown) {
    connection.close();
    throw thrown;
  }
}

const PRAGMAS = [
  'synchronous = FULL',
  // macOS alone: sync to the platter, as Node's own fsync does there.
  'fullfsync = ON',
  // Freed bytes are zeroed: a destroyed secret is gone from the file.
  'secure_delete = ON',
  // No sorted or grouped secret is spilled into a file elsewhere.
  'temp_store = MEMORY',
  // Damage inside a page is looked for, and a damaged or planted schema runs no functions.
  'cell_size_check = ON',
  'trusted_schema = OFF',
  // KiB: copies of all pages that a long list has read would stay in memory. A bulk change has room all the same, and goes to the log once.
  'cache_size = -8192',
  'cache_spill = OFF',
  // Bytes that the log of a bulk change keeps of its length.
  'journal_size_limit = 4194304',
];

/** By lstat alone: opening and closing a file lets go all locks that this process has on it, SQLite's as well (fcntl(2)). */
function refuseUnsafeDatabase(path: string): void {
  if (!refuseUnsafeFile(guardedDatabase(path))) {
    throw new Fault('unavailable', `There is no database ${path}.`, {
      hint: 'Check Store.Path in config.ini, or make a facility with `gatehouse init`.',
    });
  }
  for (const suffix of SIDE_FILES) {
    if (suffix === '-journal' && isNoJournal(path + suffix)) continue;
    refuseUnsafeFile(sideFile(path, suffix));
  }
}

function identity(path: string): string {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? 'none' : `${stats.dev}:${stats.ino}`;
}

function replaced(path: string): Fault {
  return new Fault('unavailable', `The database ${path} was replaced or removed while it was in use.`, {
    hint: 'Start the console and `gatehouse serve` again; a backup is put back by `gatehouse restore`.',
  });
}

/** Prepared once a text. Lists of ids make texts without end, so they are forgotten now and then. */
function statementsOf(database: DatabaseSync): { of(sql: string): StatementSync } {
  const prepared = new Map<string, StatementSync>();
  return {
    of(sql) {
      const known = prepared.get(sql);
      if (known !== undefined) return known;
      if (prepared.size >= 200) prepared.clear();
      const statement = database.prepare(sql);
      prepared.set(sql, statement);
      return statement;
    },
  };
}

function rowOf(cells: Readonly<Record<string, unknown>>): SqlRow {
  const row: Record<string, SqlValue> = {};
  for (const column in cells) {
    const value = cells[column];
    // A blob can only be damage: no column has any. The codec refuses a missing cell.
    if (value === null || typeof value === 'string' || typeof value === 'number') row[column] = value;
  }
  return row;
}
