/**
 * A facility of an older schema as one SQLite file of that schema: what `store upgrade` keeps of a database on a
 * server.
 */
import { openImage } from '../engines/sqljs-image.ts';
import { loadSqljs } from '../engines/sqljs-module.ts';
import { writerOf } from '../engines/sqljs-transaction.ts';
import { makeSchema } from '../migrations.ts';
import type { SqlReader, SqlRow } from '../sql-engine.ts';
import { TABLES } from '../tables.ts';

/** Columns are taken as they are found: those of an older version are listed nowhere any more. */
export async function oldSnapshot(tx: SqlReader, version: number): Promise<Uint8Array> {
  const image = openImage(await loadSqljs(), undefined);
  try {
    image.begin();
    const copy = writerOf(image, await tx.now());
    await makeSchema(copy, version);
    for (const { name } of TABLES) {
      if (!(await copy.hasTable(name))) continue;
      // What the schema puts into a new database is not what is copied.
      await copy.run(`DELETE FROM ${name}`);
      const rows: SqlRow[] = [];
      await tx.each(`SELECT * FROM ${name}`, [], (row) => rows.push(row));
      const [first] = rows;
      if (first === undefined) continue;
      const columns = Object.keys(first);
      const places = columns.map(() => '?').join(', ');
      await copy.runMany(
        `INSERT INTO ${name} (${columns.join(', ')}) VALUES (${places})`,
        rows.map((row) => columns.map((column) => row[column] ?? null)),
      );
    }
    image.commit();
    return image.bytes();
  } finally {
    image.close();
  }
}
