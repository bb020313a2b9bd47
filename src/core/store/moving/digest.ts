/** What is in a facility, as one number a table: for two SQLite engines that have the same file, one after the other. */
import { createHash } from 'node:crypto';
import type { SqlEngine } from '../sql-engine.ts';
import { TABLES } from '../tables.ts';

/** `sha256` over all cells of all rows, in the order of the key. */
export type TableDigest = { readonly table: string; readonly rows: number; readonly sha256: string };

export function facilityDigest(engine: SqlEngine): Promise<readonly TableDigest[]> {
  return engine.read(async (tx) => {
    const digests: TableDigest[] = [];
    for (const { name, columns, key } of TABLES) {
      const hash = createHash('sha256');
      let rows = 0;
      await tx.each(`SELECT ${columns.join(', ')} FROM ${name} ORDER BY ${key.join(', ')}`, [], (row) => {
        rows += 1;
        hash.update(`${JSON.stringify(columns.map((column) => row[column]))}\n`);
      });
      digests.push({ table: name, rows, sha256: hash.digest('hex') });
    }
    return digests;
  });
}
