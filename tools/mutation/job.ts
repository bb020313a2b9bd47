/**
 * What the mutation run hands to a process of tests, and what that process writes down, a line at a time: nothing that
 * was found out is lost when either is killed.
 */

/** `cover`: run each test once, and say what it reaches. `try`: run each with every mutant that is planned for it. */
export type Job = {
  readonly mode: 'cover' | 'try';
  /** Files to instrument, by absolute path, with the id of the first mutant of each. */
  readonly files: Readonly<Record<string, number>>;
  /** Where the lines go. */
  readonly output: string;
  /** By test; empty when covering. */
  readonly plans: Readonly<Record<string, TestPlan>>;
};

export type TestPlan = {
  readonly mutants: readonly number[];
  /** From the covering run: how long it took, and how often it came to a mutant. */
  readonly milliseconds: number;
  readonly hits: number;
};

export type Line =
  | {
      readonly line: 'covered';
      readonly test: string;
      readonly milliseconds: number;
      readonly hits: number;
      readonly mutants: readonly number[];
      readonly passed: boolean;
    }
  | { readonly line: 'trying'; readonly test: string; readonly mutant: number; readonly patience: number }
  | {
      readonly line: 'tried';
      readonly test: string;
      readonly mutant: number;
      readonly result: TrialResult;
      readonly message: string;
    }
  /** The test without any mutant, after some with: where it fails, what those did to the process is why they failed. */
  | { readonly line: 'sound'; readonly test: string; readonly passed: boolean };

export type TrialResult = 'passed' | 'failed' | 'timed-out';
