/**
 * Makes the tables of one database what those of another are, row by row and cell by cell, whatever is in them already: a copy that was broken off is
 * gone on with, and a pass that changes nothing has proved that both are the same. Nothing but SQL that every engine knows.
 */
import { damaged } from '../row-cells.ts';
import type { SqlEngine, SqlReader, SqlRow, SqlValue } from '../sql-engine.ts';
import { insertInto, TABLES, type Table } from '../tables.ts';

export type Side = {
  readonly engine: SqlEngine;
  /** What stands before the names of its tables. */
  readonly prefix: string;
};

/** How many rows the copy has now, and what had to be done to it. */
export type Changes = {
  readonly rows: number;
  readonly inserted: number;
  readonly corrected: number;
  readonly deleted: number;
  /** The first row that was there and was not the same: table and key. */
  readonly firstWrong: string | undefined;
};

export type ReconcileOptions = {
  /** `look`: nothing is written, only counted. */
  readonly how: 'mend' | 'look';
  /** Rows looked at so far, in all tables. */
  readonly onProgress?: (rows: number) => void;
};

/** The copy is written in portions: killed in between, it has all portions before. Nobody else may write to either side meanwhile. */
export async function reconcile(original: Side, copy: Side, options: ReconcileOptions): Promise<Changes> {
  const counted = { rows: 0, inserted: 0, corrected: 0, deleted: 0, firstWrong: undefined as string | undefined };
  const wrong = (table: Table, row: SqlRow) => {
    counted.firstWrong ??= `${table.name} ${keyOf(table, row).join(' ')}`;
  };
  // First what is too much, or a name that somebody else has now would be in the way; rows that refer to others before those.
  for (const table of TABLES.toReversed()) {
    for await (const rows of portions(copy, table, table.key)) {
      const there = await byKey(original, table, rows, table.key);
      const surplus = rows.filter((row) => !there.has(nameOf(table, row)));
      for (const row of surplus) wrong(table, row);
      counted.deleted += surplus.length;
      if (options.how === 'mend') await remove(copy, table, surplus);
    }
  }
  for (const table of TABLES) {
    for await (const rows of portions(original, table, table.columns)) {
      const there = await byKey(copy, table, rows, table.columns);
      const missing = rows.filter((row) => !there.has(nameOf(table, row)));
      const changed = rows.filter((row) => differs(table, row, there.get(nameOf(table, row))));
      for (const row of changed) wrong(table, row);
      counted.inserted += missing.length;
      counted.corrected += changed.length;
      if (options.how === 'mend') await put(copy, table, { missing, changed });
      counted.rows += rows.length;
      options.onProgress?.(counted.rows);
    }
  }
  return counted;
}

export function isSame({ inserted, corrected, deleted }: Changes): boolean {
  return inserted + corrected + deleted === 0;
}

/** Rows of one transaction. sqljs writes its whole file for each, so they are few. */
const PORTION = 10_000;
/** Keys of one statement: every database has a limit of parameters. */
const KEYS_AT_ONCE = 500;

/** All rows in the order of the key, as the engine sorts it. */
async function* portions(
  { engine, prefix }: Side,
  table: Table,
  columns: readonly string[],
): AsyncGenerator<readonly SqlRow[]> {
  const { name, key } = table;
  const select = `SELECT ${columns.join(', ')} FROM ${prefix}${name}`;
  const order = `ORDER BY ${key.join(', ')} LIMIT ?`;
  const behind = `WHERE (${key.join(', ')}) > (${places(key.length)})`;
  let last: readonly SqlValue[] | undefined;
  for (;;) {
    const after = last;
    const rows = await engine.read((tx) =>
      after === undefined
        ? tx.all(`${select} ${order}`, [PORTION])
        : tx.all(`${select} ${behind} ${order}`, [...after, PORTION]),
    );
    if (rows.length > 0) yield rows;
    const end = rows.at(-1);
    if (end === undefined || rows.length < PORTION) return;
    last = keyOf(table, end);
  }
}

/** Rows with the same keys, by the name of the key. */
async function byKey(
  { engine, prefix }: Side,
  table: Table,
  rows: readonly SqlRow[],
  columns: readonly string[],
): Promise<ReadonlyMap<string, SqlRow>> {
  const { name, key } = table;
  const found = new Map<string, SqlRow>();
  await engine.read(async (tx: SqlReader) => {
    found.clear();
    for (let start = 0; start < rows.length; start += KEYS_AT_ONCE) {
      const keys = rows.slice(start, start + KEYS_AT_ONCE).map((row) => keyOf(table, row));
      const values = keys.map(() => `(${places(key.length)})`).join(', ');
      const sql = `SELECT ${columns.join(', ')} FROM ${prefix}${name} WHERE (${key.join(', ')}) IN (VALUES ${values})`;
      for (const row of await tx.all(sql, keys.flat())) found.set(nameOf(table, row), row);
    }
  });
  return found;
}

async function remove({ engine, prefix }: Side, table: Table, rows: readonly SqlRow[]): Promise<void> {
  if (rows.length === 0) return;
  const sql = `DELETE FROM ${prefix}${table.name} WHERE ${isKey(table)}`;
  const keys = rows.map((row) => keyOf(table, row));
  await engine.write((tx) => tx.runMany(sql, keys));
}

type Put = { readonly missing: readonly SqlRow[]; readonly changed: readonly SqlRow[] };

async function put({ engine, prefix }: Side, table: Table, { missing, changed }: Put): Promise<void> {
  if (missing.length + changed.length === 0) return;
  const named = { ...table, name: prefix + table.name };
  const update = `UPDATE ${named.name} SET ${table.columns.map((column) => `${column} = ?`).join(', ')} WHERE ${isKey(table)}`;
  await engine.write(async (tx) => {
    await tx.runMany(
      update,
      changed.map((row) => [...cellsOf(table, row), ...keyOf(table, row)]),
    );
    await tx.runMany(
      insertInto(named),
      missing.map((row) => cellsOf(table, row)),
    );
  });
}

function differs(table: Table, row: SqlRow, other: SqlRow | undefined): boolean {
  return other !== undefined && table.columns.some((column) => row[column] !== other[column]);
}

function cellsOf(table: Table, row: SqlRow): readonly SqlValue[] {
  return table.columns.map((column) => cell(row, column));
}

function keyOf(table: Table, row: SqlRow): readonly SqlValue[] {
  return table.key.map((column) => cell(row, column));
}

function nameOf(table: Table, row: SqlRow): string {
  return JSON.stringify(keyOf(table, row));
}

function isKey({ key }: Table): string {
  return key.map((column) => `${column} = ?`).join(' AND ');
}

function places(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
}

/** What an engine could not read as text, number or nothing is no cell to copy. */
function cell(row: SqlRow, column: string): SqlValue {
  const value = row[column];
  if (value === undefined) throw damaged(column);
  return value;
}
