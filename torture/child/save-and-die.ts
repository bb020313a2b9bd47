/**
 * Says `armed`; then each of its writers does some writes, one after the other, and says which was acknowledged (`2 1`: of writer 2 the first), until it
 * stands still at its fault. `save-and-die.ts PLAN`.
 */
import { openPlainStore } from '../../test/support/plain-store.ts';
import '../counted-calls.ts';

import { flushCompileCache } from 'node:module';
import { seededRandom } from '../random.ts';
import { anyWrite } from '../store/any-write.ts';
import { openFileEngine } from '../store/engines.ts';
import type { FatalPlan } from '../store/fatal-plan.ts';
import { freezerFor } from './freezer.ts';
import { say } from './say.ts';

const plan: FatalPlan = JSON.parse(process.argv[2] ?? '');
const stores = await Promise.all(
  plan.writers.map(async ({ path }) => openPlainStore(await openFileEngine({ engine: plan.engine, path }))),
);
// Now, since this process may never end on its own.
flushCompileCache();

const freezer = freezerFor(stores.length);
say('armed');
await Promise.all(
  plan.writers.map(({ seed, fault }, writer) => {
    const random = seededRandom(seed);
    const writes = Array.from({ length: plan.writes }, () => anyWrite(random));
    return freezer.run(fault, async (calls) => {
      for (const [index, write] of writes.entries()) {
        const store = stores[writer];
        if (store) await write(store);
        say(`${writer} ${index + 1}`);
      }
      say(`calls ${calls.made}`);
    });
  }),
);
