/**
 * The line for --result-fd. Invariant: it goes to a descriptor that the caller handed over, never to one of Node's own, and a grant
 * that could not be written there is none.
 */
import { closeSync, fstatSync, readlinkSync, writeSync } from 'node:fs';
import { Fault } from '../core/errors.ts';
import type { Done } from '../core/login/message.ts';
import { O_ACCMODE, O_RDONLY, O_RDWR, openDescriptors, openFlags } from '../gate/open-descriptors.ts';

/** Faults: `usage`. */
export function checkResultFd(fd: number): void {
  if (fd === 0) throw new Fault('usage', '--result-fd 0 is where answers come from.');
  if (!isOpen(fd) || !isFromCaller(fd)) {
    // Not every shell redirects numbers of two digits.
    const example = fd < 10 ? fd : 3;
    throw new Fault('usage', `--result-fd ${fd} is not open for writing.`, {
      hint: `In a shell: gatehouse login --result-fd ${example} ${example}>result.json`,
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

/**
 * Node has epoll, eventfd and pipes to itself among the low numbers, and marks inherited descriptors like its own, so they are told
 * apart by what they are: a pipe that this process can also read from is one of Node's, and so is a /dev/null for reading and writing
 * where 1 or 2 was closed. Without /proc they cannot be.
 */
function isFromCaller(fd: number): boolean {
  if (process.platform !== 'linux') return true;
  const target = targetOf(fd);
  const mode = accessMode(fd);
  if (target === undefined || target.startsWith('anon_inode:') || mode === O_RDONLY) return false;
  if (fd <= 2 && target === '/dev/null' && mode === O_RDWR) return false;
  return !(
    target.startsWith('pipe:') &&
    openDescriptors().some((own) => targetOf(own) === target && accessMode(own) === O_RDONLY)
  );
}

function targetOf(fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}

/** What is not open is not written to. */
function accessMode(fd: number): number {
  return (openFlags(fd) ?? O_RDONLY) & O_ACCMODE;
}
