/** The first run: each test once, without a mutant, to know what it reaches and how long it takes. */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Line } from './job.ts';
import { findJudges, type Targets } from './targets.ts';
import { readLines, runVitest } from './vitest-process.ts';
import { withWorkers } from './with-workers.ts';

export type Judge = {
  readonly file: string;
  readonly test: string;
  readonly milliseconds: number;
  readonly hits: number;
  readonly mutants: ReadonlySet<number>;
};

/** Results of a run before this one in the same folder are taken as they are. */
export async function cover(folder: string, { firstIds }: Targets, jobs: number): Promise<readonly Judge[]> {
  const judges: Judge[] = [];
  await withWorkers(findJudges(), jobs, async (file) => {
    const name = join(folder, `cover-${file.replaceAll('/', '-')}`);
    const results = `${name}.jsonl`;
    if (!existsSync(results)) {
      const output = `${name}.part`;
      rmSync(output, { force: true });
      await runVitest(file, `${name}.json`, { mode: 'cover', files: firstIds, output, plans: {} });
      writeFileSync(output, '', { flag: 'a' });
      renameSync(output, results);
      process.stdout.write(`${file}: ${readLines(results).length} tests\n`);
    }
    for (const line of readLines(results)) if (line.line === 'covered') judges.push(judgeOf(file, line));
  });
  return judges;
}

function judgeOf(
  file: string,
  { test, milliseconds, hits, mutants, passed }: Extract<Line, { line: 'covered' }>,
): Judge {
  // A red test judges nothing.
  return { file, test, milliseconds, hits, mutants: new Set(passed ? mutants : []) };
}
