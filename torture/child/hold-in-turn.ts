/**
 * Waits for a lock as often as it is told, and holds it each time for a moment: while it does, it alone has made a file, and nobody else could make it.
 * `hold-in-turn.ts LOCK MARK`; says how often it held the lock, or that somebody else held it too.
 */
import { closeSync, openSync, unlinkSync } from 'node:fs';
import { acquireFileLock } from '../../src/core/node/file-lock.ts';

const [, , path = '', mark = ''] = process.argv;

process.on('message', async (waiters: number) => {
  const turns = await Promise.all(Array.from({ length: waiters }, turn));
  process.send?.({ held: turns.filter((alone) => alone).length, shared: turns.filter((alone) => !alone).length });
});
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function turn(): Promise<boolean> {
  const lock = await acquireFileLock({ path, what: 'database', waitMs: 100_000 });
  try {
    closeSync(openSync(mark, 'wx'));
    await new Promise((resolve) => setImmediate(resolve));
    unlinkSync(mark);
    return true;
  } catch {
    return false;
  } finally {
    lock.release();
  }
}
