/**
 * What the store costs a log-on, as the facility grows. Twice: as a gate that is a process of its own, to which opening and reading the
 * database belong; and as a server, whose database stays open. Name, password (believed, no argon2), code, audit; all on the disk when it
 * ends. The limit is one argon2id verification: where the store costs more than that, the facility has outgrown the engine.
 */
import { verify } from '@node-rs/argon2';
import type { StoreEngine } from '../../src/core/config/model.ts';
import { type Facility, openFacility } from '../../src/core/node/facility.ts';
import type { CurveName } from '../chart/curves.ts';
import { type BenchFacility, PASSWORD } from '../facilities.ts';
import { atMost, type Figure, figureOf, type Goal, timesTheLimit } from '../figure.ts';
import { logOnHere, logOnIn } from '../log-on-here.ts';
import type { Bench, Measurement } from '../measurement.ts';
import { type Effort, type Rounds, sideBySide } from '../side-by-side.ts';
import { syncOnce } from '../sync-once.ts';
import { timed } from '../timed.ts';

export function storeCost(engine: StoreEngine): Measurement {
  return {
    name: `store-${engine}`,
    about: `A log-on without argon2 on ${engine}, in this process: facility opened, name, password, code, audit, closed, everything on the disk; and the same in a facility that is open, as a server has it. Limit: one argon2id verification with the default parameters.`,
    measure: (bench) => measured(bench, engine),
  };
}

type Plan = {
  readonly sizes: Readonly<Record<Effort, readonly number[]>>;
  /** At which size; undefined: at each of them. */
  readonly goal: { readonly way: Way; readonly users?: number; readonly is: Goal };
  /** Whether a log-on at a server has to cost the same at every size. */
  readonly growth: 'flat' | 'with-the-file';
};

const TO_100_000 = [1000, 10_000, 100_000];

const PLANS: Readonly<Record<StoreEngine, Plan>> = {
  sqljs: {
    sizes: { full: TO_100_000, quick: [1000, 10_000] },
    goal: { way: 'own', users: 10_000, is: atMost(40) },
    growth: 'with-the-file',
  },
  sqlite: {
    sizes: { full: TO_100_000, quick: [1000, 10_000] },
    goal: { way: 'served', is: atMost(3) },
    growth: 'flat',
  },
  postgres: {
    sizes: { full: [...TO_100_000, 1_000_000], quick: [1000, 10_000] },
    goal: { way: 'served', is: atMost(6) },
    growth: 'flat',
  },
};

const FLAT = timesTheLimit(1.3);
const ROUNDS: Rounds = { full: 60, quick: 9, seconds: { full: 25, quick: 1 } };

type Way = 'own' | 'served';
const WAYS: Readonly<Record<Way, { readonly name: string; readonly curve: CurveName }>> = {
  own: { name: 'log-on without argon2', curve: 'log-on-own-process' },
  served: { name: 'served log-on without argon2', curve: 'log-on-served' },
};

async function measured(bench: Bench, engine: StoreEngine): Promise<readonly Figure[]> {
  const { sizes, goal, growth } = PLANS[engine];
  const opened: { readonly made: BenchFacility; readonly facility: Facility }[] = [];
  try {
    for (const users of sizes[bench.effort]) {
      const made = await bench.facilities.ofUsers(users, engine);
      opened.push({ made, facility: await openFacility(made.config) });
    }
    const samples = await sideBySide(bench.effort, ROUNDS, thingsOf(opened));
    const figures: Figure[] = [];
    for (const way of ['own', 'served'] as const) {
      for (const users of sizes[bench.effort]) {
        const judged = goal.way === way && (goal.users ?? users) === users;
        figures.push(
          figureOf({
            name: `store, ${engine}, ${users.toLocaleString('en')} users: ${WAYS[way].name}`,
            unit: 'ms',
            samples: samples[`${way} ${users}`] ?? [],
            limit: { name: 'argon2id', samples: samples.argon2 ?? [] },
            point: { curve: WAYS[way].curve, line: engine, x: users },
            ...(judged ? { goal: goal.is } : {}),
          }),
        );
      }
    }
    figures.push(
      figureOf({ name: `store, ${engine}: one record synced, nothing else`, unit: 'ms', samples: samples.disk ?? [] }),
    );
    return growth === 'flat' ? [...figures, flatness(engine, sizes[bench.effort], samples)] : figures;
  } finally {
    for (const { facility } of opened) await facility.close();
  }
}

function thingsOf(opened: readonly { readonly made: BenchFacility; readonly facility: Facility }[]) {
  const things: Record<string, () => Promise<number>> = {};
  for (const { made } of opened) things[`own ${made.users}`] = () => timed(() => logOnHere(made));
  const [first] = opened;
  if (first === undefined) return things;
  // No login costs less: its change and its audit record are one commit.
  things.disk = () => timed(() => syncOnce(first.made.folder));
  // Between the two, as at a server: what a gate that ends leaves to be cleared up (a process of the database's) is none of the server's cost.
  things.argon2 = () => timed(() => verify(first.made.passwordHash, PASSWORD));
  for (const { made, facility } of opened) things[`served ${made.users}`] = () => timed(() => logOnIn(facility, made));
  return things;
}

/** The largest facility beside the smallest, both measured in turns. */
function flatness(
  engine: StoreEngine,
  sizes: readonly number[],
  samples: Readonly<Record<string, readonly number[]>>,
): Figure {
  const [least = 0, most = 0] = [sizes[0], sizes.at(-1)];
  return figureOf({
    name: `store, ${engine}: served log-on, ${most.toLocaleString('en')} users`,
    unit: 'ms',
    samples: samples[`served ${most}`] ?? [],
    limit: { name: `${least.toLocaleString('en')} users`, samples: samples[`served ${least}`] ?? [] },
    goal: FLAT,
  });
}
