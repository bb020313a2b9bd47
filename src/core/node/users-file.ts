/**
 * Reads a small file that lies where its user may write. Invariant: no symbolic or hard link is followed, no FIFO is waited for, nothing big is
 * read, and it counts only where nobody but its user, root and this account could have written it. What is checked is the open descriptor.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs';
import { errnoOf } from './file-fault.ts';

export type UsersFile =
  | { readonly kind: 'read'; readonly text: string; readonly seenBy: 'its-owner' | 'others' }
  /** Half a sentence that says nothing of what is in it. */
  | { readonly kind: 'refused'; readonly text: string };

/** `home`: the folder it lies in where that belongs to a user; undefined where its folder is nobody's but ours. All of it is read as ASCII. */
export function readUsersFile(path: string, home: Stats | undefined): UsersFile {
  let fd: number | undefined;
  try {
    const kind = kindProblem(lstatSync(path));
    if (kind !== undefined) return refused(kind);
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY);
    const stats = fstatSync(fd);
    const unsafe = kindProblem(stats) ?? writerProblem(stats, home);
    if (unsafe !== undefined) return refused(unsafe);
    const text = wholeText(fd);
    if (text === undefined) return refused(TOO_BIG);
    return { kind: 'read', text, seenBy: (stats.mode & 0o044) === 0 ? 'its-owner' : 'others' };
  } catch (thrown) {
    return refused(unreadable(errnoOf(thrown)));
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

export const IS_LINK = 'it is a symbolic link, and none is followed here; put a copy in its place';

/** True where the owner is this account or root. */
export function isOurs({ uid }: Stats): boolean {
  return ACCOUNT === undefined || uid === ACCOUNT || uid === 0;
}

export function othersMayWrite({ mode }: Stats): boolean {
  return ACCOUNT !== undefined && (mode & 0o022) !== 0;
}

/** Windows has neither owners nor modes in this sense. */
const ACCOUNT = process.geteuid?.();

/** libpam-google-authenticator itself reads no longer ones. */
const MOST_BYTES = 64 * 1024;
const TOO_BIG = `it is longer than ${MOST_BYTES / 1024} KiB`;

function kindProblem(stats: Stats): string | undefined {
  if (stats.isSymbolicLink()) return IS_LINK;
  if (!stats.isFile()) return 'it is not a regular file';
  if (stats.nlink > 1) return 'it has a second name elsewhere (hard link); put a copy in its place';
  return stats.size > MOST_BYTES ? TOO_BIG : undefined;
}

/** Somebody else's secret in a user's home would be somebody else's way in. */
function writerProblem(stats: Stats, home: Stats | undefined): string | undefined {
  if (othersMayWrite(stats)) return 'others may write into it; look at it, then chmod go-w';
  if (home === undefined) return undefined;
  if (othersMayWrite(home)) return 'others may write into this home; look at it, then chmod go-w';
  return isOurs(stats) || stats.uid === home.uid
    ? undefined
    : 'it belongs neither to the owner of the home nor to root';
}

/** Or undefined where there is more than there may be, whatever the size was when it was opened. */
function wholeText(fd: number): string | undefined {
  const bytes = Buffer.alloc(MOST_BYTES + 1);
  let filled = 0;
  while (filled < bytes.length) {
    const count = readSync(fd, bytes, filled, bytes.length - filled, filled);
    if (count === 0) break;
    filled += count;
  }
  const text = filled > MOST_BYTES ? undefined : bytes.toString('latin1', 0, filled);
  bytes.fill(0);
  return text;
}

function unreadable(code: string | undefined): string {
  if (code !== 'EACCES' && code !== 'EPERM') return `it could not be read (${code ?? 'unknown reason'})`;
  return 'this account may not read it; import as root, or from copies that belong to this account';
}

function refused(text: string): UsersFile {
  return { kind: 'refused', text };
}
