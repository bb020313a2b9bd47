/**
 * Every chosen mutant against the tests that reach it, quickest first, until one fails. Each process of tests takes one
 * file; what it wrote down is kept, so that a run that was cut off goes on where it was.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Judge } from './cover.ts';
import type { Line, TestPlan } from './job.ts';
import type { Target, Targets } from './targets.ts';
import { readLines, runVitest } from './vitest-process.ts';

export type Verdict =
  | { readonly kind: 'killed' | 'timed-out'; readonly by: string }
  /** `left`: tests that it would still have to meet, where the run was ended before. */
  | { readonly kind: 'survived'; readonly tests: number; readonly left: number }
  | { readonly kind: 'unreached' };

/** Of one mutant. */
export const MOST_TESTS = 80;
export const MOST_MILLISECONDS = 30_000;
const SLOW_MILLISECONDS = 5_000;

export type Trials = {
  readonly folder: string;
  readonly targets: Targets;
  readonly judges: readonly Judge[];
  /** 0: nothing more is tried. */
  readonly jobs: number;
};

export async function tryAll(
  { folder, targets, judges, jobs }: Trials,
  chosen: readonly Target[],
): Promise<ReadonlyMap<number, Verdict>> {
  const plans = new Map(chosen.map((mutant) => [mutant.id, testsFor(mutant, judges)]));
  const book = new Book();
  let count = 0;
  for (const name of readdirSync(folder).filter((entry) => /^try-\d+\.jsonl$/.test(entry))) {
    count = Math.max(count, Number(name.slice('try-'.length, -'.jsonl'.length)));
    book.enter(readLines(join(folder, name)));
  }
  const inFlight = new Set<number>();
  const worker = async () => {
    for (;;) {
      const waiting = chosen.filter(({ id }) => !inFlight.has(id) && book.killed.get(id) === undefined);
      const next = nextFile(
        waiting.map(({ id }) => ({ id, tests: (plans.get(id) ?? []).filter((test) => !book.wasTried(id, test)) })),
      );
      if (next === undefined) return;
      for (const id of next.mutants) inFlight.add(id);
      count += 1;
      const output = join(folder, `try-${count}.jsonl`);
      const job = { mode: 'try', files: targets.firstIds, output, plans: jobPlans(next.tests, book) } as const;
      const ended = await runVitest(next.file, join(folder, `try-${count}.json`), job);
      const lines = readLines(output);
      book.enter(lines);
      if (!lines.some(({ line }) => line === 'tried' || line === 'trying')) book.giveUp(next.tests);
      for (const id of next.mutants) inFlight.delete(id);
      const open = chosen.filter(
        ({ id }) => book.killed.get(id) === undefined && (plans.get(id) ?? []).some((test) => !book.wasTried(id, test)),
      );
      process.stdout.write(
        `${next.file}: ${next.mutants.length} mutants, ${ended}; ${book.killed.size} killed so far, ${open.length} open\n`,
      );
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return new Map(chosen.map(({ id }) => [id, verdictOf(id, { tests: plans.get(id) ?? [], book })]));
}

function verdictOf(id: number, { tests, book }: { readonly tests: readonly Judge[]; readonly book: Book }): Verdict {
  const kill = book.killed.get(id);
  if (kill !== undefined) return kill;
  if (tests.length === 0) return { kind: 'unreached' };
  return { kind: 'survived', tests: tests.length, left: tests.filter((test) => !book.wasTried(id, test)).length };
}

/** The tests of the file's own test file, then others that are near, then quick ones. */
function testsFor({ id, file }: Target, judges: readonly Judge[]): readonly Judge[] {
  const isEngine = file.includes('/engines/');
  const known = new Set<string>();
  let [spent, count] = [0, 0];
  return judges
    .filter(({ mutants }) => mutants.has(id))
    .map((judge) => ({ judge, nearness: nearnessOf(file, judge.file) }))
    .sort((a, b) => compare(b.nearness, a.nearness) || a.judge.milliseconds - b.judge.milliseconds)
    .filter(({ judge: { test, milliseconds }, nearness }) => {
      // The same test with the other engine tells the same of everything above the engines.
      const title = test.replaceAll(/sqljs|sqlite/gi, 'engine');
      if (!isEngine && known.has(title)) return false;
      known.add(title);
      count += 1;
      if (nearness === OWN && milliseconds <= SLOW_MILLISECONDS) return true;
      spent += milliseconds;
      return count === 1 || (count <= MOST_TESTS && spent <= MOST_MILLISECONDS);
    })
    .map(({ judge }) => judge);
}

/** Infinity less infinity is no number. */
function compare(one: number, other: number): number {
  return one === other ? 0 : one - other;
}

const OWN = Number.POSITIVE_INFINITY;

/** Test files of sources that have another name. */
const OWN_UNDER_ANOTHER_NAME: readonly (readonly [source: RegExp, test: RegExp])[] = [
  [/audit-(draining|journal|rows|state)\.ts$/, /audit-(drain|side)\.test/],
  [/recording-engine\.ts$/, /audit-drain\.test/],
  [/audit-side-file\.ts$/, /audit-side\.test/],
  [/audit-(verdict|journal)\.ts$/, /audit-verify\.test/],
  [/engines\/sqlite/, /sqlite-file\.test/],
  [/engines\/(sqljs|database-file)/, /sqljs-(file|image|together)\.test/],
  [/store\/moving\//, /moving\.test/],
];

/** How many words the two paths begin with in common; audit-gap.ts is audit-gap.test.ts's own. */
function nearnessOf(source: string, test: string): number {
  if (OWN_UNDER_ANOTHER_NAME.some(([mine, its]) => mine.test(source) && its.test(test))) return OWN;
  const words = (path: string) => path.replace('core/store/', 'store/').split(/[/.-]/).slice(1);
  const [mine, its] = [words(source), words(test)];
  const differs = mine.findIndex((word, index) => word !== its[index]);
  return differs === mine.length - 1 && its[differs] === 'test' ? OWN : differs;
}

type Open = { readonly id: number; readonly tests: readonly Judge[] };

/** The file that is the best next one for most mutants, with all of its tests that they have before them. */
function nextFile(open: readonly Open[]) {
  const byFile = Map.groupBy(
    open.filter(({ tests }) => tests.length > 0),
    ({ tests: [first] }) => first?.file ?? '',
  );
  const [best] = [...byFile].sort(([, a], [, b]) => b.length - a.length);
  if (best === undefined) return undefined;
  const [file, mutants] = best;
  const tests = new Map<Judge, number[]>();
  for (const { id, tests: mine } of mutants) {
    for (const test of mine) if (test.file === file) tests.set(test, [...(tests.get(test) ?? []), id]);
  }
  return { file, mutants: mutants.map(({ id }) => id), tests };
}

type ByTest = ReadonlyMap<Judge, readonly number[]>;

function jobPlans(tests: ByTest, book: Book): Record<string, TestPlan> {
  return Object.fromEntries(
    [...tests].map(([{ test, milliseconds, hits }, mutants]) => [
      test,
      {
        milliseconds,
        hits,
        mutants: [...mutants].sort((a, b) => Number(book.suspects.has(b)) - Number(book.suspects.has(a))),
      },
    ]),
  );
}

/** What is known of each mutant, out of the lines of all processes. */
class Book {
  readonly killed = new Map<number, Extract<Verdict, { by: string }>>();
  /** Hung a process in which others had been before: tried first in the next one, and not once more after that. */
  readonly suspects = new Set<number>();
  readonly #tried = new Map<number, Set<string>>();

  wasTried(id: number, { test }: Judge): boolean {
    return this.#tried.get(id)?.has(test) ?? false;
  }

  giveUp(tests: ByTest): void {
    for (const [{ test }, mutants] of tests) for (const id of mutants) this.#noteTried(id, test);
  }

  #noteTried(id: number, test: string): void {
    this.#tried.set(id, (this.#tried.get(id) ?? new Set()).add(test));
  }

  /**
   * Of one process. A failure counts where nothing was tried before it, or where the test still passes without a mutant
   * afterwards; else the mutant is tried again in another process.
   */
  enter(lines: readonly Line[]): void {
    let failures: Extract<Line, { line: 'tried' }>[] = [];
    let isFirst = true;
    let begun: Extract<Line, { line: 'trying' }> | undefined;
    for (const line of lines) {
      if (line.line === 'trying') begun = line;
      if (line.line === 'sound') {
        if (line.passed) for (const failure of failures) this.#kill(failure);
        failures = [];
      }
      if (line.line !== 'tried') continue;
      begun = undefined;
      if (line.result === 'passed') this.#noteTried(line.mutant, line.test);
      else if (isFirst) this.#kill(line);
      else failures.push(line);
      isFirst = false;
    }
    if (begun === undefined) return;
    if (isFirst || this.suspects.has(begun.mutant)) this.#kill({ ...begun, result: 'timed-out' });
    else this.suspects.add(begun.mutant);
  }

  #kill({ mutant, test, result }: { readonly mutant: number; readonly test: string; readonly result: string }): void {
    this.killed.set(mutant, { kind: result === 'timed-out' ? 'timed-out' : 'killed', by: test });
  }
}
