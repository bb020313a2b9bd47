/** A file system of words, for rules about owners: `/srv root 755`, `/srv/link mallory -> /etc`. */
import type { WalkCalls } from '../../src/core/node/path-walk.ts';

/** Numbers that no machine's /etc/passwd is likely to know. */
export const ACCOUNTS = { root: 0, gatehouse: 61990, alice: 61001, mallory: 61002 } as const;
export type AccountName = keyof typeof ACCOUNTS;

/** One place a line: path, owner, and mode of a folder, `file`, or `-> target`. `/` is root's. */
export function madeUpFiles(text: string): WalkCalls {
  const places = new Map(
    `/ root 755\n${text}`
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([path]) => path !== '')
      .map(([path = '', owner = '', kind = '', target = '']) => [path, { uid: uidOf(owner), kind, target }]),
  );
  const at = (path: string) => {
    const place = places.get(path);
    if (place === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
    return place;
  };
  return {
    lstat(path) {
      const { uid, kind } = at(path);
      const isFolder = /^[0-7]+$/.test(kind);
      return { uid, isLink: kind === '->', isFolder, mode: isFolder ? Number.parseInt(kind, 8) : 0o644 };
    },
    readlink: (path) => at(path).target,
  };
}

function uidOf(name: string): number {
  const found = Object.entries(ACCOUNTS).find(([account]) => account === name);
  if (found === undefined) throw new Error(`no account ${name}`);
  return found[1];
}
