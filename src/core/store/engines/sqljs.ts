/**
 * The `sqljs` engine: one ordinary SQLite file that is always whole. Invariant: a write has happened when it is on disk, and not before: lock,
 * re-read, transaction, temporary file, sync, rename, sync, answer; writes that wait at the same time go together (`shared-save.ts`).
 * Whatever fails on the way throws the image in memory away, so nothing that was not acknowledged is ever read from it. Readers need no
 * lock: the file is replaced, never changed.
 */
import type { FileCalls } from '../../node/durable-write.ts';
import type { Clock } from '../../ports.ts';
import type { SqlEngine } from '../sql-engine.ts';
import { databaseExists, databaseRevision } from './database-file.ts';
import { lockDatabase } from './database-lock.ts';
import { createSerialQueue } from './serial-queue.ts';
import { createSharedSave, type Telling, type Work } from './shared-save.ts';
import { warmUp } from './sqljs-module.ts';
import { readerOf, writerOf } from './sqljs-transaction.ts';
import { createVersion } from './sqljs-version.ts';

export type SqljsOptions = {
  /** Absolute. Beside it: `<path>.lock`, and `<path>.new` while somebody writes. */
  readonly path: string;
  readonly clock: Clock;
  /** Opening makes no database, but for the one who sets a facility up; `create` refuses one that is there (`exists`). */
  readonly absent: 'refuse' | 'create';
  /** How long a writer waits for another process; then Fault `busy`. */
  readonly lockWaitMs?: number;
  readonly calls?: FileCalls;
};

/** With `create` the file comes into being with the first write. */
export async function openSqljs(options: SqljsOptions): Promise<SqlEngine> {
  const { path, clock } = options;
  warmUp();
  const inOrder = createSerialQueue();
  const version = createVersion(options);
  await version.current();

  async function transact(works: readonly Work[]): Promise<readonly Telling[] | 'apart'> {
    const progress: { stage: 'before' | 'works' | 'save' } = { stage: 'before' };
    const lock = await lockDatabase(path, options.lockWaitMs);
    try {
      return await version.orForget(async () => {
        version.refuseOvertaken();
        const image = await version.current(lock);
        image.begin();
        progress.stage = 'works';
        const tellings: Telling[] = [];
        let changed = false;
        for (const work of works) {
          const tx = writerOf(image, clock.now());
          tellings.push(await work(tx));
          changed ||= tx.hasChanged();
        }
        progress.stage = 'save';
        image.commit();
        if (changed) await version.save(image);
        return tellings;
      });
    } catch (thrown) {
      if (progress.stage === 'works' && works.length > 1) return 'apart';
      throw thrown;
    } finally {
      lock.release();
    }
  }

  return {
    read: (work) =>
      inOrder(() =>
        version.orForget(async () => {
          const image = await version.current();
          return work(readerOf(image, clock.now()));
        }),
      ),
    write: createSharedSave(inOrder, transact),
    now: async () => clock.now(),
    revision: async () => (databaseExists(path) ? databaseRevision(path) : 'none'),
    integrity: () => inOrder(() => version.orForget(async () => (await version.current()).integrity())),
    snapshot: () =>
      inOrder(async () => {
        const { held, bytes } = await version.read();
        held.close();
        return bytes;
      }),
    close: () => inOrder(async () => version.end()),
  };
}
