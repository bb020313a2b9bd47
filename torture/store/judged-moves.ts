/**
 * Facilities that are upgraded, restored and moved by processes that are killed, several in one. Afterwards a facility opens as it was before or as it is
 * after, never between; the record is there exactly where the change is; the same command once more finishes, and what is then in force is what
 * an undisturbed one makes, so that nothing is weaker.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Fault } from '../../src/core/errors.ts';
import type { Random } from '../random.ts';
import { added, type Counts, type Victim } from '../torment.ts';
import { type Found, foundIn, leftIn } from './movable-facility.ts';
import type { Deed, MovePlan } from './move-plan.ts';

export type Case = {
  readonly what: string;
  /** Made anew for each life. */
  readonly folder: string;
  readonly deed: Deed;
  renew(): Promise<void>;
  /** Until nothing of a process that was killed is at work any more. */
  settled?(): Promise<void>;
};

export type Moves = {
  readonly cases: readonly Case[];
  /** Where node keeps what it compiled, from life to life. */
  readonly compileCache: string;
  /** How many of the lives are killed at any moment, and not at a call to the file system. */
  readonly atAnyMoment: number;
};

const MOVER = join(import.meta.dirname, '../child/move-and-die.ts');
const FREEZES = ['frozen-before', 'frozen-after', 'frozen-half-way'] as const;

/** A case, and what an undisturbed life of it makes. */
type Known = Case & { readonly calls: number; readonly before: Found; readonly after: Found };

export async function movesVictim({ cases, compileCache, atAnyMoment }: Moves): Promise<Victim> {
  const renewed = async () => {
    for (const each of cases) await each.renew();
  };
  await renewed();
  const before: Found[] = [];
  for (const each of cases) before.push(await foundIn(each.folder));
  // The second life is the usual one, since the first has to compile.
  await renewed();
  await life(cases.map(planned), compileCache);
  await renewed();
  const usual = await life(cases.map(planned), compileCache);
  const known: Known[] = [];
  for (const [number, each] of cases.entries()) {
    const [was, after, calls] = [before[number], await foundIn(each.folder), usual.calls[number]];
    if (was === undefined || calls === undefined) throw new Error(`no ${each.what} without a kill`);
    known.push({ ...each, before: was, after, calls });
  }
  return {
    async round(random) {
      await renewed();
      const { milliseconds } = usual;
      const { done, way } = await killed(random, { known, milliseconds, compileCache, atAnyMoment });
      let counts: Counts = { [`  ${way}`]: 1 };
      for (const [number, each] of known.entries()) {
        await each.settled?.();
        if (!done.includes(number)) counts = added(counts, { 'kill points': 1, [`  of a ${each.what}`]: 1 });
        counts = added(counts, await judgeFirst(each, done.includes(number)));
      }
      await life(known.map(planned), compileCache);
      for (const each of known) await judgeAgain(each);
      return counts;
    },
    close: async () => undefined,
  };
}

function planned({ folder, deed }: Case): MovePlan['moves'][number] {
  return { configFile: join(folder, 'config.ini'), deed };
}

type Lives = { readonly known: readonly Known[]; readonly milliseconds: number };

async function killed(
  random: Random,
  { known, milliseconds, compileCache, atAnyMoment }: Omit<Moves, 'cases'> & Lives,
) {
  if (random.chance(atAnyMoment)) {
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
async function judgeFirst({ what, deed: { kind }, folder, before, after }: Known, done: boolean): Promise<Counts> {
  const found = await opened(what, folder);
  if (found === 'closed') {
    if (kind !== 'migrate' || done) throw new Error(`${what}: the facility is closed`);
    return { 'closed until the same command is repeated': 1 };
  }
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

async function judgeAgain({ what, deed: { kind }, folder, after }: Known): Promise<void> {
  const found = await opened(`${what}, once more`, folder);
  if (found === 'closed') throw new Error(`${what}, once more: the facility is closed`);
  if (!isLike(found, after)) throw new Error(`${what}, once more: ${differenceOf(found, after)}`);
  const records = { upgrade: found.upgrades, restore: found.restores, migrate: found.migrations }[kind];
  if (records < 1 || (kind === 'upgrade' && records !== 1)) throw new Error(`${what}, once more: ${records} records`);
  const left = leftIn(folder);
  if (left.length > 0) throw new Error(`${what}: ${left.join()} is left behind`);
}

/**
 * `closed`: a move between two databases has a moment in which neither may be used; whoever opens the facility then is told the one command that
 * finishes it.
 */
async function opened(what: string, folder: string): Promise<Found | 'closed'> {
  try {
    return await foundIn(folder);
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.hint?.includes('gatehouse store migrate --to')) return 'closed';
    throw new Error(`${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

function isLike(found: Found, other: Found): boolean {
  if (found.version !== other.version || found.engine !== other.engine || found.content !== other.content) return false;
  // A server has its own clock, by which a restore locks the codes up to now: never fewer of them.
  const fits = (step: number, least: number) => (found.engine === 'postgres' ? step >= least : step === least);
  return [...other.steps].every(([id, step]) => fits(found.steps.get(id) ?? 0, step));
}

function differenceOf(found: Found, wanted: Found): string {
  if (found.version !== wanted.version) return `schema ${found.version}`;
  if (found.engine !== wanted.engine) return `engine ${found.engine}`;
  const lines = wanted.content.split('\n');
  const steps = [found, wanted].map((each) => JSON.stringify([...each.steps])).join(' and ');
  return found.content.split('\n').find((line) => !lines.includes(line)) ?? `rows are missing, or steps: ${steps}`;
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
