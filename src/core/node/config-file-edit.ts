/**
 * Invariant: a changed config.ini is either the old file or the new one as a whole, with the mode and owner it had; two
 * processes that change it at once both succeed, one after the other. Nothing is written that could not be read again,
 * and nothing that could not be announced first.
 */
import {
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  linkSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Edited } from '../config/edit.ts';
import { type ConfigSource, parseConfig } from '../config/parse.ts';
import { Fault } from '../errors.ts';
import { inert } from '../visible-text.ts';
import { problemsFault, readConfigText, readOpenConfig } from './config-file.ts';
import { changedMeanwhile, isUnchanged, lockConfig } from './config-lock.ts';
import { type FileCalls, NODE_FILE_CALLS, writeDurably } from './durable-write.ts';
import { errnoOf } from './file-fault.ts';

/** What is about to take the place of what. */
export type ConfigReplacement = {
  readonly source: ConfigSource;
  readonly edited: Edited & { readonly kind: 'edited' };
};

export type EditOptions = {
  /**
   * Called under the lock before anything is written: where it throws, the file stays as it is. What it answers is
   * called before the lock is released, with the text that the file has then (undefined: nobody can tell).
   */
  readonly announce?: (replacement: ConfigReplacement) => Promise<(text: string | undefined) => Promise<void>>;
  /** Tests put failing ones in their place. */
  readonly calls?: FileCalls;
};

/**
 * Reads the file, lets `edit` change the text, writes it back; a refused edit leaves the file alone and is handed back.
 * Faults: those of reading and of `announce`; `busy` when somebody else changes it all the while, or did in between.
 */
export async function editConfigFile(
  path: string,
  edit: (source: ConfigSource) => Edited,
  { announce = async () => async () => undefined, calls = NODE_FILE_CALLS }: EditOptions = {},
): Promise<Edited> {
  const file = resolve(path);
  const held = await lockConfig(file);
  try {
    const before = fstatSync(held.fd, { bigint: true });
    const source = readOpenConfig(file, held.fd);
    const edited = edit(source);
    if (edited.kind === 'problems' || edited.text === source.text) return edited;
    refuseUnreadable({ ...source, text: edited.text });
    if (!isUnchanged(file, before)) throw changedMeanwhile(file);
    const conclude = await announce({ source, edited });
    let outcome: string | undefined;
    try {
      if (!isUnchanged(file, before)) throw changedMeanwhile(file);
      await replaceConfig(file, edited.text, { before, calls });
      outcome = edited.text;
    } catch (thrown) {
      const now = textNow(file);
      if (now === edited.text) throw unconfirmed(file, thrown);
      outcome = now;
      throw thrown;
    } finally {
      await conclude(outcome);
    }
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

async function replaceConfig(
  file: string,
  text: string,
  { before, calls }: { readonly before: BigIntStats; readonly calls: FileCalls },
): Promise<void> {
  await write(file, text, {
    ...calls,
    open: async (name, flags, mode) => {
      const fd = await calls.open(name, flags, mode);
      if ((flags & constants.O_CREAT) === 0) return fd;
      try {
        const made = fstatSync(fd, { bigint: true });
        if (made.gid !== before.gid) keepGroup(fd, before);
        fchmodSync(fd, Number(before.mode & 0o777n));
        return fd;
      } catch (thrown) {
        closeSync(fd);
        throw thrown;
      }
    },
  });
}

/** Gates may read the file by its group. The owner is this account: no other one gets here. */
function keepGroup(fd: number, { uid, gid, mode }: BigIntStats): void {
  try {
    fchownSync(fd, Number(uid), Number(gid));
  } catch (thrown) {
    // An editor run by root may have left root's group. It gives no right that others do not have, so it may change.
    if (((mode >> 3n) & 0o7n & ~mode) !== 0n) throw thrown;
  }
}

async function write(file: string, text: string, calls: FileCalls): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.new`);
  await writeDurably({ path: file, temporary, bytes: Buffer.from(text, 'utf8'), what: 'configuration', calls });
}

function refuseUnreadable(source: ConfigSource): void {
  const parsed = parseConfig(source);
  if (parsed.kind === 'problems') throw problemsFault(source.file, parsed.problems);
}

function textNow(file: string): string | undefined {
  try {
    return readConfigText(file).text;
  } catch {
    return undefined;
  }
}

/** The new file has the name, and a power cut may still take it away: what becomes of it is settled later. */
function unconfirmed(file: string, cause: unknown): Fault {
  return new Fault('unavailable', inert(`${file} was changed, but the disk did not confirm that the change lasts.`), {
    hint: 'Look at the disk (dmesg), then run: gatehouse config check',
    cause,
  });
}
