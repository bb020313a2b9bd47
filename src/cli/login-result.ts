/**
 * The line for --result-fd. Invariant: it goes to a descriptor that the caller handed over, never to one of Node's own, and a grant
 * that could not be written there is none.
 */
import { closeSync, fstatSync, readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
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

/** Linux open(2): the access mode of the open flags. */
const O_ACCMODE = 0o3;

/**
 * Node has epoll, eventfd and pipes to itself among the low numbers, and marks inherited descriptors like its own, so they are told
 * apart by what they are: a pipe that this process can also read from is one of Node's. Without /proc they cannot be.
 */
function isFromCaller(fd: number): boolean {
  if (process.platform !== 'linux') return true;
  const target = targetOf(fd);
  if (target === undefined || target.startsWith('anon_inode:') || !canWrite(fd)) return false;
  return !(target.startsWith('pipe:') && ownDescriptors().some((own) => targetOf(own) === target && !canWrite(own)));
}

function ownDescriptors(): readonly number[] {
  return readdirSync('/proc/self/fd').map(Number);
}

function targetOf(fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}

/** Linux proc(5): /proc/self/fdinfo/N has the open flags in octal. */
function canWrite(fd: number): boolean {
  try {
    const match = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'));
    return (Number.parseInt(match?.[1] ?? '0', 8) & O_ACCMODE) !== 0;
  } catch {
    return false;
  }
}
