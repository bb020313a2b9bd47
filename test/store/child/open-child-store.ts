/** The store as a child process of a test opens it, by the address it is given; its clock stands at NOON like the parent's. */
import { flushCompileCache } from 'node:module';

import { openPostgres } from '../../../src/core/store/engines/postgres.ts';
import { openSqlite } from '../../../src/core/store/engines/sqlite.ts';
import { openSqljs, type SqljsOptions } from '../../../src/core/store/engines/sqljs.ts';
import { NOON } from '../../store-contract/people.ts';
import { openPlainStore, type PlainStore } from '../../support/plain-store.ts';

export async function openChildStore(more: Partial<SqljsOptions> = {}): Promise<PlainStore> {
  const [, engine, place = ''] = /^(\w+):(.*)$/.exec(process.argv[2] ?? '') ?? [];
  const clock = { now: () => NOON };
  const options: SqljsOptions = { path: place, clock, absent: 'refuse', lockWaitMs: 60_000, ...more };
  const store = await openPlainStore(
    engine === 'postgres'
      ? await openPostgres({ url: place, clock, absent: 'refuse' })
      : await (engine === 'sqlite' ? openSqlite : openSqljs)(options),
  );
  // Now, since this process may never end on its own.
  flushCompileCache();
  return store;
}
