/**
 * `key rotate` is killed with SIGKILL at any call, beside log-ons that write all the while. Whatever is sealed opens at any time; the old key goes only when
 * nothing needs it; the next rotation goes on. One process has some facilities, each of which it leaves at another call.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readKeyRing } from '../../src/core/node/key-file.ts';
import { START, torturedFacility } from '../facility.ts';
import type { Random } from '../random.ts';
import { added, type Counts, type Torment, type Victim } from '../torment.ts';
import { rotationLife } from './rotation-life.ts';
import type { PlannedRotation } from './rotation-plan.ts';
import { sealingLogOns } from './sealing-log-ons.ts';

export const killedRotations: Torment = {
  name: 'killed-rotations',
  about:
    '`key rotate` killed with SIGKILL at any call beside log-ons: every secret opens, the old key goes last, the next one goes on',
  counted: 'kill points',
  goals: { short: 6, long: 3000 },
  open: victim,
};

const FACILITIES = 6;
const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'];
const FREEZES = ['frozen-before', 'frozen-after', 'frozen-half-way'] as const;

async function victim(folder: string): Promise<Victim> {
  const compileCache = join(folder, 'compiled');
  mkdirSync(compileCache);
  const facilities = await Promise.all(
    Array.from({ length: FACILITIES }, (_, number) =>
      torturedFacility({ folder: join(folder, String(number)), names: NAMES }),
    ),
  );
  const logOns = facilities.map(sealingLogOns);
  let lives = 0;

  function live(faults: () => Pick<PlannedRotation, 'fault'>, killAfterMs?: number) {
    lives += 1;
    // Later than the settling time of the key before.
    const now = START + lives * 60_000;
    const rotations = facilities.map(({ configFile }) => ({ configFile, now, ...faults() }));
    const options = { compileCache, logOns, ...(killAfterMs === undefined ? {} : { killAfterMs }) };
    return rotationLife({ rotations }, options);
  }

  /** The second life is the usual one, since the first has to compile. */
  await live(() => ({}));
  const { calls, milliseconds } = await live(() => ({}));

  function killedSomehow(random: Random) {
    if (random.chance(0.3)) return live(() => ({}), random.fraction() * milliseconds);
    return live(() => ({ fault: { kind: random.pick(FREEZES), nth: 1 + random.below(calls) } }));
  }

  return {
    async round(random) {
      const before = logOns.reduce((sum, each) => sum + each.written(), 0);
      const { done } = await killedSomehow(random);
      let counts: Counts = {
        'log-ons beside them': logOns.reduce((sum, each) => sum + each.written(), 0) - before,
        'rotations that came to their end': done.length,
        'kill points': FACILITIES - done.length,
      };
      for (const [number, { facility }] of facilities.entries()) {
        const { sealing } = readKeyRing(facility.config.store.keyFile);
        if (sealing.length > (done.includes(number) ? 1 : 2))
          throw new Error(`there are ${sealing.length} keys that seal`);
        counts = added(counts, { 'sealed values opened': (await logOns[number]?.openAll()) ?? 0 });
      }
      return counts;
    },
    async close() {
      for (const { facility } of facilities) await facility.close();
    },
  };
}
