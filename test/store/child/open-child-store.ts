/** The store as a child process of a test opens it; its clock stands at NOON like the parent's. */
import { flushCompileCache } from 'node:module';
import type { Store } from '../../../src/core/ports.ts';
import { openSqljs, type SqljsOptions } from '../../../src/core/store/engines/sqljs.ts';
import { openSqlStore } from '../../../src/core/store/sql-store.ts';
import { NOON } from '../../store-contract/people.ts';

export async function openChildStore(more: Partial<SqljsOptions> = {}): Promise<Store> {
  const path = process.argv[2] ?? '';
  const options: SqljsOptions = { path, clock: { now: () => NOON }, absent: 'refuse', lockWaitMs: 60_000 };
  const store = await openSqlStore(await openSqljs({ ...options, ...more }));
  // Now, since this process may never end on its own.
  flushCompileCache();
  return store;
}
