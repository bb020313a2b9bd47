/**
 * A process that writes is killed with SIGKILL at any call it makes, and the next one must find what was acknowledged, whole, and its records. With
 * sqljs one process has some stores, each of which it leaves at another call; SQLite makes its calls itself, so there each process has one store,
 * and is killed from outside; only a kill that fell into a transaction, its COMMIT, or a drain counts.
 */

import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../random.ts';
import { added, type Counts, type Torment, type Victim } from '../torment.ts';
import type { FileEngine } from './engines.ts';
import type { FatalPlan, PlannedWriter } from './fatal-plan.ts';
import { judge } from './judged-store.ts';
import { beginRecorded, copyRecorded, databaseIn } from './recorded-store.ts';
import { hasStrace, type SystemCall, straceThatKills, systemCallsOf } from './system-calls.ts';
import { type Life, type LifeOptions, writerLife } from './writer-life.ts';

export const killedSaves: Torment = {
  name: 'killed-saves',
  about:
    'writers killed with SIGKILL at any call of a save or a drain: each change is there with its record or not at all, all acknowledged ones are',
  counted: 'kill points',
  goals: { short: 24, long: 10_000 },
  open: (folder) => victim(folder, 'sqljs'),
};

export const killedSqliteSaves: Torment = {
  name: 'killed-sqlite-saves',
  about:
    'the same with the engine sqlite, killed from outside in a transaction, its COMMIT or a drain, its log left behind',
  counted: 'kill points',
  goals: { short: 6, long: 10_000 },
  open: (folder) => victim(folder, 'sqlite'),
};

/** At a time; most of their time they wait for the disk. */
const PROCESSES = { sqljs: 1, sqlite: 6 } as const;
const WRITERS_EACH = { sqljs: 12, sqlite: 1 } as const;
/** A kill falls into one of the first saves of a life, or a little later where those had nothing to save. */
const FIRST_WRITES = 3;
const MOST_WRITES = 30;
/** A database this large is begun anew. */
const LARGE_BYTES = 600_000;

async function victim(folder: string, engine: FileEngine): Promise<Victim> {
  const compileCache = join(folder, 'compiled');
  mkdirSync(compileCache);
  const processes = Array.from({ length: PROCESSES[engine] }, (_, number) =>
    Array.from({ length: WRITERS_EACH[engine] }, (_, writer) => join(folder, `${number}-${writer}`)),
  );
  const fresh = join(folder, 'fresh');
  await beginRecorded({ engine, folder: fresh });
  for (const place of processes.flat()) copyRecorded(fresh, place);
  // What a life looks like that nothing ends: the second one, since the first has to compile.
  const usual: FatalPlan = { engine, writers: writersOf(processes[0] ?? [], () => 1), writes: FIRST_WRITES };
  await writerLife(usual, { compileCache });
  const { calls, milliseconds } = await writerLife(usual, { compileCache });
  const traced = hasStrace()
    ? await systemCallsOf(folder, (strace) => writerLife(usual, { compileCache, strace }))
    : [];

  async function kill(folders: readonly string[], death: Death): Promise<Counts> {
    for (const place of folders) {
      if (statSync(databaseIn(place)).size > LARGE_BYTES) copyRecorded(fresh, place);
      copyRecorded(place, copyOf(place));
    }
    const life = await writerLife({ engine, writers: death.writers, writes: MOST_WRITES }, { compileCache, ...death });
    let counts: Counts =
      life.end === 'killed' ? { 'processes killed': 1, [`  ${death.way}`]: 1 } : { 'processes not killed': 1 };
    for (const [index, writer] of death.writers.entries()) {
      const acknowledged = life.acknowledged[index] ?? 0;
      const judged = { engine, writer, copy: copyOf(writer.folder), acknowledged };
      counts = added(counts, await judge(judged));
      counts = added(counts, killPointOf(life, index));
    }
    return counts;
  }

  return {
    async round(random) {
      const deaths = processes.map((folders) => ({
        folders,
        death: anyDeath(random, { folders, milliseconds, calls, traced, engine }),
      }));
      return (await Promise.all(deaths.map(({ folders, death }) => kill(folders, death)))).reduce(added);
    },
    close: async () => undefined,
  };
}

function copyOf(folder: string): string {
  return `${folder}-before`;
}

/** A kill between two acts of a writer is none. */
function killPointOf({ end, moments }: Life, writer: number): Counts {
  const moment = moments[writer];
  if (end !== 'killed' || moment === undefined) return {};
  return { 'kill points': 1, [`  in a ${moment}`]: 1 };
}

type Death = Pick<LifeOptions, 'strace' | 'killAfterMs'> & {
  readonly way: string;
  readonly writers: readonly PlannedWriter[];
};

function writersOf(
  folders: readonly string[],
  seed: () => number,
  fault: () => Pick<PlannedWriter, 'fault'> = () => ({}),
): readonly PlannedWriter[] {
  return folders.map((folder) => ({ folder, seed: seed(), ...fault() }));
}

const FREEZES = ['frozen-before', 'frozen-after', 'frozen-half-way'] as const;

type Usual = {
  readonly engine: FileEngine;
  readonly folders: readonly string[];
  readonly milliseconds: number;
  readonly calls: number;
  readonly traced: readonly SystemCall[];
};

function anyDeath(random: Random, { engine, folders, milliseconds, calls, traced }: Usual): Death {
  const seed = () => random.below(2 ** 31);
  const atAnyMoment = (): Death => {
    const killAfterMs = random.fraction() * milliseconds;
    return { way: 'at any moment', killAfterMs, writers: writersOf(folders, seed) };
  };
  const atASystemCall = (): Death => {
    const strace = straceThatKills(random.pick(traced));
    return { way: 'at a system call', strace, writers: writersOf(folders, seed) };
  };
  if (engine === 'sqlite') return traced.length > 0 && random.chance(0.1) ? atASystemCall() : atAnyMoment();
  switch (random.below(traced.length > 0 ? 8 : 7)) {
    case 0:
    case 1:
      return atAnyMoment();
    case 7:
      return atASystemCall();
    default: {
      const fault = () => ({ fault: { kind: random.pick(FREEZES), nth: 1 + random.below(calls) } });
      return { way: 'with each writer at a call of its own', writers: writersOf(folders, seed, fault) };
    }
  }
}
