/**
 * `npm run bench`: measures side by side, prints a table, exits 1 where a goal is missed or something could not be measured.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchArguments, USAGE } from './command-line.ts';
import { facilitiesIn } from './facilities.ts';
import { type Figure, figureJson, holds } from './figure.ts';
import { machineText } from './machine.ts';
import type { Bench } from './measurement.ts';
import { MEASUREMENTS } from './measurements.ts';
import { programsAt } from './programs.ts';
import { tableText } from './report.ts';
import { openScratch } from './scratch.ts';

const scratch = openScratch();
try {
  process.exitCode = await run();
} catch (thrown) {
  process.stderr.write(`bench: ${thrown instanceof Error ? thrown.message : String(thrown)}\n${USAGE}\n`);
  process.exitCode = 64;
} finally {
  scratch.remove();
}

async function run(): Promise<number> {
  const { effort, json, only } = benchArguments(
    process.argv.slice(2),
    MEASUREMENTS.map(({ name }) => name),
  );
  const programs = programsAt(join(import.meta.dirname, '..'), scratch.folder);
  const bench: Bench = { effort, programs, facilities: facilitiesIn(scratch.folder) };
  process.stdout.write(`${machineText()}\n\n`);

  const figures: Figure[] = [];
  const failed: string[] = [];
  for (const { name, about, measure } of MEASUREMENTS) {
    if (only.length > 0 && !only.includes(name)) continue;
    process.stdout.write(`${name}: ${about}\n`);
    try {
      figures.push(...(await measure(bench)));
    } catch (thrown) {
      failed.push(`${name} could not be measured: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }

  process.stdout.write(`\n${tableText(figures)}\n`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(figures.map(figureJson), null, 2)}\n`);
  for (const sentence of failed) process.stderr.write(`bench: ${sentence}\n`);
  const missed = figures.filter((figure) => !holds(figure)).map(({ name }) => name);
  if (missed.length > 0) process.stdout.write(`\nMissed: ${missed.join('; ')}.\n`);
  if (missed.length > 0 || failed.length > 0) return 1;
  process.stdout.write('\nEvery goal holds.\n');
  return 0;
}
