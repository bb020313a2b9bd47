/** A facility as one SQLite file, made row by row in memory: no file lies about meanwhile, and nothing that was deleted comes along. */
import { makeSchema } from '../migrations.ts';
import type { SqlReader, SqlValue } from '../sql-engine.ts';
import { insertInto, TABLES, type Table } from '../tables.ts';
import { openImage, type SqljsImage } from './sqljs-image.ts';
import { loadSqljs } from './sqljs-module.ts';
import { writerOf } from './sqljs-transaction.ts';

/** Of what the transaction sees, whatever engine it is of. */
export async function sqliteFileOf(tx: SqlReader): Promise<Uint8Array> {
  const image = openImage(await loadSqljs(), undefined);
  try {
    image.begin();
    await makeSchema(writerOf(image, await tx.now()));
    for (const table of TABLES) await copyTable(tx, table, image);
    image.commit();
    return image.bytes();
  } finally {
    image.close();
  }
}

/** Rows that are handed over at once: many enough that preparing the statement counts for nothing. */
const PORTION = 500;

async function copyTable(tx: SqlReader, table: Table, image: SqljsImage): Promise<void> {
  const { name, columns } = table;
  const insert = insertInto(table);
  let portion: SqlValue[][] = [];
  await tx.each(`SELECT ${columns.join(', ')} FROM ${name}`, [], (row) => {
    portion.push(columns.map((column) => row[column] ?? null));
    if (portion.length < PORTION) return;
    image.runMany(insert, portion);
    portion = [];
  });
  image.runMany(insert, portion);
}
