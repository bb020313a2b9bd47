/** The words behind `npm run simulate --`. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { EngineInPlay } from './hospital-facility.ts';
import type { Size } from './simulation.ts';

export type SimulateArguments = Size & {
  readonly cores: number;
  /** Milliseconds; undefined: measured. */
  readonly hashMs: number | undefined;
  readonly storeMs: number | undefined;
};

export const USAGE = `npm run simulate [-- --users N] [--sites N] [--seed N] [--engine sqlite|sqljs] [--cores N] [--hash-ms N] [--store-ms N]
  --users 20000  --sites 50  --seed 1
  --engine NAME  the store engine in play (sqlite); sqljs writes its whole file each time, for a quarter of an hour with 20,000 users
  --cores N      passwords that the server hashes at a time (as many as this machine has cores)
  --hash-ms N    what an argon2id verification takes, instead of measuring it here
  --store-ms N   what a log-on takes of store and audit trail, instead of measuring it here
With both times given, the same words print the same day.`;

/** Throws an Error with a sentence for words that are none of these. */
export function simulateArguments(words: readonly string[]): SimulateArguments {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...words],
    options: { users: text, sites: text, seed: text, engine: text, cores: text, 'hash-ms': text, 'store-ms': text },
  });
  const whole = (name: 'users' | 'sites' | 'seed' | 'cores', range: Range) => {
    const value = numberOf(name, values[name] ?? String(range.fallback), range);
    if (!Number.isInteger(value)) throw new Error(`--${name} needs a whole number.`);
    return value;
  };
  const time = (name: 'hash-ms' | 'store-ms') =>
    values[name] === undefined ? undefined : numberOf(name, values[name], { least: 0, most: 60_000 });
  return {
    users: whole('users', { fallback: 20_000, least: 20, most: 200_000 }),
    sites: whole('sites', { fallback: 50, least: 1, most: 1000 }),
    seed: whole('seed', { fallback: 1, least: 0, most: 2 ** 31 }),
    cores: whole('cores', { fallback: availableParallelism(), least: 1, most: 1024 }),
    engine: engineOf(values.engine ?? 'sqlite'),
    hashMs: time('hash-ms'),
    storeMs: time('store-ms'),
  };
}

type Range = { readonly fallback?: number; readonly least: number; readonly most: number };

function numberOf(name: string, text: string, { least, most }: Range): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new Error(`--${name} needs a number from ${least} to ${most}.`);
}

function engineOf(name: string): EngineInPlay {
  if (name === 'sqlite' || name === 'sqljs') return name;
  if (name === 'postgres') {
    throw new Error(
      'PostgreSQL has a clock of its own, which nobody can step: play sqlite, with --store-ms as PostgreSQL takes it.',
    );
  }
  throw new Error(`There is no store engine ${name} to play: sqlite or sqljs.`);
}
