import type { Clock } from '../ports.ts';

/** The host's clock. */
export const systemClock: Clock = { now: () => Date.now() };
