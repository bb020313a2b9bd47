/**
 * Invariant: called only after a grant; then the command runs in the gate's place, with the gate's process id where the platform can
 * exec, and knows who was let in. It gets what the caller of the gate would have given it: umask, limits, descriptors 0 to 2 and no
 * other, no signal blocked or ignored. Where it cannot be run, a sentence and a status that is not 0.
 */
import { accessSync, closeSync, constants, existsSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { Fault } from '../core/errors.ts';
import type { Done } from '../core/login/message.ts';
import { inert } from '../core/visible-text.ts';
import { O_CLOEXEC, openDescriptors, openFlags } from './open-descriptors.ts';

/** A command that was there when it was looked for. */
export type Command = { readonly path: string; readonly args: readonly string[] };

export type Granted = Extract<Done, { outcome: 'granted' }>;
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Looked up before anything is asked. A name with a slash is a path; else PATH is searched, but for its empty and relative
 * entries: a file in the folder somebody logs on from is not meant. Faults: `not-found`.
 */
export function findCommand(words: readonly [string, ...string[]], environment: Environment): Command {
  const [name, ...args] = words;
  const candidates = name.includes('/') ? [name] : searchPath(environment).map((folder) => join(folder, name));
  const path = name === '' ? undefined : candidates.find(isProgram);
  if (path === undefined) throw new Fault('not-found', `There is no command ${inert(name)} that could be run.`);
  return { path, args };
}

/** Does not come back where the platform has `execve`; else resolves with the command's exit status. */
export async function becomeCommand(command: Command, granted: Granted, environment: Environment): Promise<number> {
  const { GATEHOUSE_LIMITS: limits, ...rest } = environment;
  const env = { ...rest, GATEHOUSE_USER: granted.user, GATEHOUSE_METHOD: granted.method };
  closeInherited();
  // Node ends with a stack trace where the kernel refuses a file; a shell says so and ends with 126 (POSIX XCU 2.8.2).
  if (process.execve !== undefined && process.platform !== 'win32') {
    const script = `${setLimits(limits)}exec "$0" "$@"`;
    process.execve('/bin/sh', ['sh', '-c', script, command.path, ...command.args], defined(env));
  }
  return runBeside(command, env);
}

/** The launcher's word, in the units of /bin/sh: the soft limits of core files and descriptors that it found. */
function setLimits(limits = ''): string {
  const [, core, descriptors] = /^(unlimited|\d+)\n(unlimited|\d+)$/.exec(limits) ?? [];
  return core === undefined ? '' : `ulimit -S -c ${core}; ulimit -S -n ${descriptors}; `;
}

/**
 * Node's own descriptors end with the exec, all of them. Those that it was started with it marks so only as far as it looks: to the first gap
 * beyond 15 (libuv, uv_disable_stdio_inheritance).
 */
function closeInherited(): void {
  if (!existsSync('/proc/self/fdinfo')) return;
  for (const fd of openDescriptors()) {
    if (fd > 2 && ((openFlags(fd) ?? O_CLOEXEC) & O_CLOEXEC) === 0) closeSync(fd);
  }
}

const USUAL_PATH = '/usr/local/bin:/usr/bin:/bin';

function searchPath(environment: Environment): readonly string[] {
  return (environment.PATH ?? USUAL_PATH).split(':').filter(isAbsolute);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function defined(environment: Environment): Record<string, string> {
  const entries = Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return Object.fromEntries(entries);
}

/** Without `execve` the gate stays behind, passes signals on and ends as the command did. */
async function runBeside(command: Command, env: Environment): Promise<number> {
  const { spawn } = await import('node:child_process');
  return new Promise((resolve) => {
    const child = spawn(command.path, command.args, { stdio: 'inherit', env });
    const forwarded = (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const).map((signal) => {
      const pass = () => void child.kill(signal);
      process.on(signal, pass);
      return () => process.off(signal, pass);
    });
    const end = (status: number) => {
      for (const stop of forwarded) stop();
      resolve(status);
    };
    child.on('error', () => end(126));
    child.on('exit', (status, signal) => end(signal === null ? (status ?? 126) : 128 + (SIGNAL_NUMBERS[signal] ?? 0)));
  });
}

const SIGNAL_NUMBERS: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};
