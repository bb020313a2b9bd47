/** `store upgrade`, `restore` and `store migrate` of facilities with a database file, killed at any call (judged-moves.ts says what has to hold then). */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Torment, Victim } from '../torment.ts';
import type { FileEngine } from './engines.ts';
import { type Case, movesVictim } from './judged-moves.ts';
import { backupIn, changedSinceBackup, makeFolder, version1In } from './movable-facility.ts';
import type { Deed } from './move-plan.ts';
import { copyRecorded } from './recorded-store.ts';

export const killedMoves: Torment = {
  name: 'killed-moves',
  about:
    '`store upgrade`, `restore` and `store migrate` killed at any call: as before or as after, with its record, the same command finishes, nothing is weaker',
  counted: 'kill points',
  goals: { short: 24, long: 3000 },
  open: victim,
};

async function victim(folder: string): Promise<Victim> {
  const compileCache = makeFolder(join(folder, 'compiled'));
  const cases: Case[] = [];
  for (const engine of ['sqljs', 'sqlite'] as const) cases.push(...(await casesOf(folder, engine)));
  return movesVictim({ cases, compileCache, atAnyMoment: 0.2 });
}

async function casesOf(folder: string, engine: FileEngine): Promise<readonly Case[]> {
  const old = join(folder, `version-1-${engine}`);
  version1In(old, engine);
  const changed = makeFolder(join(folder, `changed-${engine}`));
  await changedSinceBackup(changed, `[Store]\nEngine=${engine}\n`);
  const made = (what: string, template: string, deedIn: (place: string) => Deed): Case => {
    const place = join(folder, `${deedIn('').kind}-${engine}`);
    const renew = async () => {
      rmSync(place, { recursive: true, force: true });
      copyRecorded(template, place);
    };
    return { what, folder: place, deed: deedIn(place), renew };
  };
  const other = engine === 'sqljs' ? 'sqlite' : 'sqljs';
  return [
    made(`store upgrade, ${engine}`, old, () => ({ kind: 'upgrade' })),
    made(`restore, ${engine}`, changed, (place) => ({ kind: 'restore', backup: backupIn(place) })),
    made(`store migrate, from ${engine}`, changed, () => ({ kind: 'migrate', to: other })),
  ];
}
