/** Child processes of store tests: real ones, run by node itself from their .ts files. */
import { type ChildProcess, fork, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** Children of one test file share what node made of the sources: most of a child's start is that. */
const compileCache = mkdtempSync(join(tmpdir(), 'gatehouse-compiled-'));
afterAll(() => rmSync(compileCache, { recursive: true, force: true }));

/** Killed at the end of the test, whatever happens. */
export function startChild(script: string, ...args: readonly string[]): ChildProcess {
  const stdio: StdioOptions = ['ignore', 'pipe', 'inherit', 'ipc'];
  const child = fork(join(import.meta.dirname, 'child', script), args, {
    execArgv: [],
    stdio,
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

export async function nextMessage(child: ChildProcess): Promise<unknown> {
  const [message] = await once(child, 'message');
  return message;
}

/** What it wrote to stdout until it ended, and the signal that ended it. */
export async function untilEnd(child: ChildProcess): Promise<{ readonly output: string; readonly signal: unknown }> {
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [, signal] = await once(child, 'close');
  return { output, signal };
}
