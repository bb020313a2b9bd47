/**
 * Who may own config.ini, and each folder and link on the way to it. Invariant: it belongs to root or to the account that
 * runs Gatehouse, and nobody else can replace it: whoever can change it decides who gets in. A gate of a user that only
 * asks the server may take the word of the server's account, and only where root has appointed that account: below
 * /etc/gatehouse (docs/decisions/0019-who-owns-config.md).
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

/** What for config.ini is read: to open the facility itself, or for a gate, which may ask a server instead. */
export type ConfigUse = 'facility' | 'gate';

export type ConfigReader = {
  readonly use: ConfigUse;
  /** Effective user id. Undefined: this system has no owners in this sense (Windows). */
  readonly account: number | undefined;
};

export type ConfigWay = {
  /** The same file by a path without links. */
  readonly real: string;
  readonly places: readonly Place[];
  readonly folderOwner: number | undefined;
  /** Accounts that config.ini may belong to. */
  readonly owners: readonly number[];
};

/** `file` is absolute and normal. Faults: `file-refused`; what the system calls throw is thrown as it is. */
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

/** `owner` is that of the open file. */
export function refuseOwner(
  file: string,
  owner: number,
  { account, owners, use }: ConfigReader & Pick<ConfigWay, 'owners'>,
): void {
  if (account === undefined || owners.includes(owner)) return;
  throw ownerFault(file, file, { owner, account, use });
}

/** Where the facility is opened by this process, nobody but this account and root may have written the configuration. */
export function refuseWriters(file: string, writers: readonly number[], reader: ConfigReader): void {
  for (const owner of writers) refuseOwner(file, owner, { ...reader, owners: [ROOT, reader.account ?? ROOT] });
}

/** Folders that a group could put another config.ini into: a warning, since some hosts are run by such a group. */
export function writableByGroup(places: readonly Place[]): readonly Place[] {
  return places.filter((place) => place.isFolder && (place.mode & WRITABLE_BY_GROUP) !== 0 && !isSticky(place));
}

const ROOT = 0;
const HOST_FOLDER = `${dirname(HOST_CONFIG)}/`;

/**
 * Nobody but root can make /etc/gatehouse; whom root gives the folder of config.ini there speaks for the server. Of no other
 * folder can that be said: /home/mallory is a folder of root's making too. And root itself takes nobody's word.
 */
function speaksForServer(file: string, owner: number | undefined, { use, account }: ConfigReader): boolean {
  return use === 'gate' && account !== ROOT && file.startsWith(HOST_FOLDER) && owner !== ROOT && owner !== account;
}

/** A folder of somebody else around a file of this account. */
function placeFault(what: string, { uid }: Place, account: number): Fault {
  return refused(
    `${what} belongs to ${accountText(uid)}.`,
    `Move config.ini to a folder that, like each folder above it, belongs to root or to ${accountText(account)}.`,
  );
}

/** The hint never changes an owner: a service that runs as that account would be shut out by it. */
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
