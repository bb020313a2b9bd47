/** Runs one torment in its own process and gathers what it tells. A process that ends early or stands still is a failure too. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { added, type Counts, type Torment } from './torment.ts';
import { type Assignment, isReport } from './torment-message.ts';

export type Failure = {
  readonly seed: number;
  readonly text: string;
  /** Brings it back. */
  readonly command: string;
};

export type Figures = {
  readonly name: string;
  readonly counts: Counts;
  readonly seconds: number;
  readonly failures: readonly Failure[];
};

/** No round takes so long; a parser that never comes back does. */
const STANDSTILL_MS = 300_000;
const PROGRESS_MS = 60_000;

/** `onProgress` is called once a minute. */
export async function runTorment(
  torment: Torment,
  assignment: Assignment,
  onProgress: (figures: Figures) => void,
): Promise<Figures> {
  const { name } = torment;
  const startedAt = performance.now();
  const child = fork(join(import.meta.dirname, 'torment-process.ts'), [name], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let counts: Counts = {};
  const failures: Failure[] = [];
  let seed = assignment.seed;
  let complaint = '';
  const fail = (at: number, text: string) => {
    failures.push({ seed: at, text, command: `npm run torture -- --only ${name} --seed ${at} --rounds 1` });
  };
  const standstill = setTimeout(() => {
    fail(seed, `it stood still for ${STANDSTILL_MS / 1000} seconds`);
    child.kill('SIGKILL');
  }, STANDSTILL_MS);
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-COMPLAINT_CHARACTERS);
  });
  child.on('message', (report) => {
    standstill.refresh();
    if (!isReport(report)) return;
    if (report.kind === 'round') seed = report.seed;
    else if (report.kind === 'counts') counts = added(counts, report.counts);
    else fail(report.seed, report.text);
  });
  const figures = (): Figures => ({ name, counts, seconds: (performance.now() - startedAt) / 1000, failures });
  const progress = setInterval(() => onProgress(figures()), PROGRESS_MS);
  child.send(assignment);
  const [status, signal] = await once(child, 'close');
  clearTimeout(standstill);
  clearInterval(progress);
  if (status !== 0 && failures.length === 0)
    fail(seed, `its process ended with ${signal ?? status}: ${complaint.trim()}`);
  return figures();
}

const COMPLAINT_CHARACTERS = 2000;
