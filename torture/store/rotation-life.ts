/** One life of a process that rotates the keys of some facilities, from its start to its end, with log-ons beside it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { RotationPlan } from './rotation-plan.ts';
import type { LogOns } from './sealing-log-ons.ts';

export type RotationLife = {
  /** Numbers of the rotations that came to their end. */
  readonly done: readonly number[];
  /** Calls to the file system of the last one of them. */
  readonly calls: number;
  /** From its first call on. */
  readonly milliseconds: number;
};

export type RotationLifeOptions = {
  /** Where node keeps what it compiled, from life to life. */
  readonly compileCache: string;
  /** So long after `armed` it is killed from outside. */
  readonly killAfterMs?: number;
  /** Of each facility, all the while. */
  readonly logOns: readonly LogOns[];
};

const ROTATOR = join(import.meta.dirname, '../child/rotate-and-die.ts');

/** Throws where the process ended by an error. */
export async function rotationLife(plan: RotationPlan, options: RotationLifeOptions): Promise<RotationLife> {
  const { compileCache, killAfterMs, logOns } = options;
  const child = spawn(process.execPath, [ROTATOR, JSON.stringify(plan)], {
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  });
  const said: string[] = [];
  let complaint = '';
  let armedAt = 0;
  let alive = true;
  let writing: Promise<unknown> = Promise.resolve();
  child.stdin.on('error', () => undefined);
  const hear = (line: string) => {
    said.push(line);
    if (line === 'armed') {
      armedAt = performance.now();
      writing = Promise.all(logOns.map((each) => each.run(() => alive)));
      if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    }
    const [, number] = /^wait (\d+)$/.exec(line) ?? [];
    // What was sealed before this moment is written when it goes on: what the real rotation waits its seconds for.
    if (number !== undefined) logOns[Number(number)]?.settled().then(() => child.stdin.write(`${number}\n`));
  };
  let rest = '';
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) hear(line);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const [status] = await once(child, 'close');
  alive = false;
  const milliseconds = performance.now() - armedAt;
  await writing;
  if (status !== null && status !== 0) throw new Error(`a rotation ended with ${status}: ${complaint.slice(0, 500)}`);
  return {
    done: said.flatMap((line) => (line.startsWith('done ') ? [Number(line.slice(5))] : [])),
    calls: Number(said.findLast((line) => line.startsWith('calls '))?.slice(6) ?? 0),
    milliseconds,
  };
}
