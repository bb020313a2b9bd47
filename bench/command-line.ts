/** The words behind `npm run bench --`. */
import { parseArgs } from 'node:util';
import type { Effort } from './side-by-side.ts';

export type BenchArguments = {
  readonly effort: Effort;
  /** Where the figures go as JSON. */
  readonly json: string | undefined;
  /** Where the table of docs/performance.md goes. */
  readonly markdown: string | undefined;
  /** Folder that gets the growth curves as SVG. */
  readonly curves: string | undefined;
  /** Names of measurements; all where empty. */
  readonly only: readonly string[];
};

export const USAGE = `npm run bench [-- --quick] [--json FILE] [--markdown FILE] [--curves DIR] [--only NAME ...]
  --quick          fewer runs, and not the dearest of them: under 50 seconds
  --json FILE      writes an array of {name, value, unit, limit, ratio, goal, holds}
  --markdown FILE  writes the table of docs/performance.md
  --curves DIR     writes the growth curves as SVG, those that the run has figures for
  --only NAME      this measurement alone; may be given several times`;

/** Throws an Error with a sentence for words that are none of these. */
export function benchArguments(words: readonly string[], names: readonly string[]): BenchArguments {
  const { values } = parseArgs({
    args: [...words],
    options: {
      quick: { type: 'boolean' },
      json: { type: 'string' },
      markdown: { type: 'string' },
      curves: { type: 'string' },
      only: { type: 'string', multiple: true },
    },
  });
  const { quick, json, markdown, curves, only = [] } = values;
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`There is no measurement ${unknown}. There are: ${names.join(', ')}.`);
  for (const [name, place] of Object.entries({ json, markdown, curves })) {
    if (place === '') throw new Error(`--${name} needs the name of a file or folder.`);
  }
  return { effort: quick === true ? 'quick' : 'full', json, markdown, curves, only };
}
