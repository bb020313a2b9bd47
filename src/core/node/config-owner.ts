/**
 * Who may own config.ini, and each folder and symbolic link on the way to it. Invariant: all of them belong to root or
 * to the account that runs Gatehouse, and no other account can replace them: anyone who can change config.ini decides
 * who gets in. A user's gate that only asks the server also accepts a file of the server's account, but only below
 * /etc/gatehouse, where root has appointed that account (docs/decisions/0019-who-owns-config.md).
 */
import { basename, dirname, join } from 'node:path';
import { Fault } from '../errors.ts';
import { inert } from '../visible-text.ts';
import { attempt } from './attempt.ts';
import { HOST_CONFIG } from './config-search.ts';
import { accountText, runAsHint, shellWord } from './file-fault.ts';
import {
  isSticky,
  NODE_WALK_CALLS,
  type Place,
  type WalkCalls,
  WRITABLE_BY_EVERYBODY,
  WRITABLE_BY_GROUP,
  walkTo,
} from './path-walk.ts';

/** Why config.ini is read: to open the facility in this process, or for a gate, which may ask a server instead. */
export type ConfigUse = 'facility' | 'gate';

export type ConfigReader = {
  readonly use: ConfigUse;
  /** Effective user id. Undefined on systems without such owners (Windows). */
  readonly account: number | undefined;
};

export type ConfigWay = {
  /** The same file, by a path without links. */
  readonly real: string;
  readonly places: readonly Place[];
  readonly folderOwner: number | undefined;
  /** Accounts that config.ini may belong to. */
  readonly owners: readonly number[];
};

/** `file` is absolute and normalized. Faults: `file-refused`. Errors of the system calls are thrown as they are. */
export function checkedWay(file: string, reader: ConfigReader, calls: WalkCalls = NODE_WALK_CALLS): ConfigWay {
  const { account } = reader;
  if (account === undefined) return { real: file, places: [], folderOwner: undefined, owners: [] };
  const { real: folder, places } = walkTo(dirname(file), calls);
  const real = join(folder, basename(file));
  const folderOwner = places.find(({ path }) => path === folder)?.uid;
  const server = speaksForServer(file, folderOwner, reader) ? folderOwner : undefined;
  const owners = [ROOT, server ?? account];
  for (const place of places) {
    const what = `${place.path}, on the way to ${file},`;
    if (!owners.includes(place.uid)) {
      const isOurs = account !== ROOT && attempt(() => calls.lstat(real).uid) !== place.uid;
      throw isOurs
        ? placeFault(what, place, account)
        : ownerFault(what, file, { ...reader, account, owner: place.uid });
    }
    if (place.isFolder && (place.mode & WRITABLE_BY_EVERYBODY) !== 0 && !isSticky(place)) {
      throw refused(`${what} can be written by everybody.`, `chmod o-w ${shellWord(place.path)}`);
    }
  }
  return { real, places, folderOwner, owners };
}

/** `owner` is the owner of the open file. */
export function refuseOwner(
  file: string,
  owner: number,
  { account, owners, use }: ConfigReader & Pick<ConfigWay, 'owners'>,
): void {
  if (account === undefined || owners.includes(owner)) return;
  throw ownerFault(file, file, { owner, account, use });
}

/** Where this process opens the facility, only this account and root may have written config.ini. */
export function refuseWriters(file: string, writers: readonly number[], reader: ConfigReader): void {
  for (const owner of writers) refuseOwner(file, owner, { ...reader, owners: [ROOT, reader.account ?? ROOT] });
}

/** Folders where members of a group can replace config.ini: a warning, because some hosts are run by such a group. */
export function writableByGroup(places: readonly Place[]): readonly Place[] {
  return places.filter((place) => place.isFolder && (place.mode & WRITABLE_BY_GROUP) !== 0 && !isSticky(place));
}

const ROOT = 0;
const HOST_FOLDER = `${dirname(HOST_CONFIG)}/`;

/**
 * Only root can make /etc/gatehouse, so the account that root gives the folder of config.ini there is the server's. This
 * does not follow for any other folder: root made /home/mallory too. Root itself trusts no other account.
 */
function speaksForServer(file: string, owner: number | undefined, { use, account }: ConfigReader): boolean {
  return use === 'gate' && account !== ROOT && file.startsWith(HOST_FOLDER) && owner !== ROOT && owner !== account;
}

/** Another account owns a folder around a file of this account. */
function placeFault(what: string, { uid }: Place, account: number): Fault {
  return refused(
    `${what} belongs to ${accountText(uid)}.`,
    `Move config.ini to a folder that, like each folder above it, belongs to root or to ${accountText(account)}.`,
  );
}

/** The hint never changes an owner: that could break a service that runs as the present one. */
function ownerFault(
  what: string,
  file: string,
  { owner, account, use }: { readonly owner: number; readonly account: number; readonly use: ConfigUse },
): Fault {
  const isGateOfRoot = use === 'gate' && account === ROOT && file.startsWith(HOST_FOLDER);
  return refused(
    `${what} belongs to ${accountText(owner)}, and Gatehouse runs as ${accountText(account)}.`,
    isGateOfRoot ? 'Run the gate as the account of your program: sudo -u ACCOUNT gatehouse ...' : runAsHint(owner),
  );
}

function refused(message: string, hint: string): Fault {
  return new Fault('file-refused', inert(message), { hint: inert(hint) });
}
