/**
 * Audit records of a facility in one transaction: a process for each would take an hour. They stay in the table until
 * somebody drains it.
 */
import { join } from 'node:path';
import { recorderOf } from '../../src/core/node/config-change.ts';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { openEngine } from '../../src/core/node/open-engine.ts';
import { systemClock } from '../../src/core/node/system-clock.ts';
import type { Clock } from '../../src/core/ports.ts';

export async function manyRecords(
  { folder, clock = systemClock }: { readonly folder: string; readonly clock?: Clock },
  count: number,
): Promise<void> {
  const { config } = readConfigFile(join(folder, 'config.ini'));
  const opened = await openEngine(config.store, { database: 'existing', clock });
  const { engine, close } = await recorderOf(config, opened);
  await engine
    .write(async (tx) => {
      for (let index = 0; index < count; index += 1) tx.record({ event: 'user.edited', user: 'nobody' });
    })
    .finally(close);
}
