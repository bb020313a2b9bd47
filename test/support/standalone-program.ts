/** The single-file program, built once for a test file out of dist, in a folder of its own; and runs of it in an environment of nothing. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll } from 'vitest';

export type StandaloneRun = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

export type StandaloneProgram = {
  /** Path of the executable. */
  readonly file: string;
  /** Ends when the process does. Only what is given is in its environment; no PATH, no HOME. */
  run(
    args: readonly string[],
    options?: {
      readonly input?: string;
      readonly environment?: Readonly<Record<string, string>>;
      readonly folder?: string;
    },
  ): Promise<StandaloneRun>;
};

const BUILD_MS = 180_000;

/** Called once a file; the executable is there when its tests run. */
export function standaloneProgram(): StandaloneProgram {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-standalone-'));
  const file = join(folder, 'gatehouse');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(() => {
    execFileSync(process.execPath, ['tools/standalone/build.ts', '--out', file], { stdio: 'pipe' });
  }, BUILD_MS);
  return {
    file,
    async run(args, { input = '', environment = {}, folder: cwd = folder } = {}) {
      const child = spawn(file, args, { cwd, env: environment, stdio: 'pipe' });
      child.stdin.on('error', () => {});
      child.stdin.end(input);
      const status = new Promise<number | null>((resolve) => child.on('close', resolve));
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return { status: await status, stdout, stderr };
    },
  };
}
