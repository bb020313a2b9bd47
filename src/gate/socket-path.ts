/**
 * Invariant: the path of a socket is used only where nobody but root and those who own the folders on it can have placed what is there:
 * no symbolic link on the way, no folder that others may write. Else somebody could put a socket of their own there, collect
 * passwords and grant. Server and client check alike.
 */
import { lstatSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '../core/errors.ts';
import { errnoOf, fileFault, shellWord } from '../core/node/file-fault.ts';
import { inert } from '../core/visible-text.ts';

/** Who may come in by a socket: every account of this machine, or those alone that may enter its folder. */
export type SocketReach = 'everybody' | 'hosts';

/** Faults: `file-refused` with the command that mends it, `unavailable`. */
export function refuseUnsafeSocketFolder(path: string, reach: SocketReach): void {
  const folder = dirname(path);
  const onTheWay = ancestors(folder).map((place) => ({ place, stats: statsOf(place) }));
  for (const [index, { place, stats }] of onTheWay.entries()) {
    if (stats.isSymbolicLink()) throw linkFault(`${place}, on the way to the socket ${path},`, place);
    if (!stats.isDirectory()) throw refused(`${place}, on the way to the socket ${path}, is no folder.`, PATH_HINT);
    if ((stats.mode & WRITABLE_BY_OTHERS) === 0) continue;
    const next = onTheWay[index + 1]?.stats;
    // In a sticky folder (/tmp) only its owner can take the next one away, but anybody can have made it.
    if ((stats.mode & STICKY) !== 0 && next !== undefined && isTrusted(next)) continue;
    throw refused(
      `${place}, on the way to the socket ${path}, can be written by other accounts.`,
      next === undefined ? `chmod go-w ${shellWord(place)}` : 'Use a folder under /run for it.',
    );
  }
  const mode = onTheWay.at(-1)?.stats.mode ?? 0;
  if (reach === 'hosts' && (mode & OPEN_TO_OTHERS) !== 0) {
    throw refused(
      `${folder}, the folder of HostSocket, is open to every account, and whoever enters it needs no password.`,
      `chmod o-rwx ${shellWord(folder)}`,
    );
  }
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

const WRITABLE_BY_OTHERS = 0o022;
const OPEN_TO_OTHERS = 0o007;
const STICKY = 0o1000;
const PATH_HINT = 'Check the path in config.ini.';

/** From the root down to the folder itself. */
export function ancestors(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [...ancestors(parent), folder];
}

function isTrusted({ uid }: Stats): boolean {
  return uid === 0 || uid === process.geteuid?.();
}

function statsOf(place: string): Stats {
  try {
    return lstatSync(place);
  } catch (thrown) {
    const why = errnoOf(thrown) === 'ENOENT' ? 'there is no such folder' : 'it could not be looked at';
    throw new Fault('unavailable', inert(`The folder of a socket, ${place}: ${why}.`), {
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
