/**
 * The line for --result-fd. Invariant: it goes to a descriptor that the caller handed over, never to one of Node's own, and a grant
 * that could not be written there is none.
 */
import { closeSync, fstatSync, readFileSync, writeSync } from 'node:fs';
import { Fault } from '../core/errors.ts';
import type { Done } from '../core/login/message.ts';

/** Faults: `usage`. */
export function checkResultFd(fd: number): void {
  if (fd === 0) throw new Fault('usage', '--result-fd 0 is where answers come from.');
  if (!isOpen(fd) || !isFromCaller(fd)) {
    throw new Fault('usage', `--result-fd ${fd} is not open for writing.`, {
      hint: `In a shell: gatehouse login --result-fd ${fd} ${fd}>result.json`,
    });
  }
}

/** Throws where it cannot be written. */
export function writeResult(fd: number, done: Done, nonce: string | undefined): void {
  const line = Buffer.from(`${JSON.stringify(resultOf(done, nonce))}\n`);
  for (let at = 0; at < line.length; ) at += writeSync(fd, line, at);
  // The caller sees the end of it though the command may run for hours; 1 and 2 are the command's too.
  if (fd > 2) closeSync(fd);
}

function resultOf(done: Done, nonce: string | undefined): object {
  const echo = nonce === undefined ? {} : { nonce };
  if (done.outcome === 'granted') return { outcome: done.outcome, user: done.user, method: done.method, ...echo };
  const { outcome, reason, retryAfterSeconds } = done;
  return { outcome, reason, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }), ...echo };
}

function isOpen(fd: number): boolean {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}

const O_ACCMODE = 0o3;
const O_CLOEXEC = 0o2000000;

/** Node opens its own close-on-exec; what came through the exec is not. Without /proc, 3 and above cannot be told apart. */
function isFromCaller(fd: number): boolean {
  if (process.platform !== 'linux') return true;
  const flags = flagsOf(fd);
  return flags !== undefined && (flags & O_ACCMODE) !== 0 && (fd <= 2 || (flags & O_CLOEXEC) === 0);
}

/** Linux proc(5): /proc/self/fdinfo/N has the open flags in octal. */
function flagsOf(fd: number): number | undefined {
  try {
    const match = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'));
    return match?.[1] === undefined ? undefined : Number.parseInt(match[1], 8);
  } catch {
    return undefined;
  }
}
