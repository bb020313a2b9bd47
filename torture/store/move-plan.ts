/** Which facilities are upgraded, restored and migrated, as their parent tells it: one JSON text as the only argument of `child/move-and-die.ts`. */
import type { ArmedFault } from '../counted-calls.ts';
import { START } from '../facility.ts';
import type { FileEngine } from './engines.ts';

export type Deed =
  | { readonly kind: 'upgrade' }
  | { readonly kind: 'restore'; readonly backup: string }
  | { readonly kind: 'migrate'; readonly to: FileEngine | 'postgres' };

export type MovePlan = {
  /** Each of a facility of its own; one SIGKILL for all, once each stands still at its fault. */
  readonly moves: readonly {
    readonly configFile: string;
    readonly deed: Deed;
    readonly fault?: ArmedFault | undefined;
  }[];
};

export const RESTORED_AT = START + 10 * 60_000;
