/** `bin/gatehouse` as an administrator runs it: a process of its own, in a folder of its own. `npm test` has built it. */
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

export type Run = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

export type RunOptions = {
  readonly folder: string;
  readonly input?: string | Buffer;
  readonly environment?: Readonly<Record<string, string>>;
};

/** Another one (an installed package, a build of its own) is tried with GATEHOUSE_UNDER_TEST=path. */
export const GATEHOUSE = resolve(process.env.GATEHOUSE_UNDER_TEST ?? 'bin/gatehouse');

/** Ends when the process does; nothing is on its stdin but `input`. */
export function runGatehouse(args: readonly string[], options: RunOptions): Promise<Run> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(GATEHOUSE, args, {
    cwd: options.folder,
    env: { PATH, HOME, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // Whoever does not read its input ends the pipe early.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  return new Promise((settle, reject) => {
    child.on('error', reject);
    child.on('close', (status) =>
      settle({ status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
  });
}

export type Shell = {
  readonly folder: string;
  run(args: readonly string[], options?: Omit<RunOptions, 'folder'>): Promise<Run>;
  /** What a command that has to go well prints with --json. */
  json(args: readonly string[], options?: Omit<RunOptions, 'folder'>): Promise<unknown>;
};

/** An empty folder, and commands run in it. */
export function emptyShell(): Shell {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'));
  chmodSync(folder, 0o700);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const run: Shell['run'] = (args, options) => runGatehouse(args, { folder, ...options });
  return {
    folder,
    run,
    async json(args, options) {
      const { status, stdout, stderr } = await run([...args, '--json'], options);
      if (status !== 0) throw new Error(`gatehouse ${args.join(' ')}: ${status} ${stderr}`);
      return JSON.parse(stdout);
    },
  };
}

export const ADMIN_PASSWORD = 'correct horse battery';

export type FacilityMode = 'auto' | 'central' | 'off';

/** A facility made by `gatehouse init`, with the administrator `root`. Made once a mode, then copied: all its paths are relative. */
export async function facilityShell(mode: FacilityMode = 'auto'): Promise<Shell> {
  const template = templates.get(mode) ?? makeTemplate(mode);
  templates.set(mode, template);
  const shell = emptyShell();
  cpSync(await template, shell.folder, { recursive: true });
  // Copied without their modes.
  for (const folder of ['data', 'data/audit']) chmodSync(join(shell.folder, folder), 0o700);
  return shell;
}

const templates = new Map<FacilityMode, Promise<string>>();

async function makeTemplate(mode: FacilityMode): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-template-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const label = mode === 'off' ? [] : ['--label', 'St Elsewhere LIVE'];
  const { status, stderr } = await runGatehouse(
    ['init', '--mode', mode, ...label, '--admin', 'root', '--password-stdin'],
    { folder, input: `${ADMIN_PASSWORD}\n` },
  );
  if (status !== 0) throw new Error(`gatehouse init: ${status} ${stderr}`);
  return folder;
}
