/**
 * Says `armed`; then each of its writers does some writes, one after the other, and copies the records to the files now and then. It says where it is
 * (`2 commit`) and which write was acknowledged (`2 1`: of writer 2 the first), until it stands still at its fault. `save-and-die.ts PLAN`.
 */
import '../counted-calls.ts';

import { flushCompileCache } from 'node:module';
import { seededRandom } from '../random.ts';
import { plannedWrites } from '../store/any-write.ts';
import type { FatalPlan, Moment } from '../store/fatal-plan.ts';
import { openRecorded } from '../store/recorded-store.ts';
import { freezerFor } from './freezer.ts';
import { say } from './say.ts';
import { sayingWhere } from './saying-where.ts';

const plan: FatalPlan = JSON.parse(process.argv[2] ?? '');
const stores = await Promise.all(
  plan.writers.map(({ folder }, writer) =>
    openRecorded({ engine: plan.engine, folder, watched: (engine) => sayingWhere(engine, writer) }),
  ),
);
// Now, since this process may never end on its own.
flushCompileCache();

const freezer = freezerFor(stores.length);
say('armed');
await Promise.all(
  plan.writers.map(({ seed, fault }, writer) =>
    freezer.run(fault, async (calls) => {
      const opened = stores[writer];
      if (opened === undefined) return;
      for (const [index, write] of plannedWrites(seededRandom(seed), plan.writes).entries()) {
        await write.change(opened.store);
        say(`${writer} ${index + 1}`);
        if (!write.drained) continue;
        say(`${writer} ${'drain' satisfies Moment}`);
        await opened.trail.drain();
        say(`${writer} drained`);
      }
      say(`calls ${calls.made}`);
    }),
  ),
);
