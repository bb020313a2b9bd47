/**
 * When a transaction is run again: where the server rolled it back for the sake of others, and where it never began. Invariant: one that began and lost its
 * connection is not.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../../errors.ts';
import { ConnectionError, consequenceOf, postgresFault } from './postgres-fault.ts';
import type { Lease } from './postgres-pool.ts';

/** Milliseconds. */
const AGAIN_MS = 10_000;
const OVERTAKEN_TIMES = 5;

/** Rejects with a Fault. */
export async function again<T>(attempt: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + AGAIN_MS;
  let overtaken = 0;
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt();
    } catch (thrown) {
      if (thrown instanceof Settled) throw thrown.fault;
      // That connection is gone: there is an end to them, however many a restart of the server left behind.
      if (thrown instanceof Unbegun && performance.now() <= giveUpAt) continue;
      const consequence = consequenceOf(thrown);
      if (consequence === 'overtaken') overtaken += 1;
      const worthwhile = consequence === 'again' || (consequence === 'overtaken' && overtaken <= OVERTAKEN_TIMES);
      if (!worthwhile || performance.now() > giveUpAt) throw postgresFault(thrown);
    }
    // Longer and longer, and never in step with the others.
    await pause(Math.min(200, 2 ** attempts) * Math.random());
  }
}

/** Not to be run again, whatever it was. */
export class Settled extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.message);
    this.fault = fault;
  }
}

/** An old connection was of no use. */
class Unbegun extends ConnectionError {}

/** What a transaction that threw is to reject with. */
export async function failureOf({ connection }: Lease, thrown: unknown): Promise<unknown> {
  const unbegun = await connection.now().then(
    () => undefined,
    (why: unknown) => why,
  );
  if (unbegun === undefined || consequenceOf(unbegun) !== 'lost') return thrown;
  return new Unbegun('The transaction did not begin.', { cause: unbegun });
}
