/** What an engine's own test hands to the contract suite. */

import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import { openPlainStore, type PlainStore } from '../support/plain-store.ts';
import { person } from './people.ts';

/** A fresh, empty database; its clock stands at NOON until it is set. */
export type Bench = {
  /** Another connection to the same database, as another process would have it. */
  open(): Promise<SqlEngine>;
  setNow(now: number): void;
  dispose(): Promise<void>;
};

/** A store with these users, whose two-factor is off. */
export async function storeWith(bench: Bench, ...names: readonly string[]): Promise<PlainStore> {
  const store = await openPlainStore(await bench.open());
  const added = await store.addUsers(names.map((name) => person(name, name === 'admin' ? { role: 'admin' } : {})));
  if (added.kind !== 'added') throw new Error('the bench was not empty');
  return store;
}
