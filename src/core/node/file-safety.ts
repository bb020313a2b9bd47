/**
 * Invariant: a database, key or audit file is opened only where it is a regular file of this account, mode 0600 or tighter, in a folder
 * of this account with mode 0700 or tighter. No symbolic link is followed and no FIFO is waited for: what is checked is the
 * open descriptor, so nothing can be swapped in between (CVE-2024-47191).
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '../errors.ts';
import { inert } from '../visible-text.ts';
import { attempt } from './attempt.ts';
import { accountText, accountWord, errnoOf, fileFault, runAsHint, shellWord } from './file-fault.ts';

/**
 * `what` names the file in sentences: "database", "key file". `isNamed` is false of a file that Gatehouse makes itself
 * beside one that config.ini names, such as a lock file.
 */
export type GuardedFile = { readonly path: string; readonly what: string; readonly isNamed?: boolean };

/**
 * A descriptor of the checked file; the caller closes it. `flags` of fs.constants are added to O_NOFOLLOW (and O_CLOEXEC, which Node
 * sets itself); with O_CREAT the file is made with mode 0600. Faults: `file-refused` with the command that mends it, `unavailable`.
 */
export function openGuarded(file: GuardedFile, flags: number): number {
  refuseUnsafeFolder(file);
  let fd: number;
  try {
    fd = openSync(file.path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY, 0o600);
  } catch (thrown) {
    throw openFault(file, thrown);
  }
  try {
    refuseUnsafe(file, fstatSync(fd));
    return fd;
  } catch (thrown) {
    closeSync(fd);
    throw thrown instanceof Fault ? thrown : openFault(file, thrown);
  }
}

/** The bytes of the checked file. */
export function readGuarded(file: GuardedFile): Buffer {
  const fd = openGuarded(file, constants.O_RDONLY);
  try {
    return readWhole(file, fd);
  } finally {
    closeSync(fd);
  }
}

/** All bytes of an open file from its beginning, however it has grown or shrunk since it was opened. */
export function readWhole(file: GuardedFile, fd: number): Buffer {
  try {
    const bytes = Buffer.allocUnsafeSlow(fstatSync(fd).size);
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(fd, bytes, filled, bytes.length - filled, filled);
      if (count === 0) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  } catch (thrown) {
    throw fileFault(`The ${file.what} ${file.path} could not be read`, thrown);
  }
}

/**
 * Checks file and folder without opening the file, for one that another library opens by its name. The folder is this account's alone, so that nobody
 * else can change what the name means in between. False: there is no such file.
 */
export function refuseUnsafeFile(file: GuardedFile): boolean {
  refuseUnsafeFolder(file);
  let stats: Stats | undefined;
  try {
    stats = lstatSync(file.path, { throwIfNoEntry: false });
  } catch (thrown) {
    throw fileFault(`The ${file.what} ${file.path} could not be opened`, thrown);
  }
  if (stats === undefined) return false;
  if (stats.isSymbolicLink()) throw linkFault(file);
  refuseUnsafe(file, stats);
  return true;
}

/** Refuses the folder that the file lies in, unless it is this account's alone. */
export function refuseUnsafeFolder(file: GuardedFile): void {
  const folder = dirname(file.path);
  const what = `folder of the ${file.what}`;
  let stats: Stats;
  try {
    stats = lstatSync(folder);
  } catch (thrown) {
    throw fileFault(`The ${what}, ${folder}, could not be opened`, thrown);
  }
  if (stats.isSymbolicLink()) throw linkFault({ what, path: folder });
  if (!stats.isDirectory()) throw refused(`The ${what}, ${folder}, is no folder.`, 'Check the path in config.ini.');
  refuseOwner(what, folder, stats, (account) => folderHint(file, stats, account));
  if ((stats.mode & 0o077) !== 0 && HAS_MODES) {
    throw refused(`The ${what}, ${folder}, is open to other accounts.`, `chmod 700 ${shellWord(folder)}`);
  }
}

/** Windows has neither owners nor modes in this sense; there the folder's access list is the admin's to set. */
const HAS_MODES = process.geteuid !== undefined;

function refuseUnsafe(file: GuardedFile, stats: Stats): void {
  const { what, path } = file;
  if (!stats.isFile()) throw irregularFault(file);
  // The folder belongs to this account, so no other account can be using the file.
  refuseOwner(what, path, stats, (account) => `chown ${accountWord(account)} ${shellWord(path)}`);
  if ((stats.mode & 0o077) !== 0 && HAS_MODES) {
    throw refused(`The ${what} ${path} is open to other accounts.`, `chmod 600 ${shellWord(path)}`);
  }
}

function refuseOwner(what: string, path: string, { uid }: Stats, hint: (account: number) => string): void {
  const account = process.geteuid?.();
  if (account === undefined || uid === account) return;
  throw refused(
    `The ${what} ${path} belongs to ${accountText(uid)}, and Gatehouse runs as ${accountText(account)}.`,
    hint(account),
  );
}

/** A chown could break a service that runs as the folder's owner. If our file is there, or none, no such service exists. */
function folderHint({ path }: GuardedFile, { uid }: Stats, account: number): string {
  const folder = dirname(path);
  const isOurs = attempt(() => lstatSync(path).uid === account || readdirSync(folder).length === 0);
  return isOurs === true ? `chown ${accountWord(account)} ${shellWord(folder)}` : runAsHint(uid);
}

function openFault(file: GuardedFile, thrown: unknown): Fault {
  const code = errnoOf(thrown);
  // ELOOP is Linux and macOS for O_NOFOLLOW on a link; ENXIO a FIFO or socket without a peer; FreeBSD says EMLINK.
  if (code === 'ELOOP' || code === 'EMLINK') return linkFault(file);
  if (code === 'ENXIO' || code === 'EISDIR') return irregularFault(file);
  return fileFault(`The ${file.what} ${file.path} could not be opened`, thrown);
}

/** Of a folder, FIFO or device where a file should be. */
export function irregularFault({ what, path }: GuardedFile): Fault {
  return refused(
    `The ${what} ${path} is not a regular file.`,
    `Move it away: mv ${shellWord(path)} ${shellWord(`${path}.refused`)}`,
  );
}

function linkFault({ what, path, isNamed = true }: GuardedFile): Fault {
  return refused(
    `The ${what} ${path} is a symbolic link, and Gatehouse follows none here.`,
    isNamed
      ? `Name the real place in config.ini: readlink -f ${shellWord(path)}`
      : `Remove the link: rm ${shellWord(path)}`,
  );
}

function refused(message: string, hint: string): Fault {
  return new Fault('file-refused', inert(message), { hint: inert(hint) });
}
