/**
 * A process that writes is killed with SIGKILL at any call it makes, and the next one must find what was acknowledged, whole: the database holds
 * exactly the acknowledged writes, or those and the one that was on its way. One process has some databases, each of which it leaves at another call.
 */

import { copyFileSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openPlainStore } from '../../test/support/plain-store.ts';
import { type Random, seededRandom } from '../random.ts';
import { added, type Counts, type Torment, type Victim } from '../torment.ts';
import { anyWrite, idOf, settle } from './any-write.ts';
import { contentOf } from './content.ts';
import { type FileEngine, openFileEngine } from './engines.ts';
import type { PlannedWriter } from './fatal-plan.ts';
import { hasStrace, type SystemCall, straceThatKills, systemCallsOf } from './system-calls.ts';
import { type LifeOptions, writerLife } from './writer-life.ts';

export const killedSaves: Torment = {
  name: 'killed-saves',
  about:
    'writers killed with SIGKILL at any call of a save: the old image or the new one, every acknowledged write in it',
  counted: 'kill points',
  goals: { short: 24, long: 10_000 },
  open: (folder) => victim(folder, 'sqljs'),
};

/** SQLite makes its calls itself: only a kill from outside comes in between, one a process. */
export const killedSqliteSaves: Torment = {
  name: 'killed-sqlite-saves',
  about: 'the same with the engine sqlite, killed from outside at any moment and system call, its log left behind',
  counted: 'processes killed',
  goals: { short: 3, long: 1000 },
  open: (folder) => victim(folder, 'sqlite'),
};

const WRITERS = { sqljs: 12, sqlite: 3 } as const;
/** A kill falls into one of the first saves of a life, or a little later where those had nothing to save. */
const FIRST_WRITES = 3;
const MOST_WRITES = 30;
/** A database this large is begun anew. */
const LARGE_BYTES = 600_000;

async function victim(folder: string, engine: FileEngine): Promise<Victim> {
  const paths = Array.from({ length: WRITERS[engine] }, (_, writer) => join(folder, `${writer}.db`));
  for (const path of paths) await begin({ engine, path });
  const compileCache = join(folder, 'compiled');
  mkdirSync(compileCache);
  // What a life looks like that nothing ends: the second one, since the first has to compile.
  const usual = { engine, writers: paths.map((path) => ({ path, seed: 1 })), writes: FIRST_WRITES };
  await writerLife(usual, { compileCache });
  const { calls, milliseconds } = await writerLife(usual, { compileCache });
  const traced = hasStrace()
    ? await systemCallsOf(folder, (strace) => writerLife(usual, { compileCache, strace }))
    : [];

  return {
    async round(random) {
      for (const path of paths) {
        if (statSync(path).size > LARGE_BYTES) await begin({ engine, path });
        copyFileSync(path, copyOf(path));
      }
      const death = anyDeath(random, { milliseconds, traced, engine });
      const writers = paths.map((path) => ({ path, seed: random.below(2 ** 31), ...death.fault(random, calls) }));
      const life = await writerLife({ engine, writers, writes: MOST_WRITES }, { compileCache, ...death.options });
      let counts: Counts =
        life.end === 'killed' ? { 'processes killed': 1, [`  ${death.way}`]: 1 } : { 'processes not killed': 1 };
      for (const [index, writer] of writers.entries()) {
        const acknowledged = life.acknowledged[index] ?? 0;
        const cutOff = life.end === 'killed' && acknowledged < MOST_WRITES;
        counts = added(counts, await judge({ engine, writer, acknowledged }));
        counts = added(counts, cutOff ? { 'kill points': 1 } : {});
      }
      return counts;
    },
    close: async () => undefined,
  };
}

function copyOf(path: string): string {
  return `${path}.before`;
}

type Death = {
  readonly way: string;
  readonly options: Pick<LifeOptions, 'strace' | 'killAfterMs'>;
  fault(random: Random, calls: number): Pick<PlannedWriter, 'fault'>;
};

const FREEZES = ['frozen-before', 'frozen-after', 'frozen-half-way'] as const;

function anyDeath(
  random: Random,
  {
    milliseconds,
    traced,
    engine,
  }: { readonly milliseconds: number; readonly traced: readonly SystemCall[]; readonly engine: FileEngine },
): Death {
  const none = () => ({});
  if (engine === 'sqlite') {
    const byStrace = traced.length > 0 && random.chance(0.3);
    const options = byStrace
      ? { strace: straceThatKills(random.pick(traced)) }
      : { killAfterMs: random.fraction() * milliseconds };
    return { way: byStrace ? 'at a system call' : 'at any moment', options, fault: none };
  }
  switch (random.below(traced.length > 0 ? 8 : 7)) {
    case 0:
    case 1:
      return { way: 'at any moment', options: { killAfterMs: random.fraction() * milliseconds }, fault: none };
    case 7:
      return { way: 'at a system call', options: { strace: straceThatKills(random.pick(traced)) }, fault: none };
    default:
      return {
        way: 'with each writer at a call of its own',
        options: {},
        fault: (each, calls) => ({ fault: { kind: each.pick(FREEZES), nth: 1 + each.below(calls) } }),
      };
  }
}

type Case = {
  readonly engine: FileEngine;
  readonly writer: PlannedWriter;
  readonly acknowledged: number;
};

/** Which image is there; throws where it is neither. Then comes the next writer, whom nothing may keep waiting. */
async function judge({ engine, writer: { path, seed }, acknowledged }: Case): Promise<Counts> {
  const after = await openFileEngine({ engine, path });
  const store = await openPlainStore(after);
  const integrity = await store.integrity();
  if (integrity.join() !== 'ok') throw new Error(`the database is damaged: ${integrity.join('; ')}`);
  const found = await contentOf(after);
  const [exact, oneMore] = await contentsAfter({ engine, path: copyOf(path), seed, acknowledged });
  if (found !== exact && found !== oneMore) {
    throw new Error(`after ${acknowledged} acknowledged writes the database has another content than those make`);
  }
  await store.editUser({ id: idOf('alice'), changes: { display: `after seed ${seed}` } });
  await store.close();
  if (existsSync(`${path}.new`)) throw new Error('what a dead writer left is still there after the next write');
  const image = found === exact ? 'old images' : 'new images';
  return { 'acknowledged writes': acknowledged, [image]: 1 };
}

/** The same writes once more, over the copy: what there is to be after the acknowledged ones, and after one more. */
async function contentsAfter(again: {
  readonly engine: FileEngine;
  readonly path: string;
  readonly seed: number;
  readonly acknowledged: number;
}): Promise<readonly [string, string]> {
  const engine = await openFileEngine(again);
  const store = await openPlainStore(engine);
  const random = seededRandom(again.seed);
  const writes = Array.from({ length: MOST_WRITES }, () => anyWrite(random));
  for (const write of writes.slice(0, again.acknowledged)) await write(store);
  const exact = await contentOf(engine);
  await writes[again.acknowledged]?.(store);
  const oneMore = await contentOf(engine);
  await store.close();
  return [exact, oneMore];
}

async function begin({ engine, path }: { readonly engine: FileEngine; readonly path: string }): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  const store = await openPlainStore(await openFileEngine({ engine, path, absent: 'create' }));
  await settle(store);
  await store.close();
}
