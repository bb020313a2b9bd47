/**
 * `key rotate` over some facilities until each stands still at its fault: `rotate-and-die.ts PLAN`. Where the real one waits for log-ons that sealed under the
 * old key, it says `wait 2` (the facility's number) and goes on at a line `2`.
 */
import '../counted-calls.ts';

import { flushCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import { rotateKey } from '../../src/core/key-rotation.ts';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { openFacility } from '../../src/core/node/facility.ts';
import type { RotationPlan } from '../store/rotation-plan.ts';
import { freezerFor } from './freezer.ts';
import { say } from './say.ts';

const plan: RotationPlan = JSON.parse(process.argv[2] ?? '');
const facilities = await Promise.all(
  plan.rotations.map(({ configFile, now }) =>
    openFacility(readConfigFile(configFile).config, { clock: { now: () => now } }),
  ),
);
flushCompileCache();

const waiting = new Map<string, () => void>();
const told = createInterface({ input: process.stdin }).on('line', (line) => waiting.get(line)?.());
const freezer = freezerFor(facilities.length);
say('armed');
await Promise.all(
  facilities.map(({ store, keyFile, secretBox, clock }, number) =>
    freezer.run(plan.rotations[number]?.fault, async (calls) => {
      await rotateKey({
        // In small steps, so that there is more to be killed in.
        store: { sealedNotUnder: (keyId) => store.sealedNotUnder(keyId, 4), reseal: store.by({}).reseal },
        keys: keyFile,
        box: secretBox,
        clock,
        pause: () =>
          new Promise((resolve) => {
            waiting.set(String(number), resolve);
            say(`wait ${number}`);
          }),
        onProgress: () => undefined,
      });
      say(`done ${number}`);
      say(`calls ${calls.made}`);
    }),
  ),
);
told.close();
