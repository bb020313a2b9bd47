/**
 * Invariant: a changed config.ini is either the old file or the new one as a whole, with the mode and owner it had; two
 * processes that change it at once both succeed, one after the other. Nothing is written that could not be read again.
 */
import {
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  linkSync,
  lstatSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Edited } from '../config/edit.ts';
import { type ConfigSource, parseConfig } from '../config/parse.ts';
import { Fault } from '../errors.ts';
import { inert } from '../visible-text.ts';
import { openConfig, problemsFault, readOpenConfig } from './config-file.ts';
import { type FileCalls, NODE_FILE_CALLS, writeDurably } from './durable-write.ts';
import { errnoOf } from './file-fault.ts';
import { warmUpFileLock } from './file-lock.ts';

const WAIT_MS = 5000;

/**
 * Reads the file, lets `edit` change the text, writes it back; a refused edit leaves the file alone and is handed back.
 * Faults: those of reading; `busy` when somebody else changes it all the while, or did in between.
 */
export async function editConfigFile(path: string, edit: (source: ConfigSource) => Edited): Promise<Edited> {
  const file = resolve(path);
  const held = await lockConfig(file);
  try {
    const before = fstatSync(held.fd, { bigint: true });
    const source = readOpenConfig(file, held.fd);
    const edited = edit(source);
    if (edited.kind === 'problems' || edited.text === source.text) return edited;
    refuseUnreadable({ ...source, text: edited.text });
    if (!isUnchanged(file, before)) throw changedMeanwhile(file);
    await replaceConfig(file, edited.text, before);
    return edited;
  } finally {
    held.release();
  }
}

/** Writes a first config.ini. Faults: `exists` where something has that name, `configuration`, `unavailable`. */
export async function createConfigFile(path: string, text: string): Promise<void> {
  const file = resolve(path);
  refuseUnreadable({ text, file, folder: dirname(file) });
  const calls: FileCalls = {
    ...NODE_FILE_CALLS,
    // 0644 less the umask: a gate that only asks the server reads it under the user's account.
    open: (name, flags) => NODE_FILE_CALLS.open(name, flags, 0o644),
    // A link, unlike a rename, never takes the place of a file that has come up meanwhile.
    rename: async (from, to) => {
      linkSync(from, to);
      unlinkSync(from);
    },
  };
  try {
    await write(file, text, calls);
  } catch (thrown) {
    if (!(thrown instanceof Fault) || errnoOf(thrown.cause) !== 'EEXIST') throw thrown;
    throw new Fault('exists', inert(`${file} is there already.`), { hint: 'Nothing was changed.', cause: thrown });
  }
}

async function replaceConfig(file: string, text: string, before: BigIntStats): Promise<void> {
  await write(file, text, {
    ...NODE_FILE_CALLS,
    open: async (name, flags, mode) => {
      const fd = await NODE_FILE_CALLS.open(name, flags, mode);
      if ((flags & constants.O_CREAT) === 0) return fd;
      try {
        const made = fstatSync(fd, { bigint: true });
        if (made.uid !== before.uid || made.gid !== before.gid) fchownSync(fd, Number(before.uid), Number(before.gid));
        fchmodSync(fd, Number(before.mode & 0o777n));
        return fd;
      } catch (thrown) {
        closeSync(fd);
        throw thrown;
      }
    },
  });
}

async function write(file: string, text: string, calls: FileCalls): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.new`);
  await writeDurably({ path: file, temporary, bytes: Buffer.from(text, 'utf8'), what: 'configuration', calls });
}

/**
 * The kernel's lock on config.ini itself, let go when the process dies. Whoever waited holds the lock of a file that has been
 * replaced meanwhile, sees that, and opens the new one.
 */
async function lockConfig(path: string): Promise<{ readonly fd: number; release(): void }> {
  const native = await warmUpFileLock();
  const giveUpAt = performance.now() + WAIT_MS;
  for (;;) {
    const fd = openConfig(path, constants.O_RDWR);
    if (native.tryLock(fd)) {
      if (isUnchanged(path, fstatSync(fd, { bigint: true }))) {
        return {
          fd,
          release: () => {
            native.unlock(fd);
            closeSync(fd);
          },
        };
      }
      native.unlock(fd);
    }
    closeSync(fd);
    if (performance.now() >= giveUpAt) throw changedMeanwhile(path);
    await pause(5 + 10 * Math.random());
  }
}

function isUnchanged(path: string, before: BigIntStats): boolean {
  const now = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (now === undefined || now.ino !== before.ino || now.dev !== before.dev) return false;
  return now.size === before.size && now.mtimeNs === before.mtimeNs;
}

function changedMeanwhile(path: string): Fault {
  return new Fault('busy', inert(`Somebody else is changing ${path}.`), { hint: 'Nothing was written; try again.' });
}

function refuseUnreadable(source: ConfigSource): void {
  const parsed = parseConfig(source);
  if (parsed.kind === 'problems') throw problemsFault(source.file, parsed.problems);
}
