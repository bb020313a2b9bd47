/** How rotations die, as their parent tells it: one JSON text as the only argument of `child/rotate-and-die.ts`. */
import type { ArmedFault } from '../counted-calls.ts';

export type RotationPlan = {
  /** Each of a facility of its own; one SIGKILL for all, once each stands still at its fault. */
  readonly rotations: readonly PlannedRotation[];
};

export type PlannedRotation = {
  readonly configFile: string;
  readonly now: number;
  /** Undefined: nothing of its own; it may be killed from outside. */
  readonly fault?: ArmedFault | undefined;
};
