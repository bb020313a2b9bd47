/** A database of the sqljs engine in a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqljs, type SqljsOptions } from '../../src/core/store/engines/sqljs.ts';
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import { openSqlStore } from '../../src/core/store/sql-store.ts';
import type { Bench } from '../store-contract/bench.ts';
import { NOON } from '../store-contract/people.ts';

export type TemporaryDatabase = Bench & {
  readonly folder: string;
  readonly path: string;
  open(more?: Partial<SqljsOptions>): Promise<SqlEngine>;
};

/** Made, with its schema and nobody in it. */
export async function temporaryDatabase(): Promise<TemporaryDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-store-'));
  const path = join(folder, 'gatehouse.db');
  let now = NOON;
  const opened: SqlEngine[] = [];
  const open = async (more: Partial<SqljsOptions> = {}) => {
    const engine = await openSqljs({ path, clock: { now: () => now }, absent: 'refuse', ...more });
    opened.push(engine);
    return engine;
  };
  const store = await openSqlStore(await open({ absent: 'create' }));
  await store.close();
  return {
    folder,
    path,
    open,
    setNow: (next) => {
      now = next;
    },
    dispose: async () => {
      for (const engine of opened) await engine.close();
      rmSync(folder, { recursive: true });
    },
  };
}
