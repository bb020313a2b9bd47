/** Every torment, in the order in which they are begun: the longest first, so that none is left to run alone. */
import { killedRotations } from './store/killed-rotations.ts';
import { killedSaves } from './store/killed-saves.ts';
import type { Torment } from './torment.ts';

export const TORMENTS: readonly Torment[] = [killedSaves, killedRotations];
