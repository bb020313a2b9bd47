/** What `doctor` does about files that killed processes left beside the database: it removes them. */
import { basename } from 'node:path';
import type { Config } from '../config/model.ts';
import { lockDatabase } from '../store/engines/database-lock.ts';
import { type Check, ok, warn } from './doctor-check.ts';
import { shellWord } from './file-fault.ts';
import { leftoversOf, removeLeftovers } from './leftovers.ts';

/** Before the facility is opened: whoever has it open shares the lock that is needed here. */
export async function leftoversCheck({ config: { store } }: { readonly config: Config }): Promise<readonly Check[]> {
  if (store.engine === 'postgres' || leftoversOf(store.path).length === 0) return [];
  const lock = await lockDatabase(store.path, 0).catch(() => undefined);
  try {
    const files = lock === undefined ? leftoversOf(store.path) : removeLeftovers(store.path);
    const names = files.map((file) => basename(file)).join(', ');
    return [
      lock === undefined
        ? warn(
            'leftovers',
            `Killed processes left ${names} beside the database. Unless a restore is running: ` +
              `rm ${files.map(shellWord).join(' ')}`,
          )
        : ok('leftovers', `Removed what killed processes left beside the database: ${names}.`),
    ];
  } finally {
    lock?.release();
  }
}
