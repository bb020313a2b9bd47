/**
 * Upgrades, restores and migrates some facilities at once, each until it stands still at its fault: `move-and-die.ts PLAN`. Says `armed`, `3 done` and
 * `calls 3 120`.
 */
import '../counted-calls.ts';

import { flushCompileCache } from 'node:module';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { migrateStore } from '../../src/core/node/migrate-store.ts';
import { openEngine } from '../../src/core/node/open-engine.ts';
import { restore } from '../../src/core/node/restore.ts';
import { systemClock } from '../../src/core/node/system-clock.ts';
import { upgradeStore } from '../../src/core/node/upgrade-store.ts';
import { shellActor } from '../../src/core/roles.ts';
import { type MovePlan, RESTORED_AT } from '../store/move-plan.ts';
import { freezerFor } from './freezer.ts';
import { say } from './say.ts';

const plan: MovePlan = JSON.parse(process.argv[2] ?? '');
const actor = shellActor('torture');
// What is loaded once for all of them is not to be loaded by one that stands still.
for (const { configFile } of plan.moves) {
  const { store } = readConfigFile(configFile).config;
  const engine = await openEngine(store, { database: 'existing', clock: systemClock });
  await engine.read((tx) => tx.hasTable('users')).finally(() => engine.close());
}
flushCompileCache();

const freezer = freezerFor(plan.moves.length);
say('armed');
await Promise.all(
  plan.moves.map((move, number) =>
    freezer.run(move.fault, async (calls) => {
      await done(move);
      say(`${number} done`);
      say(`calls ${number} ${calls.made}`);
    }),
  ),
);

async function done({ configFile, deed }: MovePlan['moves'][number]): Promise<void> {
  const { config } = readConfigFile(configFile);
  switch (deed.kind) {
    case 'upgrade':
      await upgradeStore({ config, actor, brokenTrail: 'refuse' });
      return;
    case 'restore':
      await restore({ config, actor, file: deed.backup, unknown: 'refuse', clock: { now: () => RESTORED_AT } });
      return;
    case 'migrate':
      // An earlier life may have come to its end.
      if (config.store.engine === deed.to) return;
      await migrateStore({ configFile, to: deed.to, actor, former: 'replace', agree: async () => undefined });
      return;
  }
}
