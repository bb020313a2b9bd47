/**
 * Writes that wait for the same turn are done in one: one lock, one transaction, one file written and synced for all of them. Invariant: nobody is
 * answered before the file with all of them is on disk; where one of them throws, nothing of any is kept and each is done again alone.
 */
import type { SqlWriter } from '../sql-engine.ts';
import type { SerialQueue } from './serial-queue.ts';

/** Does all of them, or none: what it answers is on disk. `apart`: one of several threw, and nothing was kept. */
export type Transact = (works: readonly Work[]) => Promise<readonly Telling[] | 'apart'>;

/** Runs in the transaction, perhaps twice. */
export type Work = (tx: SqlWriter) => Promise<Telling>;

/** Tells the answer to whoever asked. */
export type Telling = () => void;

export function createSharedSave(
  inOrder: SerialQueue,
  transact: Transact,
): <T>(work: (tx: SqlWriter) => Promise<T>) => Promise<T> {
  let waiting: Write[] = [];

  async function takeTurn(): Promise<void> {
    const together = waiting;
    waiting = [];
    await settle(together, transact);
  }

  return (work) =>
    new Promise((resolve, reject) => {
      waiting.push({
        run: async (tx) => {
          const answer = await work(tx);
          return () => resolve(answer);
        },
        fail: reject,
      });
      // Whoever comes while this turn is waited for is in it.
      if (waiting.length === 1) void inOrder(takeTurn);
    });
}

type Write = { readonly run: Work; readonly fail: (thrown: unknown) => void };

async function settle(writes: readonly Write[], transact: Transact): Promise<void> {
  try {
    const tellings = await transact(writes.map(({ run }) => run));
    if (tellings !== 'apart') for (const tell of tellings) tell();
    else for (const write of writes) await settle([write], transact);
  } catch (thrown) {
    for (const { fail } of writes) fail(thrown);
  }
}
