/** The words behind `npm run torture --`. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export type Length =
  /** Until each torment has reached its goal. */
  | { readonly kind: 'goal'; readonly goal: 'short' | 'long' }
  /** Until the time is over, shared by all torments. */
  | { readonly kind: 'minutes'; readonly minutes: number }
  | { readonly kind: 'rounds'; readonly rounds: number };

export type TortureArguments = {
  readonly length: Length;
  /** Of the first round of every torment; undefined: a fresh one. */
  readonly seed: number | undefined;
  /** Names of torments; all where empty. */
  readonly only: readonly string[];
  /** How many torments run at a time. */
  readonly jobs: number;
  /** Where the figures go as JSON. */
  readonly json: string | undefined;
};

export const USAGE = `npm run torture [-- --quick | --minutes N | --rounds N] [--seed N] [--only NAME ...] [--jobs N] [--json FILE]
  without any  until each torment has reached its goal: 10,000 kill points, 1,000,000 inputs a parser ...: an hour or two
  --quick      a small goal each: under 30 seconds
  --minutes N  as much as goes into N minutes
  --rounds N   so many rounds; with --seed and --only: what a failure says brings it back
  --only NAME  this torment alone; may be given several times
  --jobs N     torments at a time; as many as there are processors
  --json FILE  writes an array of {name, counts, seconds, failures: [{seed, text, command}]}`;

/** Throws an Error with a sentence for words that are none of these. */
export function tortureArguments(words: readonly string[], names: readonly string[]): TortureArguments {
  const { values } = parseArgs({
    args: [...words],
    options: {
      quick: { type: 'boolean' },
      minutes: { type: 'string' },
      rounds: { type: 'string' },
      seed: { type: 'string' },
      only: { type: 'string', multiple: true },
      jobs: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const { only = [], json } = values;
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`There is no torment ${unknown}. There are: ${names.join(', ')}.`);
  if (json === '') throw new Error('--json needs the name of a file.');
  return {
    length: lengthOf(values),
    seed: values.seed === undefined ? undefined : wholeNumber('--seed', values.seed, 0),
    only,
    jobs: values.jobs === undefined ? availableParallelism() : wholeNumber('--jobs', values.jobs, 1),
    json,
  };
}

type Lengths = {
  readonly quick?: boolean | undefined;
  readonly minutes?: string | undefined;
  readonly rounds?: string | undefined;
};

function lengthOf({ quick, minutes, rounds }: Lengths): Length {
  const given = [quick, minutes, rounds].filter((value) => value !== undefined);
  if (given.length > 1) throw new Error('One of --quick, --minutes and --rounds at a time.');
  if (minutes !== undefined) return { kind: 'minutes', minutes: wholeNumber('--minutes', minutes, 1) };
  if (rounds !== undefined) return { kind: 'rounds', rounds: wholeNumber('--rounds', rounds, 1) };
  return { kind: 'goal', goal: quick === true ? 'short' : 'long' };
}

function wholeNumber(name: string, text: string, least: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least) return number;
  throw new Error(`${name} needs a whole number, ${least} or more.`);
}
