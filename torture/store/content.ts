/** What a database holds, as one text that is the same exactly where every row of every table is. */
import { createHash } from 'node:crypto';
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';

const TABLES = ['users', 'failures', 'recovery_codes', 'one_time_codes', 'schema_version'];

export function contentOf(engine: SqlEngine): Promise<string> {
  return engine.read(async (tx) => {
    const hash = createHash('sha256');
    for (const table of TABLES) {
      const rows = await tx.all(`SELECT * FROM ${table}`);
      hash.update(JSON.stringify([table, rows.map((row) => JSON.stringify(row)).toSorted()]));
    }
    return hash.digest('hex');
  });
}
