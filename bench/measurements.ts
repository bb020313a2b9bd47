/** Everything that is measured, in the order of the report. */
import { bulk } from './measure/bulk.ts';
import { console100k } from './measure/console.ts';
import { firstPrompt } from './measure/first-prompt.ts';
import { formStart } from './measure/form-start.ts';
import { logOnCpu } from './measure/log-on-cpu.ts';
import { servedLogOns } from './measure/served-log-ons.ts';
import { servedWaiting } from './measure/served-waiting.ts';
import { standaloneStart } from './measure/standalone-start.ts';
import { storeCost } from './measure/store-cost.ts';
import { storeMigrate } from './measure/store-migrate.ts';
import { waitingMemory } from './measure/waiting-memory.ts';
import type { Measurement } from './measurement.ts';

export const MEASUREMENTS: readonly Measurement[] = [
  firstPrompt,
  { ...standaloneStart, leftOut: 'of-quick' },
  formStart,
  logOnCpu,
  storeCost('sqljs'),
  storeCost('sqlite'),
  { ...storeCost('postgres'), leftOut: 'of-quick' },
  waitingMemory,
  servedLogOns,
  servedWaiting,
  console100k,
  bulk('sqljs'),
  bulk('sqlite'),
  { ...bulk('postgres'), leftOut: 'of-quick' },
  { ...storeMigrate('sqljs'), leftOut: 'of-quick' },
  { ...storeMigrate('postgres'), leftOut: 'of-quick' },
];
