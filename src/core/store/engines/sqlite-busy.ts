/** What another process has at the moment, asked for again and again, without stopping this one. */
import { setTimeout as pause } from 'node:timers/promises';
import { busyFault, isBusy, sqliteFault } from './sqlite-fault.ts';

/** Rejects with Fault `busy` after `waitMs`, and at once with whatever else is thrown, as a Fault. */
export async function whileBusy<T>(waitMs: number, attempt: () => T): Promise<T> {
  const giveUpAt = performance.now() + waitMs;
  for (let tries = 0; ; tries += 1) {
    try {
      return attempt();
    } catch (thrown) {
      if (!isBusy(thrown)) throw sqliteFault(thrown);
      if (performance.now() >= giveUpAt) throw busyFault(thrown);
    }
    // More and more calmly, and not in step with the others.
    await pause(Math.min(5, 1 + tries / 4) * (0.5 + Math.random()));
  }
}
