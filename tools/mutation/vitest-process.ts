/**
 * One process of Vitest over one test file. A mutant that hangs it is found out by the clock: the process is ended, and
 * what it wrote down before counts.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Job, Line } from './job.ts';

/** How long a line may fail to come where no test is at work: the start, on a busy machine. */
const START_PATIENCE_MS = 180_000;

export type Ended = 'ended' | 'hung';

/** Process groups of tests that are at work: they do not outlive this process. */
const groups = new Set<number>();
process.once('exit', () => {
  for (const group of groups) endGroup(group);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

function endGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Over already.
  }
}

/** Resolves when it is over; what it found out is in `job.output`. */
export async function runVitest(testFile: string, jobFile: string, job: Job): Promise<Ended> {
  writeFileSync(jobFile, JSON.stringify(job));
  const child = spawn(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--config', 'tools/mutation/vitest.config.ts', testFile],
    { env: { ...process.env, MUTATION_JOB: jobFile }, stdio: 'ignore', detached: true },
  );
  const group = child.pid;
  if (group === undefined) throw new Error('Vitest could not be started');
  groups.add(group);
  let over = false;
  const ended = once(child, 'exit').then(() => {
    over = true;
    groups.delete(group);
  });
  let [seen, since] = [0, Date.now()];
  while (!over) {
    await Promise.race([ended, pause(500)]);
    const lines = readLines(job.output);
    if (lines.length > seen) [seen, since] = [lines.length, Date.now()];
    const last = lines.at(-1);
    const patience = last?.line === 'trying' ? last.patience + 30_000 : START_PATIENCE_MS;
    if (over || Date.now() - since < patience) continue;
    // The whole group: the test may have children of its own.
    endGroup(group);
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
