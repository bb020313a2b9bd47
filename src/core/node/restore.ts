/**
 * Puts a backup in the place of the database. Invariants: nothing is replaced before the backup has been opened and
 * checked in memory; what is known of the database that is replaced, and of the audit trail since, makes it stricter
 * (store/stricter.ts); users, the end of the trail, the record of the restore and a new epoch of the facility are one
 * replacement, under the locks of store and trail.
 */
import { lstatSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config/model.ts';
import { lockDatabase } from '../store/engines/database-lock.ts';
import { fileFault } from './file-fault.ts';
import { openKeyFile } from './key-file.ts';
import { removeLeftovers } from './leftovers.ts';
import { systemRandom } from './random.ts';
import { restoreFile } from './restore-file.ts';
import type { Restored, RestoreRequest } from './restore-rules.ts';
import { restoreServer } from './restore-server.ts';
import { openBackup } from './restore-source.ts';
import { createSecretBox } from './secret-box.ts';
import { systemClock } from './system-clock.ts';
import { withTrailLocked } from './trail-lock.ts';

/** Of a server that is not known before it is asked. */
export function databaseIsThere({ store }: Config): boolean {
  if (store.engine === 'postgres') return true;
  return lstatSync(store.path, { throwIfNoEntry: false }) !== undefined;
}

/**
 * Faults: `not-found`, `bad-data` (no backup; not sealed by this key file; not known what happened since), and those of
 * store, key file and disk.
 */
export async function restore(request: RestoreRequest): Promise<Restored> {
  const { config, clock = systemClock } = request;
  const { path, keyFile: keyPath, engine } = config.store;
  const keyFile = openKeyFile({ path: keyPath, random: systemRandom, clock });
  const key = keyFile.ring().auditKey;
  const tools = { key, box: createSecretBox(keyFile, systemRandom), clock };
  makeFolder(dirname(path));
  const backup = await openBackup(request.file, tools);
  try {
    if (engine === 'postgres') return await restoreServer({ ...request, backup, key });
    // Held all the while: nobody uses a code, or is deactivated, in a database that is about to go.
    const lock = await lockDatabase(path);
    try {
      removeLeftovers(path);
      return await withTrailLocked(config, () => restoreFile({ ...request, clock, backup, key }));
    } finally {
      lock.release();
    }
  } finally {
    await backup.engine.close();
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw fileFault(`The folder ${folder} could not be made`, thrown);
  }
}
