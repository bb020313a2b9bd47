/**
 * The kernel's lock on config.ini itself, released when its process dies. Invariant: it counts for the file that has
 * the name now. A process that waited holds the lock of a file that was replaced meanwhile; it sees that, and opens
 * the new one.
 */
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '../errors.ts';
import { inert } from '../visible-text.ts';
import { openConfig } from './config-file.ts';
import { warmUpFileLock } from './file-lock.ts';

export type HeldConfig = { readonly fd: number; release(): void };

const WAIT_MS = 5000;

/** For a process that changes it. Fault `busy` where another one changes it all the while. */
export async function lockConfig(path: string): Promise<HeldConfig> {
  const { tryLock } = await warmUpFileLock();
  const giveUpAt = performance.now() + WAIT_MS;
  for (;;) {
    const held = await tryConfig(path, constants.O_RDWR, tryLock);
    if (held !== undefined) return held;
    if (performance.now() >= giveUpAt) throw changedMeanwhile(path);
    await pause(5 + 10 * Math.random());
  }
}

/**
 * For a process that only looks: undefined where another one changes the file now, or has just replaced it. It never
 * waits, so it can be asked while a lock of the database is held. Reading is all that the account has to be allowed.
 */
export async function shareConfig(path: string): Promise<HeldConfig | undefined> {
  const { tryShare } = await warmUpFileLock();
  return tryConfig(path, constants.O_RDONLY, tryShare);
}

export function isUnchanged(path: string, before: BigIntStats): boolean {
  const now = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (now === undefined || now.ino !== before.ino || now.dev !== before.dev) return false;
  return now.size === before.size && now.mtimeNs === before.mtimeNs;
}

export function changedMeanwhile(path: string): Fault {
  return new Fault('busy', inert(`Somebody else is changing ${path}.`), {
    hint: 'Your change was not made; try again.',
  });
}

async function tryConfig(path: string, flags: number, tryIt: (fd: number) => boolean): Promise<HeldConfig | undefined> {
  const { unlock } = await warmUpFileLock();
  const fd = openConfig(path, flags);
  try {
    if (tryIt(fd)) {
      const release = () => {
        unlock(fd);
        closeSync(fd);
      };
      if (isUnchanged(path, fstatSync(fd, { bigint: true }))) return { fd, release };
      unlock(fd);
    }
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
  closeSync(fd);
  return undefined;
}
