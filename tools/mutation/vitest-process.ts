/**
 * One process of Vitest over one test file. A mutant that hangs it is found out by the clock: the process is ended, and
 * what it wrote down before counts.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Job, Line } from './job.ts';

/** How long a line may fail to come where no test is at work: the start, on a busy machine. */
const START_PATIENCE_MS = 180_000;

export type Ended = 'ended' | 'hung';

/** Resolves when it is over; what it found out is in `job.output`. */
export async function runVitest(testFile: string, jobFile: string, job: Job): Promise<Ended> {
  writeFileSync(jobFile, JSON.stringify(job));
  const child = spawn(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--config', 'tools/mutation/vitest.config.ts', testFile],
    { env: { ...process.env, MUTATION_JOB: jobFile }, stdio: 'ignore', detached: true },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let over = false;
  void ended.then(() => {
    over = true;
  });
  let [seen, since] = [0, Date.now()];
  while (!over) {
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 500))]);
    const lines = readLines(job.output);
    if (lines.length > seen) [seen, since] = [lines.length, Date.now()];
    const last = lines.at(-1);
    const patience = last?.line === 'trying' ? last.patience + 30_000 : START_PATIENCE_MS;
    if (over || Date.now() - since < patience) continue;
    // The whole group: the test may have children of its own.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
    return 'hung';
  }
  return 'ended';
}

export function readLines(path: string): readonly Line[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line): Line => JSON.parse(line));
}
