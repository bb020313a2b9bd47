/** Whoever holds the database's lock is stopped: nobody gets it in the meantime, however long that is. Then it is killed: the others get it one by one. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Torment, Victim } from '../torment.ts';

export const heldLocks: Torment = {
  name: 'held-locks',
  about:
    'a holder of the lock stopped (SIGSTOP) with 64 waiting, then killed or let go on: none before, then each in turn, never two',
  counted: 'holders stopped',
  goals: { short: 2, long: 500 },
  open: victim,
};

const PROCESSES = 4;
const WAITERS_EACH = 16;
const HOLDER = join(import.meta.dirname, '../../test/store/child/hold-lock.ts');
const WAITER = join(import.meta.dirname, '../child/hold-in-turn.ts');

async function victim(folder: string): Promise<Victim> {
  const lock = join(folder, 'gatehouse.db.lock');
  const mark = join(folder, 'held');
  const start = (file: string, ...args: readonly string[]): ChildProcess => fork(file, args, { execArgv: [] });
  const waiters = Array.from({ length: PROCESSES }, () => start(WAITER, lock, mark));
  await Promise.all(waiters.map((waiter) => once(waiter, 'message')));
  return {
    async round(random) {
      const holder = start(HOLDER, lock);
      await once(holder, 'message');
      holder.kill('SIGSTOP');
      let answered = 0;
      const answers = waiters.map(async (waiter) => {
        const [turns]: readonly { readonly held: number; readonly shared: number }[] = await once(waiter, 'message');
        answered += 1;
        return turns ?? { held: 0, shared: 0 };
      });
      for (const waiter of waiters) waiter.send(WAITERS_EACH);
      await pause(20 + random.below(200));
      if (answered > 0 || existsSync(mark)) throw new Error('somebody got the lock of a holder that is only stopped');
      // A stopped process that is killed and one that goes on first: the kernel lets the lock go in both cases.
      if (random.chance(0.5)) holder.kill('SIGCONT');
      holder.kill('SIGKILL');
      const turns = await Promise.all(answers);
      const held = turns.reduce((sum, each) => sum + each.held, 0);
      const shared = turns.reduce((sum, each) => sum + each.shared, 0);
      if (shared > 0) throw new Error(`${shared} times two held the lock`);
      if (held !== PROCESSES * WAITERS_EACH) throw new Error(`${held} of ${PROCESSES * WAITERS_EACH} got the lock`);
      return { 'holders stopped': 1, 'turns with the lock': held };
    },
    async close() {
      for (const waiter of waiters) waiter.kill('SIGKILL');
    },
  };
}
