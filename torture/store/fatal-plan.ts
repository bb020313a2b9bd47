/** How writers die, as their parent tells it: one JSON text as the only argument of `child/save-and-die.ts`. */
import type { ArmedFault } from '../counted-calls.ts';
import type { FileEngine } from './engines.ts';

export type FatalPlan = {
  readonly engine: FileEngine;
  /** Each over a store of its own; one SIGKILL for all, once each stands still at its fault. */
  readonly writers: readonly PlannedWriter[];
  /** At most, each. */
  readonly writes: number;
};

export type PlannedWriter = {
  readonly folder: string;
  /** Of the writes. */
  readonly seed: number;
  /** Undefined: nothing of its own; it may be killed from outside. */
  readonly fault?: ArmedFault | undefined;
};

/** What a writer says last tells where it died: `2 commit` is writer 2 at the end of a transaction, `2 17` has acknowledged its 17th write. */
export const MOMENTS = ['transaction', 'commit', 'drain'] as const;
export type Moment = (typeof MOMENTS)[number];
