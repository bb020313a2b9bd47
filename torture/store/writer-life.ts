/** One life of some writers: a process that does writes over databases of its own, from its start to its end, however it came. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type FatalPlan, MOMENTS, type Moment } from './fatal-plan.ts';

export type Life = {
  /** Of each writer, how many writes it was told are done, in order. */
  readonly acknowledged: readonly number[];
  /** Of each writer, in what it was interrupted; undefined: between two of its acts. */
  readonly moments: readonly (Moment | undefined)[];
  /** Whether it ended with all writes of all writers done. */
  readonly end: 'killed' | 'done';
  /** Calls to the file system of the last writer that came to its end. */
  readonly calls: number;
  /** From its first write on. */
  readonly milliseconds: number;
};

export type LifeOptions = {
  /** Where node keeps what it compiled, from life to life. */
  readonly compileCache: string;
  /** Words of strace, where it is to be run under it. */
  readonly strace?: readonly string[];
  /** So long after `armed` it is killed from outside. */
  readonly killAfterMs?: number;
};

const WRITER = join(import.meta.dirname, '../child/save-and-die.ts');

/** Throws where the process ended by an error. */
export async function writerLife(plan: FatalPlan, options: LifeOptions): Promise<Life> {
  const words = [process.execPath, WRITER, JSON.stringify(plan)];
  const [file = '', ...args] = options.strace ? ['strace', ...options.strace, ...words] : words;
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // One thread for file system calls, so that strace counts them in one row.
    env: { ...process.env, NODE_COMPILE_CACHE: options.compileCache, UV_THREADPOOL_SIZE: '1' },
  });
  let said = '';
  let complaint = '';
  let armedAt = 0;
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    said += text;
    if (armedAt > 0 || !said.startsWith(ARMED)) return;
    armedAt = performance.now();
    if (options.killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), options.killAfterMs);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const [status] = await once(child, 'close');
  const milliseconds = performance.now() - armedAt;
  if (status !== null && status !== 0) throw new Error(`a writer ended with ${status}: ${complaint.slice(0, 500)}`);
  const lines = said.split('\n');
  return {
    acknowledged: plan.writers.map((_, writer) => acknowledgedBy(lines, writer)),
    moments: plan.writers.map((_, writer) => {
      const last = lines.findLast((line) => line.startsWith(`${writer} `));
      return MOMENTS.find((moment) => last === `${writer} ${moment}`);
    }),
    end: status === 0 ? 'done' : 'killed',
    calls: Number(lines.findLast((line) => line.startsWith('calls '))?.slice(6) ?? 0),
    milliseconds,
  };
}

function acknowledgedBy(lines: readonly string[], writer: number): number {
  const last = lines.findLast((line) => /^\d+ \d+$/.test(line) && line.startsWith(`${writer} `));
  return Number(last?.slice(`${writer} `.length) ?? 0);
}

const ARMED = 'armed\n';
