/** All rows of a facility replaced by those of another copy, in one transaction: whoever reads meanwhile has the one or the other. */
import type { SqlReader, SqlValue, SqlWriter } from './sql-engine.ts';
import { insertInto, TABLES } from './tables.ts';

export async function refill(tx: SqlWriter, from: SqlReader): Promise<void> {
  for (const { name } of TABLES.toReversed()) await tx.run(`DELETE FROM ${name}`);
  for (const table of TABLES) {
    const rows: SqlValue[][] = [];
    await from.each(`SELECT ${table.columns.join(', ')} FROM ${table.name}`, [], (row) => {
      rows.push(table.columns.map((column) => row[column] ?? null));
    });
    await tx.runMany(insertInto(table), rows);
  }
}
