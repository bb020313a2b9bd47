/** One transaction over a connection, as the store sees it. */
import type { EpochMs } from '../../user.ts';
import type { SqlReader, SqlWriter } from '../sql-engine.ts';
import type { SqliteConnection } from './sqlite-connection.ts';
import { destroys } from './sqlite-destroying.ts';

export function readerOf(connection: SqliteConnection, now: EpochMs): SqlReader {
  return {
    now: async () => now,
    all: async (sql, params = []) => connection.all(sql, params),
    each: async (sql, params, visit) => connection.each(sql, params, visit),
    hasTable: async (name) =>
      connection.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?", [name]).length > 0,
  };
}

/** What it has done so far: `destroyed` where something must be readable nowhere from now on. */
export type Done = { readonly changed: boolean; readonly destroyed: boolean };

export function writerOf(connection: SqliteConnection, now: EpochMs): SqlWriter & { done(): Done } {
  let changed = false;
  let destroyed = false;
  const count = (sql: string, touched: number) => {
    if (touched > 0) changed = true;
    if (touched > 0 && destroys(sql)) destroyed = true;
    return touched;
  };
  return {
    ...readerOf(connection, now),
    later: (sql, lists) => void count(sql, connection.runMany(sql, lists)),
    run: async (sql, params = []) => count(sql, connection.runMany(sql, [params])),
    runMany: async (sql, lists) => count(sql, connection.runMany(sql, lists)),
    define: async (sql) => {
      connection.exec(sql);
      changed = true;
      destroyed = true;
    },
    dialect: { lockRows: '', clustered: ' WITHOUT ROWID', trail: 'files' },
    done: () => ({ changed, destroyed }),
  };
}
