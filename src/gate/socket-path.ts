/**
 * Invariant: the path of a socket is used only if no account but root and the server's own can have placed the socket: no
 * symbolic link on the way, no folder of another account, none that others may write. Otherwise another account could
 * put its own socket there, collect passwords and grant logins. Server and client apply the same rule; the client knows
 * the server's account from config.ini.
 */
import { lstatSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '../core/errors.ts';
import { accountText, errnoOf, fileFault, shellWord } from '../core/node/file-fault.ts';
import {
  isSticky,
  type Place,
  type WalkCalls,
  WRITABLE_BY_EVERYBODY,
  WRITABLE_BY_GROUP,
  walkTo,
} from '../core/node/path-walk.ts';
import { inert } from '../core/visible-text.ts';

/** Who may come in by a socket: every account of this machine, or those alone that may enter its folder. */
export type SocketReach = 'everybody' | 'hosts';

/** Root and this account: a server's own socket lies in their folders only. Empty on systems without owners. */
export function ownAccounts(): readonly number[] {
  const account = process.geteuid?.();
  return account === undefined ? [] : [ROOT, account];
}

/**
 * The accounts that the socket and its folders may belong to if a client is to use it: root and `writers`, those that can
 * have written config.ini. If only root can, root has named the server's account by the path: it is the account that root
 * gave the socket's folder to.
 */
export function serverAccounts(path: string, writers: readonly number[], calls?: WalkCalls): readonly number[] {
  const known = [ROOT, ...writers];
  if (writers.length === 0) return [];
  if (known.some((account) => account !== ROOT)) return known;
  const onTheWay = placesTo(dirname(path), calls);
  const isRoots = onTheWay.slice(0, -1).every((place) => place.uid === ROOT && !isWritableByOthers(place));
  return isRoots ? [ROOT, onTheWay.at(-1)?.uid ?? ROOT] : known;
}

/** Faults: `file-refused` with the command that mends it, `unavailable`. */
export function refuseUnsafeSocketFolder(
  path: string,
  reach: SocketReach,
  owners: readonly number[],
  calls?: WalkCalls,
): void {
  const folder = dirname(path);
  const onTheWay = placesTo(folder, calls);
  for (const place of onTheWay) {
    const what = `${place.path}, on the way to the socket ${path},`;
    if (place.isLink) throw linkFault(what, place.path);
    if (!place.isFolder) throw refused(`${what} is no folder.`, PATH_HINT);
    if (!mayOwn(owners, place.uid)) {
      throw refused(`${what} belongs to ${accountText(place.uid)}.`, 'Use a folder under /run for it.');
    }
    const isLast = place === onTheWay.at(-1);
    // In a sticky folder (/tmp) only trusted accounts can replace the next one: its owner is checked too.
    if (!isWritableByOthers(place) || (isSticky(place) && !isLast)) continue;
    throw refused(
      `${what} can be written by other accounts.`,
      isLast ? `chmod go-w ${shellWord(place.path)}` : 'Use a folder under /run for it.',
    );
  }
  const mode = onTheWay.at(-1)?.mode ?? 0;
  if (reach === 'hosts' && (mode & OPEN_TO_OTHERS) !== 0) {
    throw refused(
      `${folder}, the folder of HostSocket, is open to every account, and whoever enters it needs no password.`,
      `chmod o-rwx ${shellWord(folder)}`,
    );
  }
}

export function refuseForeignSocket(path: string, { uid }: Pick<Stats, 'uid'>, owners: readonly number[]): void {
  if (mayOwn(owners, uid)) return;
  throw refused(
    `The socket ${path} belongs to another account (${accountText(uid)}).`,
    'Stop the server that made it, or name another path in config.ini.',
  );
}

/** What is at the path, which is not followed. Faults: `file-refused` where it is something else than a socket. */
export function socketAt(path: string): Stats | undefined {
  let stats: Stats | undefined;
  try {
    stats = lstatSync(path, { throwIfNoEntry: false });
  } catch (thrown) {
    throw fileFault(`The socket ${path} could not be looked at`, thrown);
  }
  if (stats === undefined || stats.isSocket()) return stats;
  if (stats.isSymbolicLink()) throw linkFault(`The socket ${path}`, path);
  throw refused(`${path} is no socket.`, `Move it away: mv ${shellWord(path)} ${shellWord(`${path}.refused`)}`);
}

export function refused(message: string, hint: string): Fault {
  return new Fault('file-refused', inert(message), { hint: inert(hint) });
}

const ROOT = 0;
const OPEN_TO_OTHERS = 0o007;
const PATH_HINT = 'Check the path in config.ini.';

function isWritableByOthers({ mode }: Place): boolean {
  return (mode & (WRITABLE_BY_GROUP | WRITABLE_BY_EVERYBODY)) !== 0;
}

function mayOwn(owners: readonly number[], uid: number): boolean {
  return owners.length === 0 || owners.includes(uid);
}

function placesTo(folder: string, calls: WalkCalls | undefined): readonly Place[] {
  try {
    return walkTo(folder, calls).places;
  } catch (thrown) {
    const why = errnoOf(thrown) === 'ENOENT' ? 'there is no such folder' : 'it could not be looked at';
    throw new Fault('unavailable', inert(`The folder of a socket, ${folder}: ${why}.`), {
      cause: thrown,
      hint: PATH_HINT,
    });
  }
}

function linkFault(what: string, place: string): Fault {
  return refused(
    `${what} is a symbolic link, and Gatehouse follows none here.`,
    `Name the real place in config.ini: readlink -f ${shellWord(place)}`,
  );
}
