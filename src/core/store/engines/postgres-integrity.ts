/**
 * Whether the database is whole, as far as SQL can see: every row is read (the server checks its pages on the way), what has to be there once is there once
 * by the rows as well as by the index (one that another version of the C library sorted otherwise finds some no more), and what refers to a user refers to one.
 */

import { integer } from '../row-cells.ts';
import type { SqlReader } from '../sql-engine.ts';
import { TABLES } from '../tables.ts';

/** `['ok']`, or what is amiss. */
export async function integrityOf(tx: SqlReader): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name, key, columns } of TABLES) {
    const lengths = columns.map((column) => `COALESCE(LENGTH(CAST(${column} AS TEXT)), 0)`).join(' + ');
    await tx.all(`SELECT COALESCE(SUM(${lengths}), 0) AS characters FROM ${name}`);
    if ((await repeats(tx, name, key.join(', '))) > 0) found.push(`two rows of ${name} have one key`);
  }
  if ((await repeats(tx, 'users', 'name_key')) > 0) found.push('two users have one name');
  for (const table of ['recovery_codes', 'one_time_codes']) {
    const orphans = `SELECT COUNT(*) AS rows_left FROM ${table} c LEFT JOIN users u ON u.id = c.user_id WHERE u.id IS NULL`;
    if ((await count(tx, orphans)) > 0) found.push(`${table} has codes of nobody`);
  }
  return found.length === 0 ? ['ok'] : found;
}

function repeats(tx: SqlReader, table: string, columns: string): Promise<number> {
  return count(
    tx,
    `SELECT COUNT(*) AS rows_left FROM (SELECT ${columns} FROM ${table} GROUP BY ${columns} HAVING COUNT(*) > 1) AS repeated`,
  );
}

async function count(tx: SqlReader, sql: string): Promise<number> {
  const [row] = await tx.all(sql);
  return row === undefined ? 0 : integer(row, 'rows_left');
}
