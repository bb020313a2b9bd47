/** Everything that is measured, in the order of the report. */
import { firstPrompt } from './measure/first-prompt.ts';
import { logOnCpu } from './measure/log-on-cpu.ts';
import { storeCost } from './measure/store-cost.ts';
import { waitingMemory } from './measure/waiting-memory.ts';
import type { Measurement } from './measurement.ts';

export const MEASUREMENTS: readonly Measurement[] = [firstPrompt, logOnCpu, storeCost, waitingMemory];
