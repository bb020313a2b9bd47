/**
 * Runs each test many times over in one process, each time with another mutant awake: Vitest repeats a test with all of
 * its hooks, and nothing has to be loaded again. A mutant that failed one test is not tried with the next. Now and then
 * the test runs without a mutant: state that a mutant left behind in the process must not pass for a kill.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { type RunnerTask, type RunnerTestCase, type RunnerTestFile, TestRunner, type TestRunnerConfig } from 'vitest';
import type { Job, Line, TestPlan } from './job.ts';

/** Trials between two runs without a mutant. */
const TRIALS_PER_SOUND_RUN = 10;
const { setTimeout, clearTimeout } = globalThis;

class TimedOut extends Error {}

export default class MutationRunner extends TestRunner {
  readonly #job: Job;
  readonly #killed = new Set<number>();
  #reached = new Set<number>();
  #awake: number | undefined;
  #isSpoilt = false;
  #hits = 0;
  #mostHits = Number.POSITIVE_INFINITY;
  /** Of the test that runs: a mutant, or undefined for none, for each repetition. */
  #trials: readonly (number | undefined)[] = [];

  constructor(config: TestRunnerConfig) {
    super(config);
    this.#job = JSON.parse(readFileSync(process.env.MUTATION_JOB ?? '', 'utf8'));
    Object.assign(globalThis, { __mutant: (id: number) => this.#isAwake(id) });
  }

  #isAwake(id: number): boolean {
    this.#hits += 1;
    if (this.#job.mode === 'cover') this.#reached.add(id);
    // A loop that a mutant keeps from ending.
    if (this.#hits > this.#mostHits) {
      this.#mostHits = Number.POSITIVE_INFINITY;
      throw new TimedOut('came to mutants a hundred times as often as without one');
    }
    return id === this.#awake;
  }

  #write(line: Line): void {
    appendFileSync(this.#job.output, `${JSON.stringify(line)}\n`);
  }

  onBeforeRunFiles(files: RunnerTestFile[]): void {
    for (const { tasks } of files) this.#prepare(tasks);
  }

  /**
   * The quick ones first; what has nothing to try is skipped, with the hooks of its suite. Whether anything is left.
   */
  #prepare(tasks: RunnerTask[]): boolean {
    const cost = (task: RunnerTask) => (task.type === 'test' ? (this.#planOf(task)?.milliseconds ?? 0) : 1e6);
    tasks.sort((a, b) => cost(a) - cost(b));
    for (const task of tasks) {
      const isWanted = task.type === 'suite' ? this.#prepare(task.tasks) : this.#planOf(task) !== undefined;
      if (this.#job.mode === 'try' && !isWanted) task.mode = 'skip';
    }
    return tasks.some(({ mode }) => mode === 'run' || mode === 'queued');
  }

  #planOf(test: RunnerTestCase): TestPlan | undefined {
    return this.#job.plans[test.fullTestName];
  }

  override async onBeforeRunTask(test: RunnerTestCase): Promise<void> {
    if (this.#job.mode === 'try') {
      const waiting = (this.#planOf(test)?.mutants ?? []).filter((id) => !this.#killed.has(id));
      if (waiting.length === 0 || this.#isSpoilt) test.mode = 'skip';
      this.#trials = withSoundRuns(waiting);
      test.repeats = Math.max(0, this.#trials.length - 1);
    }
    await super.onBeforeRunTask(test);
  }

  override onBeforeTryTask(test: RunnerTestCase, options: { retry: number; repeats: number }): void {
    super.onBeforeTryTask(test, options);
    this.#hits = 0;
    this.#started = performance.now();
    if (this.#job.mode === 'cover') {
      this.#reached = new Set();
      return;
    }
    if (this.#isSpoilt) throw new Error('a mutant left something behind in this process');
    this.#awake = this.#trials[options.repeats];
    const plan = this.#planOf(test);
    this.#mostHits = this.#awake === undefined ? Number.POSITIVE_INFINITY : 100_000 + 100 * (plan?.hits ?? 0);
    if (this.#awake !== undefined) {
      this.#write({ line: 'trying', test: test.fullTestName, mutant: this.#awake, patience: this.#patience(test) });
    }
  }

  #started = 0;

  /** In milliseconds, on a machine that may be busy. */
  #patience(test: RunnerTestCase): number {
    return 5_000 + 10 * (this.#planOf(test)?.milliseconds ?? 0);
  }

  async runTask(test: RunnerTestCase): Promise<void> {
    const running = Promise.resolve(TestRunner.getTestFn(test)());
    if (this.#awake === undefined) return running;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new TimedOut('took ten times as long as without one')), this.#patience(test));
    });
    await Promise.race([running, timeout]).finally(() => clearTimeout(timer));
  }

  override async onAfterRetryTask(test: RunnerTestCase, options: { retry: number; repeats: number }): Promise<void> {
    await super.onAfterRetryTask(test, options);
    const { result, fullTestName } = test;
    const passed = result?.state === 'pass';
    if (this.#job.mode === 'cover') {
      const milliseconds = Math.ceil(performance.now() - this.#started);
      this.#write({
        line: 'covered',
        test: fullTestName,
        milliseconds,
        hits: this.#hits,
        mutants: [...this.#reached],
        passed,
      });
      this.#reached = new Set();
      return;
    }
    if (this.#isSpoilt) return;
    const mutant = this.#awake;
    this.#awake = undefined;
    this.#mostHits = Number.POSITIVE_INFINITY;
    if (mutant === undefined) {
      this.#write({ line: 'sound', test: fullTestName, passed });
      this.#isSpoilt = !passed;
      return;
    }
    const message = (result?.errors ?? [])
      .map((error) => error.message)
      .join('; ')
      .slice(0, 200);
    const timedOut = /as often as without one|as long as without one|timed out in \d+ ?ms/.test(message);
    if (!passed) this.#killed.add(mutant);
    this.#write({
      line: 'tried',
      test: fullTestName,
      mutant,
      message,
      result: passed ? 'passed' : timedOut ? 'timed-out' : 'failed',
    });
    // Thousands of failures are in order here: they are results, not errors of this run.
    if (result) {
      delete result.errors;
      result.state = 'pass';
    }
  }
}

function withSoundRuns(mutants: readonly number[]): readonly (number | undefined)[] {
  return mutants.flatMap((id, index) =>
    (index + 1) % TRIALS_PER_SOUND_RUN === 0 || index === mutants.length - 1 ? [id, undefined] : [id],
  );
}
