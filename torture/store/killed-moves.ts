/**
 * `store upgrade`, `restore` and `store migrate` killed at any call, several in one process. Afterwards the facility opens as it was before or as it is
 * after, never between; the record is there exactly where the change is; the same command once more finishes, and what is then in force is what
 * an undisturbed one makes, so that nothing is weaker.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../random.ts';
import { added, type Counts, type Torment, type Victim } from '../torment.ts';
import type { FileEngine } from './engines.ts';
import {
  backupIn,
  changedSinceBackup,
  type Found,
  foundIn,
  leftIn,
  makeFolder,
  version1In,
} from './movable-facility.ts';
import type { Deed, MovePlan } from './move-plan.ts';
import { copyRecorded } from './recorded-store.ts';

export const killedMoves: Torment = {
  name: 'killed-moves',
  about:
    '`store upgrade`, `restore` and `store migrate` killed at any call: as before or as after, with its record, the same command finishes, nothing is weaker',
  counted: 'kill points',
  goals: { short: 24, long: 3000 },
  open: victim,
};

const MOVER = join(import.meta.dirname, '../child/move-and-die.ts');
const FREEZES = ['frozen-before', 'frozen-after', 'frozen-half-way'] as const;

type Case = {
  readonly what: string;
  readonly kind: Deed['kind'];
  /** Copied for each life. */
  readonly template: string;
  readonly folder: string;
  readonly deed: Deed;
};

/** A case, and what an undisturbed life of it makes. */
type Known = Case & { readonly calls: number; readonly before: Found; readonly after: Found };

async function victim(folder: string): Promise<Victim> {
  const compileCache = makeFolder(join(folder, 'compiled'));
  const cases = await casesIn(folder);
  const before: Found[] = [];
  for (const each of cases) {
    renew(each);
    before.push(await foundIn(each.folder));
    renew(each);
  }
  // The second life is the usual one, since the first has to compile.
  await life(cases.map(planned), compileCache);
  for (const each of cases) renew(each);
  const usual = await life(cases.map(planned), compileCache);
  const known: Known[] = [];
  for (const [number, each] of cases.entries()) {
    const [was, after, calls] = [before[number], await foundIn(each.folder), usual.calls[number]];
    if (was === undefined || calls === undefined) throw new Error(`no ${each.what} without a kill`);
    known.push({ ...each, before: was, after, calls });
  }
  return {
    async round(random) {
      for (const each of known) renew(each);
      const { done, way } = await killed(random, { known, milliseconds: usual.milliseconds, compileCache });
      let counts: Counts = { [`  ${way}`]: 1 };
      const again: Known[] = [];
      for (const [number, each] of known.entries()) {
        if (!done.includes(number)) counts = added(counts, { 'kill points': 1, [`  of a ${each.what}`]: 1 });
        counts = added(counts, await judgeFirst(each, done.includes(number)));
        again.push(each);
      }
      await life(again.map(planned), compileCache);
      for (const each of again) await judgeAgain(each);
      return counts;
    },
    close: async () => undefined,
  };
}

async function casesIn(folder: string): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for (const engine of ['sqljs', 'sqlite'] as const) {
    const upgraded = join(folder, `version-1-${engine}`);
    version1In(upgraded, engine);
    const changed = makeFolder(join(folder, `changed-${engine}`));
    await changedSinceBackup(changed, engine);
    const other: FileEngine = engine === 'sqljs' ? 'sqlite' : 'sqljs';
    const place = (kind: string) => join(folder, `${kind}-${engine}`);
    const restored = place('restore');
    cases.push(
      {
        what: `store upgrade, ${engine}`,
        kind: 'upgrade',
        template: upgraded,
        folder: place('upgrade'),
        deed: { kind: 'upgrade' },
      },
      {
        what: `restore, ${engine}`,
        kind: 'restore',
        template: changed,
        folder: restored,
        deed: { kind: 'restore', backup: backupIn(restored) },
      },
      {
        what: `store migrate, from ${engine}`,
        kind: 'migrate',
        template: changed,
        folder: place('migrate'),
        deed: { kind: 'migrate', to: other },
      },
    );
  }
  return cases;
}

