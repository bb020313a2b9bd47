/** One transaction over the image in memory, as the store sees it. */
import type { EpochMs } from '../../user.ts';
import type { SqlReader, SqlRow, SqlWriter } from '../sql-engine.ts';
import type { SqljsImage } from './sqljs-image.ts';

export function readerOf(image: SqljsImage, now: EpochMs): SqlReader {
  const all: SqlReader['all'] = async (sql, params = []) => {
    const rows: SqlRow[] = [];
    image.each(sql, params, (row) => rows.push(row));
    return rows;
  };
  return {
    now: async () => now,
    all,
    each: async (sql, params, visit) => image.each(sql, params, visit),
    hasTable: async (name) =>
      (await all("SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?", [name])).length > 0,
  };
}

export function writerOf(image: SqljsImage, now: EpochMs): SqlWriter & { hasChanged(): boolean } {
  let changed = false;
  const count = (touched: number) => {
    if (touched > 0) changed = true;
    return touched;
  };
  return {
    ...readerOf(image, now),
    later: (sql, lists) => void count(image.runMany(sql, lists)),
    run: async (sql, params = []) => count(image.runMany(sql, [params])),
    runMany: async (sql, lists) => count(image.runMany(sql, lists)),
    define: async (sql) => {
      image.runMany(sql, [[]]);
      changed = true;
    },
    dialect: { lockRows: '', clustered: ' WITHOUT ROWID', trail: 'files' },
    hasChanged: () => changed,
  };
}
