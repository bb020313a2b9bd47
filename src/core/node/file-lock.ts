/**
 * Invariant: one holder at a time, or many who share it, over all processes and over all holders inside one. The lock belongs to the open file description, so the
 * kernel lets it go when its process dies, and at no other time: a stopped holder keeps it, nothing hands it on by a time-out.
 * The lock file is never removed: two processes must never lock two files of one name.
 */
import { closeSync, constants, fstatSync, lstatSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '../errors.ts';
import { shellWord } from './file-fault.ts';
import { openGuarded } from './file-safety.ts';
import type { NativeLock } from './native-lock.ts';

export type FileLock = { release(): void };

/** Loads the native part ahead of need. */
export function warmUpFileLock(): Promise<NativeLock> {
  native ??= import('./native-lock.ts').then(({ loadNativeLock }) => loadNativeLock());
  return native;
}

/** Every write takes a lock, and asks for this. */
let native: Promise<NativeLock> | undefined;

export type LockRequest = {
  readonly path: string;
  /** What the lock guards, for sentences: "database". */
  readonly what: string;
  readonly waitMs: number;
  /** Who may share it, for the sentence of one who wants it alone: "Gatehouse with Store.Engine=sqlite". */
  readonly sharers?: string;
};

/** Alone. Rejects with Fault `busy` when somebody else held it for all of `waitMs`. */
export function acquireFileLock(request: LockRequest): Promise<FileLock> {
  return acquire(request, 'alone');
}

/** Beside others who share it. Rejects with Fault `busy` when somebody held it alone for all of `waitMs`. */
export function acquireSharedFileLock(request: LockRequest): Promise<FileLock> {
  return acquire(request, 'shared');
}

async function acquire(request: LockRequest, how: 'alone' | 'shared'): Promise<FileLock> {
  const native = await warmUpFileLock().catch((cause: unknown) => {
    if (cause instanceof Fault) throw cause;
    throw new Fault('unavailable', 'This system has no file locks that Gatehouse knows.', {
      cause,
      hint: 'fs-native-extensions has no build for it; see the supported systems in README.md.',
    });
  });
  const tryIt = how === 'alone' ? native.tryLock : native.tryShare;
  const giveUpAt = performance.now() + request.waitMs;
  let fd = openLockFile(request.path);
  try {
    for (let tries = 0; ; tries += 1) {
      if (tryIt(fd)) {
        if (isStill(request.path, fd)) return heldLock(native, fd);
        const fresh = openLockFile(request.path);
        closeSync(fd);
        fd = fresh;
      }
      // One who wants it alone and could share it meets no writer, who would be through in a moment.
      if (performance.now() >= giveUpAt)
        throw how === 'alone' && native.tryShare(fd) ? heldOpen(request) : busy(request);
      // A blocked kernel wait could not be called off; so we ask again, more and more calmly, and not in step with the others.
      await pause(Math.min(5, 1 + tries / 4) * (0.5 + Math.random()));
    }
  } catch (thrown) {
    closeSync(fd);
    if (thrown instanceof Fault) throw thrown;
    throw new Fault('unavailable', `The lock file ${request.path} could not be locked.`, {
      cause: thrown,
      hint: 'Its folder must be on a file system that knows locks.',
    });
  }
}

/** Unlocked by name before it is closed: a child between fork and exec may hold a copy of the descriptor. */
function heldLock(native: NativeLock, fd: number): FileLock {
  return {
    release: () => {
      native.unlock(fd);
      closeSync(fd);
    },
  };
}

function openLockFile(path: string): number {
  return openGuarded({ path, what: 'lock file', isNamed: false }, constants.O_RDWR | constants.O_CREAT);
}

/** False where somebody removed or replaced the lock file between opening and locking. */
function isStill(path: string, fd: number): boolean {
  const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  const held = fstatSync(fd, { bigint: true });
  return there !== undefined && there.ino === held.ino && there.dev === held.dev;
}

function busy({ path, what }: LockRequest): Fault {
  return new Fault('busy', `The ${what} is in use by another process for too long.`, {
    hint: `Try again; if it stays so, look which process holds ${shellWord(path)} (fuser, lsof).`,
  });
}

function heldOpen({ path, what, sharers }: LockRequest): Fault {
  const who = sharers === undefined ? 'other processes' : `another ${sharers}`;
  return new Fault('busy', `The ${what} is held open by ${who}.`, {
    hint: `End it first (console, \`gatehouse serve\`, gates), then try again: ${shellWord(path)} is what it holds (fuser, lsof).`,
  });
}
