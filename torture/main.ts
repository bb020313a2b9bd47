/**
 * `npm run torture`: faults, kills, races and nonsense, with figures. Exits 1 where something was lost, somebody was let in, or anything fell
 * over; says then how to bring it back.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openScratch } from '../bench/scratch.ts';
import { type Length, type TortureArguments, tortureArguments, USAGE } from './command-line.ts';
import { freshSeed } from './random.ts';
import { figuresText, progressText } from './report.ts';
import { type Figures, runTorment } from './run-torment.ts';
import type { Torment } from './torment.ts';
import { TORMENTS } from './torments.ts';

const scratch = openScratch();
// Every process of the torture loads much the same.
process.env.NODE_COMPILE_CACHE ??= join(scratch.folder, 'compiled');
try {
  process.exitCode = await run(
    tortureArguments(
      process.argv.slice(2),
      TORMENTS.map(({ name }) => name),
    ),
  );
} catch (thrown) {
  process.stderr.write(`torture: ${thrown instanceof Error ? thrown.message : String(thrown)}\n${USAGE}\n`);
  process.exitCode = 64;
} finally {
  scratch.remove();
}

async function run({ only, json, jobs, length, seed = freshSeed() }: TortureArguments): Promise<number> {
  process.stdout.write(`Node ${process.version}, ${process.platform} ${process.arch}, seed ${seed}\n`);
  const chosen = TORMENTS.filter(({ name }) => only.length === 0 || only.includes(name));
  const waiting = chosen.filter(isPossible);
  const { length: torments } = waiting;
  const done: Figures[] = [];
  const work = async () => {
    for (let torment = waiting.shift(); torment; torment = waiting.shift()) {
      const folder = join(scratch.folder, torment.name);
      mkdirSync(folder, { mode: 0o700 });
      const figures = await runTorment(
        torment,
        { seed, folder, ...limitOf(length, torment, { torments, jobs }) },
        (sofar) => process.stdout.write(`${progressText(torment, sofar)}\n`),
      );
      process.stdout.write(`\n${figuresText(torment, figures)}\n`);
      done.push(figures);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(done, null, 2)}\n`);
  const failures = done.flatMap((figures) => figures.failures).length;
  process.stdout.write(failures === 0 ? '\nNothing was lost, nobody was let in.\n' : `\n${failures} failures.\n`);
  return failures === 0 ? 0 : 1;
}

function isPossible({ name, missing }: Torment): boolean {
  const sentence = missing?.();
  if (sentence !== undefined) process.stdout.write(`\n${name}: skipped: ${sentence}\n`);
  return sentence === undefined;
}

type Share = { readonly torments: number; readonly jobs: number };

function limitOf(length: Length, { goals }: Torment, { torments, jobs }: Share) {
  switch (length.kind) {
    case 'goal':
      return { goal: goals[length.goal] };
    case 'rounds':
      return { rounds: length.rounds };
    case 'minutes':
      return { seconds: (length.minutes * 60 * Math.min(jobs, torments)) / torments };
  }
}
