/**
 * `npm run mutation`: plants small faults in login, store and audit trail, one at a time, and looks whether a test
 * notices. Writes docs/mutation.md. Exits 1 where fewer than 80 % are noticed, or a fault that was not has no reason in
 * accepted.json.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutationArguments, USAGE } from './command-line.ts';
import { cover } from './cover.ts';
import { documentOf } from './document.ts';
import { figuresOf, figuresTable, shareKilled, survivorDetails } from './report.ts';
import { sampleOf } from './sample.ts';
import { findTargets, type Targets } from './targets.ts';
import { tryAll } from './trials.ts';

const GOAL = 0.8;

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (thrown) {
  process.stderr.write(`mutation: ${thrown instanceof Error ? thrown.message : String(thrown)}\n${USAGE}\n`);
  process.exitCode = 64;
}

async function run(words: readonly string[]): Promise<number> {
  const { sample, seed, jobs, folder, report } = mutationArguments(words);
  const targets = findTargets();
  const chosen = sample === undefined ? targets.all : sampleOf(targets.all, sample, seed);
  process.stdout.write(`${chosen.length} of ${targets.all.length} mutants, seed ${seed}\n`);
  openFolder(folder, targets);
  const judges = await cover(folder, targets, jobs);
  const verdicts = await tryAll({ folder, targets, judges, jobs: report ? 0 : jobs }, chosen);
  const tried = chosen.map((mutant) => ({
    mutant,
    verdict: verdicts.get(mutant.id) ?? { kind: 'unreached' as const },
  }));
  const unexplained = survivorDetails(tried);
  writeFileSync('docs/mutation.md', documentOf(tried, { all: targets.all.length, seed }));
  process.stdout.write(`\n${figuresTable(tried)}\n\n`);
  if (unexplained !== '')
    process.stdout.write(`Survived, and no reason is given in tools/mutation/accepted.json:\n${unexplained}\n`);
  return shareKilled(figuresOf(tried)) >= GOAL && unexplained === '' ? 0 : 1;
}

/** Results of other sources are dropped. */
function openFolder(folder: string, { all }: Targets): void {
  const digest = createHash('sha256')
    .update(JSON.stringify([...new Set(all.map(({ source }) => source))]))
    .digest('hex');
  const note = join(folder, 'sources');
  if (existsSync(note) && readFileSync(note, 'utf8') !== digest) rmSync(folder, { recursive: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(note, digest);
}
