/** The words behind `npm run mutation --`. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export type MutationArguments = {
  /** How many mutants; undefined: all. */
  readonly sample: number | undefined;
  readonly seed: number;
  readonly jobs: number;
  /** What was found out so far is kept here; a run goes on from it as long as no source has changed. */
  readonly folder: string;
  /** Nothing more is tried: the page is written from what was found out so far. */
  readonly report: boolean;
};

export const USAGE = `npm run mutation [-- --all | --sample N] [--seed N] [--jobs N] [--folder FOLDER] [--report]
  without any    1,200 mutants drawn by a seed, evenly over the files of login, store and audit trail: about an hour
  --all          every mutant
  --sample N     so many
  --seed N       other ones
  --jobs N       processes of tests at a time; as many as there are processors
  --folder FOLDER  where results are kept, and a run that was cut off goes on; coverage/mutation
  --report       writes the page from the results of a run that was cut off`;

/** Throws an Error for words that are none of these. */
export function mutationArguments(words: readonly string[]): MutationArguments {
  const { values } = parseArgs({
    args: [...words],
    options: {
      all: { type: 'boolean', default: false },
      sample: { type: 'string', default: '1200' },
      seed: { type: 'string', default: '1' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      folder: { type: 'string', default: 'coverage/mutation' },
      report: { type: 'boolean', default: false },
    },
  });
  const { all, sample, seed, jobs, folder, report } = values;
  return {
    sample: all ? undefined : wholeNumber('--sample', sample),
    seed: wholeNumber('--seed', seed),
    jobs: wholeNumber('--jobs', jobs),
    folder,
    report,
  };
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name} takes a whole number from 1.`);
  return value;
}
