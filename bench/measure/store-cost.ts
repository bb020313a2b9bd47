/**
 * What the store costs a log-on, as the size of the facility grows. Every gate is a process of its own, so opening and reading the
 * database belongs to it: open, name, password (believed, no argon2), code, audit, close; all on the disk when it ends. The limit is
 * one argon2id verification: where the store costs more than that, the facility has outgrown the engine.
 */
import { verify } from '@node-rs/argon2';
import { PASSWORD } from '../facilities.ts';
import { atMost, type Figure, figureOf, type Goal } from '../figure.ts';
import { logOnHere } from '../log-on-here.ts';
import type { Bench, Measurement } from '../measurement.ts';
import { type Rounds, sideBySide } from '../side-by-side.ts';

export const storeCost: Measurement = {
  name: 'store-cost',
  about:
    'A log-on without argon2, in this process: facility opened, name, password, code, audit, closed, everything on the disk; limit: one argon2id verification with the default parameters.',
  async measure(bench) {
    const figures: Figure[] = [];
    for (const { users, goal } of SIZES) figures.push(await costWith(bench, users, goal));
    return figures;
  },
};

const SIZES: readonly { readonly users: number; readonly goal?: Goal }[] = [
  { users: 1000 },
  { users: 10_000, goal: atMost(40) },
  { users: 100_000 },
];

const ROUNDS: Rounds = { full: 40, quick: 12, seconds: { full: 20, quick: 1 } };

async function costWith(bench: Bench, users: number, goal: Goal | undefined): Promise<Figure> {
  const facility = await bench.facilities.ofUsers(users);
  const samples = await sideBySide(bench.effort, ROUNDS, {
    argon2: () => timed(() => verify(facility.passwordHash, PASSWORD)),
    store: () => timed(() => logOnHere(facility)),
  });
  return figureOf({
    name: `store, sqljs, ${users.toLocaleString('en')} users: log-on without argon2`,
    unit: 'ms',
    samples: samples.store,
    limit: { name: 'argon2id', samples: samples.argon2 },
    ...(goal === undefined ? {} : { goal }),
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
