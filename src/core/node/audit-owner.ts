/**
 * Which database the files of an audit folder belong to, for the file engines: the file `database` in it names that
 * one, sealed with the audit key. Invariant: nothing is copied to the files from another database as long as that one
 * is there. The path is noted as it is seen from the folder, so both can be moved together.
 */
import { createHmac } from 'node:crypto';
import { lstatSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { sameText } from '../constant-time.ts';
import { Fault } from '../errors.ts';
import { inert } from '../visible-text.ts';
import { lockAuditFolder } from './audit-drain.ts';
import { writeDurably } from './durable-write.ts';
import { errnoOf } from './file-fault.ts';
import { readGuarded } from './file-safety.ts';

export type FolderOwner = {
  /** Of the Audit.Path setting. */
  readonly folder: string;
  /** The key file's audit key. */
  readonly key: Uint8Array;
  /** The Store.Path that asks. */
  readonly database: string;
};

/** Before anything is copied there. Faults: `exists` where the folder is another's, and those of files. */
export async function claimAuditFolder(owner: FolderOwner, waitMs: number): Promise<void> {
  if (isOwn(owner, ownerOf(owner))) return;
  const lock = await lockAuditFolder(owner.folder, waitMs);
  try {
    refuseOthersFolder(owner);
    await noteOwner(owner);
  } finally {
    lock.release();
  }
}

/** Whoever comes first, or after the other database is gone, may have the folder. */
export function refuseOthersFolder(owner: FolderOwner): void {
  const noted = ownerOf(owner);
  if (noted === undefined || isOwn(owner, noted)) return;
  if (lstatSync(noted, { throwIfNoEntry: false }) === undefined) return;
  throw new Fault('exists', inert(`The audit folder ${owner.folder} belongs to another database: ${noted}.`), {
    hint: 'Give this one an Audit.Path of its own. Where the other one is not used any more: remove it, or gatehouse restore --take-trail.',
  });
}

/** The caller holds the lock of the folder. */
export async function noteOwner(owner: FolderOwner): Promise<void> {
  if (isOwn(owner, ownerOf(owner))) return;
  const database = relative(realpathSync(owner.folder), canonical(owner.database));
  const path = join(owner.folder, OWNER_FILE);
  const bytes = Buffer.from(`${JSON.stringify({ database, seal: sealOf(database, owner.key) })}\n`);
  await writeDurably({ path, temporary: `${path}.new`, bytes, what: 'audit file' });
}

const OWNER_FILE = 'database';

/** Undefined where none is noted, or by nobody who has the key: that one would shut the facility out. */
function ownerOf({ folder, key }: FolderOwner): string | undefined {
  let text: string;
  try {
    text = readGuarded({ path: join(folder, OWNER_FILE), what: 'audit file' }).toString('utf8');
  } catch (thrown) {
    if (thrown instanceof Fault && errnoOf(thrown.cause) === 'ENOENT') return undefined;
    throw thrown;
  }
  try {
    const { database, seal } = JSON.parse(text) as { readonly database?: unknown; readonly seal?: unknown };
    if (typeof database !== 'string' || typeof seal !== 'string') return undefined;
    return sameText(sealOf(database, key), seal) ? resolve(realpathSync(folder), database) : undefined;
  } catch {
    return undefined;
  }
}

function sealOf(database: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(`gatehouse audit folder v1\n${database}`).digest('base64url');
}

/** One file may have several paths: symbolic links, or the same disk mounted twice. */
function isOwn({ database }: FolderOwner, noted: string | undefined): boolean {
  if (noted === undefined) return false;
  if (canonical(noted) === canonical(database)) return true;
  const [one, other] = [noted, database].map((path) => statSync(path, { throwIfNoEntry: false, bigint: true }));
  return one !== undefined && other !== undefined && one.ino !== 0n && one.ino === other.ino && one.dev === other.dev;
}

function canonical(path: string): string {
  for (const [place, rest] of [
    [path, ''],
    [dirname(path), basename(path)],
  ] as const) {
    try {
      return join(realpathSync(place), rest);
    } catch {
      // Not there: by its folder, or else as it is written.
    }
  }
  return resolve(path);
}
