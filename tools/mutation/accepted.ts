/** Mutants that no test has to find, and why. A survivor of `npm run mutation` that is not here makes it exit 1. */

export type Accepted = {
  readonly why: string;
  /** As the run and docs/mutation.md name them. */
  readonly mutants: readonly string[];
};

export const ACCEPTED: readonly Accepted[] = [];
