/**
 * `npm run bench`: measures side by side, prints a table, exits 1 where a goal is missed or something could not be measured.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartSvg } from './chart/chart-svg.ts';
import { curvesOf } from './chart/curves.ts';
import { benchArguments, USAGE } from './command-line.ts';
import { openDatabases } from './databases.ts';
import { facilitiesIn } from './facilities.ts';
import { type Figure, figureJson, holds } from './figure.ts';
import { machineText } from './machine.ts';
import type { Bench } from './measurement.ts';
import { MEASUREMENTS } from './measurements.ts';
import { programsAt } from './programs.ts';
import { tableMarkdown, tableText } from './report.ts';
import { openScratch } from './scratch.ts';

const databases = openDatabases();
const scratch = openScratch(databases.close);
try {
  process.exitCode = await run();
} catch (thrown) {
  process.stderr.write(`bench: ${thrown instanceof Error ? thrown.message : String(thrown)}\n${USAGE}\n`);
  process.exitCode = 64;
} finally {
  await databases.close();
  scratch.remove();
}

async function run(): Promise<number> {
  const { effort, json, markdown, curves, only } = benchArguments(
    process.argv.slice(2),
    MEASUREMENTS.map(({ name }) => name),
  );
  const programs = programsAt(join(import.meta.dirname, '..'), scratch.folder);
  const bench: Bench = { effort, programs, facilities: facilitiesIn(scratch.folder, databases) };
  process.stdout.write(`${machineText()}\n\n`);

  const figures: Figure[] = [];
  const failed: string[] = [];
  for (const { name, about, measure, leftOut } of MEASUREMENTS) {
    const isAsked = only.length > 0 ? only.includes(name) : effort === 'full' || leftOut !== 'of-quick';
    if (!isAsked) continue;
    process.stdout.write(`${name}: ${about}\n`);
    try {
      figures.push(...(await measure(bench)));
    } catch (thrown) {
      failed.push(`${name} could not be measured: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }

  process.stdout.write(`\n${tableText(figures)}\n`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(figures.map(figureJson), null, 2)}\n`);
  if (markdown !== undefined) writeFileSync(markdown, tableMarkdown(figures));
  if (curves !== undefined) writeCurves(curves, figures);
  for (const sentence of failed) process.stderr.write(`bench: ${sentence}\n`);
  const missed = figures.filter((figure) => !holds(figure)).map(({ name }) => name);
  if (missed.length > 0) process.stdout.write(`\nMissed: ${missed.join('; ')}.\n`);
  if (missed.length > 0 || failed.length > 0) return 1;
  process.stdout.write('\nEvery goal holds.\n');
  return 0;
}

function writeCurves(folder: string, figures: readonly Figure[]): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, chart] of curvesOf(figures)) writeFileSync(join(folder, `${name}.svg`), chartSvg(chart));
}
