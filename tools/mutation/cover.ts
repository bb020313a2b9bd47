/** The first run: each test once, without a mutant, to know what it reaches and how long it takes. */
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

export type Cover = {
  readonly judges: readonly Judge[];
  /** What runs while a test file is loaded, by test file. */
  readonly atLoading: ReadonlyMap<string, ReadonlySet<number>>;
};

/** Results of a run before this one in the same folder are taken as they are. */
export async function cover(folder: string, { firstIds }: Targets, jobs: number): Promise<Cover> {
  const judges: Judge[] = [];
  const atLoading = new Map<string, ReadonlySet<number>>();
  await withWorkers(findJudges(), jobs, async (file) => {
    const name = file.replaceAll('/', '-');
    const output = join(folder, `cover-${name}.jsonl`);
    if (readLines(output).length === 0) {
      await runVitest(file, join(folder, `cover-${name}.json`), { mode: 'cover', files: firstIds, output, plans: {} });
      process.stdout.write(`${file}: ${readLines(output).length - 1} tests\n`);
    }
    for (const line of readLines(output)) {
      if (line.line === 'static') atLoading.set(file, new Set(line.mutants));
      if (line.line === 'covered') judges.push(judgeOf(file, line));
    }
  });
  return { judges, atLoading };
}

function judgeOf(
  file: string,
  { test, milliseconds, hits, mutants, passed }: Extract<Line, { line: 'covered' }>,
): Judge {
  // A red test judges nothing.
  return { file, test, milliseconds, hits, mutants: new Set(passed ? mutants : []) };
}
