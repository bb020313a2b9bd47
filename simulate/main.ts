/**
 * `npm run simulate`: a hospital's day on the real core, with a stepped clock. Prints what people waited and why they were refused; ends with 1
 * where the day does not add up.
 */
import { mkdtempSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { openScratch } from '../bench/scratch.ts';
import { EXIT_STATUS } from '../src/core/errors.ts';
import { calibrate } from './calibration.ts';
import { type SimulateArguments, simulateArguments, USAGE } from './command-line.ts';
import { memoryFolder } from './memory-folder.ts';
import type { Model } from './model.ts';
import { dayText, problemsOf } from './report.ts';
import { prepareSimulation } from './simulation.ts';

const scratch = openScratch();
try {
  const asked = argumentsOrUsage();
  process.exitCode = asked === undefined ? EXIT_STATUS.usage : await run(asked);
} catch (thrown) {
  process.stderr.write(`simulate: ${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
  process.exitCode = EXIT_STATUS.internal;
} finally {
  scratch.remove();
}

function argumentsOrUsage(): SimulateArguments | undefined {
  try {
    return simulateArguments(process.argv.slice(2));
  } catch (thrown) {
    process.stderr.write(`simulate: ${thrown instanceof Error ? thrown.message : String(thrown)}\n${USAGE}\n`);
    return undefined;
  }
}

async function run(asked: SimulateArguments): Promise<number> {
  const model = await modelOf(asked);
  const simulation = await prepareSimulation(asked, memoryFolder() ?? scratch.folder);
  process.on('exit', simulation.remove);
  const day = await simulation.play(model, drawProgress);
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  process.stdout.write(dayText(asked, model, day));
  return problemsOf(day).length === 0 ? 0 : 1;
}

async function modelOf({ users, engine, cores, hashMs, storeMs }: SimulateArguments): Promise<Model> {
  if (hashMs !== undefined && storeMs !== undefined) return { hashMs, storeMs, cores, source: 'as given' };
  const measured = await calibrate(mkdtempSync(join(scratch.folder, 'calibration-')), { users, engine });
  const busy = `load ${(loadavg()[0] ?? 0).toFixed(1)} on ${availableParallelism()} cores`;
  const source = `measured here (${busy})${hashMs === undefined && storeMs === undefined ? '' : ', but for the one that was given'}`;
  return { hashMs: hashMs ?? measured.hashMs, storeMs: storeMs ?? measured.storeMs, cores, source };
}

function drawProgress(epochMs: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${new Date(epochMs).toISOString().slice(11, 16)}`);
}