function renew({ template, folder }: Case): void {
  rmSync(folder, { recursive: true, force: true });
  copyRecorded(template, folder);
}

function planned({ folder, deed }: Case): MovePlan['moves'][number] {
  return { configFile: join(folder, 'config.ini'), deed };
}

async function killed(
  random: Random,
  { known, milliseconds, compileCache }: { known: readonly Known[]; milliseconds: number; compileCache: string },
) {
  if (random.chance(0.2)) {
    const { done } = await life(known.map(planned), compileCache, random.fraction() * milliseconds);
    return { done, way: 'lives killed at any moment' };
  }
  const moves = known.map((each) => ({
    ...planned(each),
    fault: { kind: random.pick(FREEZES), nth: 1 + random.below(each.calls) },
  }));
  const { done } = await life(moves, compileCache);
  return { done, way: 'lives killed with each at a call of its own' };
}

/** Throws where it is neither of the two. */
async function judgeFirst({ what, kind, folder, before, after }: Known, done: boolean): Promise<Counts> {
  const found = await opened(what, folder);
  const isBefore = isLike(found, before);
  const isAfter = isLike(found, after);
  if (!isBefore && !isAfter) throw new Error(`${what}: neither as before nor as after: ${differenceOf(found, after)}`);
  if (done && !isAfter) throw new Error(`${what}: acknowledged, and everything is as before`);
  const records = { upgrade: found.upgrades, restore: found.restores, migrate: found.migrations }[kind];
  // Where config.ini is to be changed, the record comes first, and the next one who opens it says that nothing came of it.
  const wrong = kind === 'migrate' ? isAfter && records !== 1 : records !== (isAfter ? 1 : 0);
  if (wrong) throw new Error(`${what}: as ${isAfter ? 'after' : 'before'}, with ${records} records of it`);
  return { [isAfter ? 'as after' : 'as before']: 1 };
}

async function judgeAgain({ what, kind, folder, after }: Known): Promise<void> {
  const found = await opened(`${what}, once more`, folder);
  if (!isLike(found, after)) throw new Error(`${what}, once more: ${differenceOf(found, after)}`);
  const records = { upgrade: found.upgrades, restore: found.restores, migrate: found.migrations }[kind];
  if (records < 1 || (kind === 'upgrade' && records !== 1)) throw new Error(`${what}, once more: ${records} records`);
  const left = leftIn(folder);
  if (left.length > 0) throw new Error(`${what}: ${left.join()} is left behind`);
}

async function opened(what: string, folder: string): Promise<Found> {
  try {
    return await foundIn(folder);
  } catch (thrown) {
    throw new Error(`${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

function isLike(found: Found, other: Found): boolean {
  return found.version === other.version && found.engine === other.engine && found.content === other.content;
}

function differenceOf(found: Found, wanted: Found): string {
  if (found.version !== wanted.version) return `schema ${found.version}`;
  if (found.engine !== wanted.engine) return `engine ${found.engine}`;
  const lines = wanted.content.split('\n');
  return found.content.split('\n').find((line) => !lines.includes(line)) ?? 'rows are missing';
}

type Life = {
  /** Numbers of the moves that came to their end. */
  readonly done: readonly number[];
  readonly calls: readonly number[];
  /** From its first call on. */
  readonly milliseconds: number;
};

/** Throws where the process ended by an error. */
async function life(moves: MovePlan['moves'], compileCache: string, killAfterMs?: number): Promise<Life> {
  const child = spawn(process.execPath, [MOVER, JSON.stringify({ moves })], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  });
  let said = '';
  let complaint = '';
  let armedAt = 0;
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    said += text;
    if (armedAt > 0 || !said.startsWith('armed\n')) return;
    armedAt = performance.now();
    if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const [status] = await once(child, 'close');
  if (status !== null && status !== 0) throw new Error(`a process ended with ${status}: ${complaint.slice(0, 800)}`);
  const calls: number[] = [];
  for (const [, number, count] of said.matchAll(/^calls (\d+) (\d+)$/gm)) calls[Number(number)] = Number(count);
  const done = [...said.matchAll(/^(\d+) done$/gm)].map(([, number]) => Number(number));
  return { done, calls, milliseconds: performance.now() - armedAt };
}
