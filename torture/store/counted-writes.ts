/**
 * Writes whose traces in the data can be counted, whoever else writes at the same time: what is there of each kind, and what the trail says of it, have to
 * be the same. `w` is a number of a writer that no other one has.
 */
import { userCounter } from '../../src/core/lockout.ts';
import type { AuditRecord } from '../../src/core/node/audit-record.ts';
import { integer, text } from '../../src/core/store/row-cells.ts';
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import type { PlainStore } from '../../test/support/plain-store.ts';
import type { Random } from '../random.ts';
import { idOf, person, RULES } from './any-write.ts';

export type CountedWrite = 'add' | 'edit' | 'fail';

export function anyCountedWrite(random: Random): CountedWrite {
  return random.pick(['add', 'edit', 'fail', 'fail']);
}

export async function doWrite(store: PlainStore, what: CountedWrite, name: string): Promise<void> {
  switch (what) {
    case 'add':
      await store.addUsers([person(name)]);
      return;
    case 'edit':
      await store.editUser({ id: idOf('alice'), changes: { display: name } });
      return;
    case 'fail':
      await store.claimTimeStep({ userId: idOf('bob'), pairingId: 'p-bob', step: null, rules: RULES });
      return;
  }
}

export type Counted = {
  /** Ids of all that were added, in no order. */
  readonly added: ReadonlySet<string>;
  readonly edits: number;
  readonly failures: number;
};

/** By the tables themselves. */
export function countedIn(engine: SqlEngine): Promise<Counted> {
  return engine.read(async (tx) => {
    const users = await tx.all('SELECT id, edit_version FROM users');
    const [failures] = await tx.all("SELECT failures FROM failures WHERE counter = ? AND factor = 'code'", [
      userCounter(idOf('bob')),
    ]);
    const alice = users.find((row) => row.id === idOf('alice'));
    return {
      added: new Set(users.map((row) => text(row, 'id'))),
      edits: alice === undefined ? 0 : integer(alice, 'edit_version'),
      failures: failures === undefined ? 0 : integer(failures, 'failures'),
    };
  });
}

/** By the trail. Throws where it has one that was added twice. */
export function countedBy(records: readonly AuditRecord[]): Counted {
  const ids = records.flatMap(({ event, userId, userIds }) =>
    event === 'user.added' ? (userIds ?? [userId ?? '']) : [],
  );
  const added = new Set(ids);
  if (added.size < ids.length) throw new Error('the trail has a user twice that was added once');
  const of = (name: AuditRecord['event'], id: string) =>
    records.filter(({ event, userId }) => event === name && userId === id).length;
  return { added, edits: of('user.edited', idOf('alice')), failures: of('code.wrong', idOf('bob')) };
}
