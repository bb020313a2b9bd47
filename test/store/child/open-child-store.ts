/** The store as a child process of a test opens it, by the address it is given; its clock stands at NOON like the parent's. */
import { flushCompileCache } from 'node:module';
import type { Store } from '../../../src/core/ports.ts';
import { openSqlite } from '../../../src/core/store/engines/sqlite.ts';
import { openSqljs, type SqljsOptions } from '../../../src/core/store/engines/sqljs.ts';
import { openSqlStore } from '../../../src/core/store/sql-store.ts';
import { NOON } from '../../store-contract/people.ts';

export async function openChildStore(more: Partial<SqljsOptions> = {}): Promise<Store> {
  const [engine, path = ''] = (process.argv[2] ?? '').split(':');
  const options: SqljsOptions = { path, clock: { now: () => NOON }, absent: 'refuse', lockWaitMs: 60_000, ...more };
  const store = await openSqlStore(await (engine === 'sqlite' ? openSqlite : openSqljs)(options));
  // Now, since this process may never end on its own.
  flushCompileCache();
  return store;
}
