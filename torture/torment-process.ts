/**
 * One torment, in a process of its own: whatever falls over or stands still there is told by whoever started it.
 * `torment-process.ts NAME`; the rest by message.
 */
import './counted-calls.ts';

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from './random.ts';
import type { Torment, Victim } from './torment.ts';
import { type Assignment, isAssignment, type Report } from './torment-message.ts';
import { TORMENTS } from './torments.ts';

const torment = TORMENTS.find(({ name }) => name === process.argv[2]);

// Nobody is there any more who would want to know.
process.once('disconnect', () => process.exit());
process.once('message', (assignment) => {
  if (!torment || !isAssignment(assignment)) throw new Error('no such torment');
  run(torment, assignment).then(
    () => process.disconnect(),
    (thrown) => {
      process.stderr.write(`${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
      process.exit(1);
    },
  );
});

async function run(torment: Torment, assignment: Assignment): Promise<void> {
  const { seed, folder } = assignment;
  const startedAt = performance.now();
  let victim: Victim | undefined;
  let reached = 0;
  let failures = 0;
  for (
    let round = 0;
    !isDone(assignment, { round, reached, seconds: (performance.now() - startedAt) / 1000 });
    round += 1
  ) {
    await tell({ kind: 'round', seed: seed + round });
    const own = join(folder, String(round));
    try {
      if (!victim) {
        mkdirSync(own, { mode: 0o700 });
        victim = await torment.open(own);
      }
      const counts = await victim.round(seededRandom(seed + round));
      reached += counts[torment.counted] ?? 0;
      await tell({ kind: 'counts', counts });
    } catch (thrown) {
      failures += 1;
      await tell({
        kind: 'failure',
        seed: seed + round,
        text: thrown instanceof Error ? thrown.message : String(thrown),
      });
      // What is broken is not tortured on, and what breaks every time is known by now.
      await victim?.close().catch(() => undefined);
      victim = undefined;
      if (failures === MOST_FAILURES) break;
    }
  }
  await victim?.close();
  rmSync(folder, { recursive: true, force: true });
}

const MOST_FAILURES = 5;

function isDone(
  { goal, seconds, rounds }: Assignment,
  now: { readonly round: number; readonly reached: number; readonly seconds: number },
): boolean {
  return now.reached >= (goal ?? Infinity) || now.seconds >= (seconds ?? Infinity) || now.round >= (rounds ?? Infinity);
}

function tell(report: Report): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(report, undefined, undefined, (error) => (error ? reject(error) : resolve()));
  });
}
