/**
 * The way to a folder as the kernel goes it: from / on, each folder and each symbolic link that is passed. Invariant: what
 * `real` names has no link in it, so whoever may change none of the places on the way cannot change what it leads to.
 */
import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** `mode` has the type of the file as well, as in stat(2). */
export type Place = {
  readonly path: string;
  readonly isLink: boolean;
  readonly isFolder: boolean;
  readonly uid: number;
  readonly mode: number;
};

export type PathWalk = { readonly real: string; readonly places: readonly Place[] };

/** The system calls of a walk; tests have a file system of their own. */
export type WalkCalls = {
  lstat(path: string): Omit<Place, 'path'>;
  readlink(path: string): string;
};

export const NODE_WALK_CALLS: WalkCalls = {
  lstat(path) {
    const stats = lstatSync(path);
    return { isLink: stats.isSymbolicLink(), isFolder: stats.isDirectory(), uid: stats.uid, mode: stats.mode };
  },
  readlink: (path) => readlinkSync(path),
};

/** `folder` is absolute and normal. Throws what the system calls throw, and ELOOP as the kernel does. */
export function walkTo(folder: string, calls: WalkCalls = NODE_WALK_CALLS): PathWalk {
  const places: Place[] = [{ path: '/', ...calls.lstat('/') }];
  const left = wordsOf(folder);
  let real = '/';
  let links = 0;
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '..') {
      real = dirname(real);
      continue;
    }
    const path = join(real, word);
    const place = { path, ...calls.lstat(path) };
    places.push(place);
    if (!place.isLink) {
      real = path;
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) throw Object.assign(new Error('too many symbolic links'), { code: 'ELOOP' });
    const target = calls.readlink(path);
    if (target.startsWith('/')) real = '/';
    left.unshift(...wordsOf(target));
  }
  return { real, places };
}

export const WRITABLE_BY_EVERYBODY = 0o002;
export const WRITABLE_BY_GROUP = 0o020;

/** In a sticky folder (/tmp) an entry can be replaced by its owner and the folder's owner alone. */
export function isSticky({ mode }: Pick<Place, 'mode'>): boolean {
  return (mode & 0o1000) !== 0;
}

/** As Linux has it. */
const MOST_LINKS = 40;

function wordsOf(path: string): string[] {
  return path.split('/').filter((word) => word !== '' && word !== '.');
}
