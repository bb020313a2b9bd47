/**
 * Puts a backup in the place of the database. Invariant: nothing is replaced before the backup has been opened, checked and
 * settled (store/restored.ts) in a file of its own; then it is replaced as a whole, under the store's lock.
 */
import { lstatSync, mkdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from '../config/model.ts';
import { Fault } from '../errors.ts';
import type { SecretBox, StoreReads } from '../ports.ts';
import type { Actor } from '../roles.ts';
import { SIDE_FILES } from '../store/engines/database-file.ts';
import { lockDatabase } from '../store/engines/database-lock.ts';
import { dropLog } from '../store/engines/sqlite-log.ts';
import { openSqljs } from '../store/engines/sqljs.ts';
import { migrate } from '../store/migrations.ts';
import { refill } from '../store/refill.ts';
import { type Settled, type SinceBackup, settleRestored } from '../store/restored.ts';
import type { SqlEngine } from '../store/sql-engine.ts';
import { storeReads } from '../store/sql-store.ts';
import { inert } from '../visible-text.ts';
import { openAuditTrail } from './audit-trail.ts';
import { backupDetail, digestOf } from './backup.ts';
import { writeDurably } from './durable-write.ts';
import { errnoOf, fileFault } from './file-fault.ts';
import { openKeyFile } from './key-file.ts';
import { writeNewFile } from './new-file.ts';
import { openEngine } from './open-engine.ts';
import { systemRandom } from './random.ts';
import { checkSeals } from './seal-check.ts';
import { createSecretBox } from './secret-box.ts';
import { type KnownSince, sinceBackup } from './since-backup.ts';
import { systemClock } from './system-clock.ts';

export type Restored = Settled & {
  readonly users: number;
  /** `unknown`: the trail does not know this backup, so what was taken away since then may be back. */
  readonly since: KnownSince;
};

/** Of a server that is not known before it is asked. */
export function databaseIsThere({ store }: Config): boolean {
  if (store.engine === 'postgres') return true;
  return lstatSync(store.path, { throwIfNoEntry: false }) !== undefined;
}

/** Faults: `not-found`, `bad-data` (no backup, or not sealed by this key file), and those of store, key file and disk. */
export async function restore(config: Config, actor: Actor, file: string): Promise<Restored> {
  const { path, keyFile: keyPath } = config.store;
  const backup = await readBackup(file);
  const keyFile = openKeyFile({ path: keyPath, random: systemRandom, clock: systemClock });
  const trial = `${path}.restoring`;
  makeFolder(dirname(path));
  // Held all the while: nobody uses a code, or is deactivated, in a database that is about to go.
  const lock = await lockDatabase(path);
  try {
    await removeTrial(trial);
    await writeNewFile(trial, backup);
    const { known, ...since } = await sinceBackup(config, keyFile.ring().auditKey, digestOf(backup));
    const checked = await checkedCopy(trial, createSecretBox(keyFile, systemRandom), since).catch(noBackup);
    await replaceBy(trial, checked.bytes, config.store);
    const trail = await openAuditTrail({ config, key: keyFile.ring().auditKey, clock: systemClock });
    const detail = backupDetail(digestOf(backup));
    await trail
      .append({ event: 'store.restored', actor: actor.name, detail, count: checked.users })
      .finally(() => trail.close());
    return { ...checked.settled, users: checked.users, since: known };
  } finally {
    await removeTrial(trial);
    lock.release();
  }
}

async function replaceBy(trial: string, bytes: Uint8Array, store: Config['store']): Promise<void> {
  const { path } = store;
  if (store.engine !== 'postgres') {
    dropLog(path);
    await writeDurably({ path, temporary: `${path}.new`, bytes, what: 'database' });
    return;
  }
  const source = await openSqljs({ path: trial, clock: systemClock, absent: 'refuse' });
  const target = await openTarget(store);
  try {
    await target.write((tx) => source.read((from) => refill(tx, from)));
  } finally {
    await target.close();
    await source.close();
  }
}

/** With its schema: a database that was lost is made anew, and empty. */
async function openTarget(store: Config['store']): Promise<SqlEngine> {
  const engine = await openEngine(store, { database: 'existing', clock: systemClock });
  const isThere = await engine.read((tx) => tx.hasTable('users'));
  if (!isThere) await engine.close();
  const target = isThere ? engine : await openEngine(store, { database: 'create', clock: systemClock });
  await migrate(target);
  return target;
}

/** Checks the copy and settles it; its bytes are what the database becomes. */
async function checkedCopy(trial: string, box: SecretBox, since: SinceBackup) {
  const engine = await openSqljs({ path: trial, clock: systemClock, absent: 'refuse' });
  const [found, ...more] = await engine.integrity();
  if (found !== 'ok' || more.length > 0) {
    await engine.close();
    noBackup(undefined);
  }
  const store = storeReads(engine);
  try {
    await migrate(engine);
    await openEverySecret(store, box);
    const settled = await settleRestored(engine, since);
    return { settled, users: (await store.users()).length, bytes: await store.snapshot() };
  } finally {
    await engine.close();
  }
}

/** A backup made before `key rotate`, or elsewhere, would leave users whose codes nobody can check. */
async function openEverySecret(store: StoreReads, secretBox: SecretBox): Promise<void> {
  const { broken } = await checkSeals({ store, secretBox });
  if (broken === 0) return;
  throw new Fault('bad-data', `The key file does not open ${broken} secrets of this backup; nothing was changed.`, {
    hint: 'Put the key file back that was in use when the backup was made.',
  });
}

async function readBackup(file: string): Promise<Buffer> {
  const bytes = await readFile(file).catch((thrown: unknown) => {
    if (errnoOf(thrown) === 'ENOENT') {
      throw new Fault('not-found', `There is no file ${inert(file)}.`, { cause: thrown });
    }
    throw fileFault(`The backup ${file} could not be read`, thrown);
  });
  if (bytes.toString('latin1', 0, 16) !== 'SQLite format 3\0') noBackup(undefined);
  return bytes;
}

/** What the store finds amiss is said of the backup, not of the file it was tried in. */
function noBackup(cause: unknown): never {
  if (cause instanceof Fault && (cause.code !== 'unavailable' || errnoOf(cause.cause) !== undefined)) throw cause;
  const newer = cause instanceof Fault && cause.message.includes('newer') ? ` ${cause.message}` : '';
  throw new Fault('bad-data', `The file is no whole backup that this Gatehouse can use; nothing was changed.${newer}`, {
    hint: 'Take another copy of it, or an earlier backup.',
    cause,
  });
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw fileFault(`The folder ${folder} could not be made`, thrown);
  }
}

async function removeTrial(trial: string): Promise<void> {
  for (const suffix of ['', '.lock', '.new', ...SIDE_FILES]) await rm(`${trial}${suffix}`, { force: true });
}
