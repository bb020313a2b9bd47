/**
 * Resolves a path as the kernel does, and lists each folder and symbolic link that it passes from / on. Invariant:
 * `real` contains no link, so an account that can change none of the listed places cannot change where it leads.
 */
import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** `mode` includes the type of the file, as in stat(2). */
export type Place = {
  readonly path: string;
  readonly isLink: boolean;
  readonly isFolder: boolean;
  readonly uid: number;
  readonly mode: number;
};

export type PathWalk = { readonly real: string; readonly places: readonly Place[] };

/** The system calls of a walk; tests replace them. */
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

/** `folder` is absolute and normalized. Throws the errors of the system calls, and ELOOP as the kernel does. */
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

/** In a sticky folder (/tmp) only its owner and the owner of an entry can replace that entry. */
export function isSticky({ mode }: Pick<Place, 'mode'>): boolean {
  return (mode & 0o1000) !== 0;
}

/** As Linux has it. */
const MOST_LINKS = 40;

function wordsOf(path: string): string[] {
  return path.split('/').filter((word) => word !== '' && word !== '.');
}
