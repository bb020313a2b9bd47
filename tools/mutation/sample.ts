/**
 * Mutants drawn by a seed, evenly over all files. The same ones are drawn again after a change to other lines of a
 * file.
 */
import { createHash } from 'node:crypto';
import { shortChangeOf } from './change.ts';
import type { Target } from './targets.ts';

export function sampleOf(all: readonly Target[], count: number, seed: number): readonly Target[] {
  const share = count / all.length;
  return [...Map.groupBy(all, ({ file }) => file).values()].flatMap((mutants) =>
    mutants
      .map((mutant) => ({ mutant, rank: rankOf(mutant, seed) }))
      .sort((a, b) => a.rank.localeCompare(b.rank))
      .slice(0, Math.ceil(share * mutants.length))
      .map(({ mutant }) => mutant),
  );
}

function rankOf(mutant: Target, seed: number): string {
  return createHash('sha256')
    .update(`${seed} ${shortChangeOf(mutant)}`)
    .digest('hex');
}
