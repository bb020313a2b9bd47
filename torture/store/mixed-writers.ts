/** Many processes write to one database, each what chance tells it; whatever order that came in, the end has to be the sum of what they were told. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { lossesOf, type MixedOutcome, mixedPeople } from '../../test/store/mixed-model.ts';
import { openPlainStore } from '../../test/support/plain-store.ts';
import type { Torment } from '../torment.ts';
import { FILE_ENGINES, openFileEngine } from './engines.ts';

export const mixedWriters: Torment = {
  name: 'mixed-writers',
  about:
    'eight processes that log on, edit, recover, fail and add users at once, with each engine: the end is the sum of what they were told',
  counted: 'writes',
  goals: { short: 240, long: 20_000 },
  async open(folder) {
    let round = 0;
    return {
      async round(random) {
        round += 1;
        const engine = random.pick(FILE_ENGINES);
        const path = join(folder, `${round}.db`);
        const store = await openPlainStore(await openFileEngine({ engine, path, absent: 'create' }));
        const before = await mixedPeople(store);
        const outcomes = await Promise.all(
          Array.from({ length: WRITERS }, () => written(`${engine}:${path}`, random.below(2 ** 31))),
        );
        const losses = await lossesOf(store, before, outcomes.flat());
        await store.close();
        if (losses.length > 0) throw new Error(`${engine}: ${losses.join('; ')}`);
        return {
          writes: outcomes.flat().length,
          [`  by ${WRITERS} processes at once, ${engine}`]: outcomes.flat().length,
        };
      },
      close: async () => undefined,
    };
  },
};

const WRITERS = 8;
const WRITES_EACH = 30;
const WRITER = join(import.meta.dirname, '../../test/store/child/mixed-writer.ts');

async function written(address: string, seed: number): Promise<readonly MixedOutcome[]> {
  const child = fork(WRITER, [address, String(seed), String(WRITES_EACH)], { execArgv: [] });
  const [outcomes]: readonly (readonly MixedOutcome[])[] = await once(child, 'message');
  await once(child, 'close');
  return outcomes ?? [];
}
