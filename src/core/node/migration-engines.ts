/** The two ends of a move, as `store migrate` opens them. Invariant: a database file is held alone, so that nobody is at work on it. */
import { lstatSync, rmSync } from 'node:fs';
import type { Config } from '../config/model.ts';
import { databaseExists } from '../store/engines/database-file.ts';
import { lockDatabase } from '../store/engines/database-lock.ts';
import { openSqlite } from '../store/engines/sqlite.ts';
import { hasFacility } from '../store/migrations.ts';
import { readMark } from '../store/moving/marks.ts';
import type { SqlEngine } from '../store/sql-engine.ts';
import type { FileLock } from './file-lock.ts';
import { openEngine } from './open-engine.ts';
import { systemClock } from './system-clock.ts';

/** A write takes no longer; whoever has the database open is asked to end it, not waited for. */
export const WAIT_MS = 2000;

/** For an engine that works under a lock of ours. */
export const NOT_LET_GO: FileLock = { release: () => undefined };

/** A file is taken alone, by the engine that writes rows rather than files; it is the same file to sqljs afterwards. */
export async function openAlone(store: Config['store'], database: 'existing' | 'create'): Promise<SqlEngine> {
  if (store.engine === 'postgres') return openEngine(store, { database, clock: systemClock });
  const { path } = store;
  const lock = await lockDatabase(path, WAIT_MS);
  // Killed right after it was made, a copy is an empty file.
  if (database === 'create' && lstatSync(path, { throwIfNoEntry: false })?.size === 0) rmSync(path);
  if (database === 'existing' || databaseExists(path)) {
    return openSqlite({ path, clock: systemClock, absent: 'refuse', lock });
  }
  return openNewFile(path, lock);
}

/** Gone again when nothing came into it: a file without tables would be filled by whoever opens it next. */
async function openNewFile(path: string, lock: FileLock): Promise<SqlEngine> {
  const engine = await openSqlite({ path, clock: systemClock, absent: 'create', lock: NOT_LET_GO }).catch((thrown) => {
    lock.release();
    throw thrown;
  });
  return {
    ...engine,
    async close() {
      try {
        const { kind } = await engine.read(readMark);
        const isEmpty = kind === 'none' && !(await engine.read(hasFacility));
        await engine.close();
        if (isEmpty) rmSync(path);
      } finally {
        lock.release();
      }
    },
  };
}

/** A new place, or the one in which an earlier call was killed. */
export async function openCopy(store: Config['store']): Promise<SqlEngine> {
  if (store.engine !== 'postgres') return openAlone(store, 'create');
  const engine = await openAlone(store, 'existing');
  if (await engine.read((tx) => tx.hasTable('users'))) return engine;
  await engine.close();
  return openAlone(store, 'create');
}
