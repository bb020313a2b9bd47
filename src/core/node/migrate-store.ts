/**
 * Changes the store engine of a facility. Invariant: config.ini names the new engine only when everything is there;
 * until then the old one is the facility's. A database file is held alone all the while, so that nobody is at work on
 * it.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setInConfig } from '../config/edit.ts';
import type { Config, StoreEngine } from '../config/model.ts';
import { Fault } from '../errors.ts';
import type { Actor } from '../roles.ts';
import { lockDatabase } from '../store/engines/database-lock.ts';
import { openSqlite } from '../store/engines/sqlite.ts';
import { mergeLog } from '../store/engines/sqlite-log.ts';
import { openSqljs } from '../store/engines/sqljs.ts';
import { hasFacility, migrate } from '../store/migrations.ts';
import { facilityDigest, type TableDigest } from '../store/moving/digest.ts';
import { readMark } from '../store/moving/marks.ts';
import { type Moved, type MoveStep, moveFacility } from '../store/moving/move-facility.ts';
import { recordingEngine } from '../store/recording-engine.ts';
import type { SqlEngine } from '../store/sql-engine.ts';
import { openAuditTrail } from './audit-trail.ts';
import { announceConfigChange, recorderOf } from './config-change.ts';
import { problemsFault, readConfigFile } from './config-file.ts';
import { editConfigFile } from './config-file-edit.ts';
import { configPlace, hasPendingChanges, settlePendingChanges } from './config-settle.ts';
import { fileFault } from './file-fault.ts';
import { readKeyRing } from './key-file.ts';
import { NOT_LET_GO, openAlone, openCopy, WAIT_MS } from './migration-engines.ts';
import { openEngine } from './open-engine.ts';
import { systemClock } from './system-clock.ts';

export type StoreMigration = {
  readonly configFile: string;
  readonly to: StoreEngine;
  readonly actor: Actor;
  /** A facility that was moved away from the new place before: replaced, or refused with `exists`. */
  readonly former: 'replace' | 'refuse';
  /** Asked before rows are moved; rejects where they are not to be. */
  readonly agree: () => Promise<void>;
  readonly onProgress?: (step: MoveStep) => void;
};

/**
 * To another engine than config.ini names. Faults: `exists`, `busy`, `configuration`, `not-found`, and those of store,
 * key file and disk.
 */
export async function migrateStore(migration: StoreMigration): Promise<Moved & { readonly from: StoreEngine }> {
  const { configFile, to } = migration;
  const { config, source } = readConfigFile(configFile);
  const from = config.store.engine;
  // Whatever is wrong with the outcome is said before anything is done.
  const planned = setInConfig(source, { key: 'Store.Engine', value: to });
  if (planned.kind === 'problems') throw problemsFault(configFile, planned.problems);
  refuseUnchangeable(configFile);
  const moved =
    from === 'postgres' || to === 'postgres' ? await moveRows(config, migration) : await changeHands(config, migration);
  return { ...moved, from };
}

/** Found out at the end, it would leave a facility that is moved and a config.ini which does not say so. */
function refuseUnchangeable(configFile: string): void {
  try {
    accessSync(configFile, constants.W_OK);
    accessSync(dirname(configFile), constants.W_OK);
    // The new file gets owner and group of the old one, which nobody but root can give to just any file.
    const { uid, gid } = statSync(configFile);
    const groups = [process.getegid?.(), ...(process.getgroups?.() ?? [])];
    const mayGive = process.geteuid === undefined || process.geteuid() === 0;
    if (!mayGive && (uid !== process.geteuid?.() || !groups.includes(gid))) {
      throw Object.assign(new Error('owner or group'), { code: 'EPERM' });
    }
  } catch (thrown) {
    throw fileFault(`The configuration ${configFile} could not be changed afterwards`, thrown);
  }
}

async function moveRows(config: Config, migration: StoreMigration): Promise<Moved> {
  const { to, former, onProgress } = migration;
  const from = config.store.engine;
  await migration.agree();
  const original = await openAlone(config.store, 'existing');
  try {
    await settleBefore(original, migration, config);
    const copy = await openCopy({ ...config.store, engine: to });
    try {
      const moved = await moveFacility({ from, to, original, copy, former, ...(onProgress ? { onProgress } : {}) });
      await nameNewEngine(migration, { config, engine: copy, rows: moved.rows });
      return moved;
    } finally {
      await copy.close();
    }
  } finally {
    await original.close();
  }
}

/** sqljs and sqlite have the same file: it is given from one to the other, and read by both, every cell of it. */
async function changeHands(config: Config, migration: StoreMigration): Promise<Moved> {
  const { path } = config.store;
  await broughtUp(config.store);
  const lock = await lockDatabase(path, WAIT_MS);
  try {
    const before = await digestBy(config.store.engine, path);
    const after = await digestBy(migration.to, path);
    const differing = after.find(({ sha256 }, index) => sha256 !== before[index]?.sha256);
    if (differing !== undefined) {
      throw new Fault('unavailable', `The two engines do not read the same in table ${differing.table}.`, {
        hint: 'Nothing was changed. Run: gatehouse doctor',
      });
    }
    const rows = after.reduce((sum, table) => sum + table.rows, 0);
    // The rows of the trail stay where they are. The same file, whose lock is ours: by the engine that does not take it
    // for each write.
    const engine = await openSqlite({ path, clock: systemClock, absent: 'refuse', lock: NOT_LET_GO });
    await nameNewEngine(migration, { config, engine, rows }).finally(() => engine.close());
    return { rows, corrected: 0, firstWrong: undefined };
  } finally {
    lock.release();
  }
}

/**
 * What is not moved is settled while the old place is still the facility's: changes of config.ini that were announced,
 * and records that wait to be copied to the files. One that was closed for the move already was settled then.
 */
async function settleBefore(original: SqlEngine, { configFile }: StoreMigration, config: Config): Promise<void> {
  if ((await original.read(readMark)).kind !== 'none' || !(await original.read(hasFacility))) return;
  await migrate(original);
  const trail = await openAuditTrail({
    config,
    key: readKeyRing(config.store.keyFile).auditKey,
    clock: systemClock,
    engine: original,
  });
  try {
    const place = configPlace(config.store, configFile);
    await settlePendingChanges(recordingEngine(original, trail.journal, {}), place);
    if (await original.read((tx) => hasPendingChanges(tx, place))) {
      throw new Fault('busy', 'Another process is changing config.ini.', { hint: 'Try again when it has finished.' });
    }
    await trail.drain();
  } finally {
    await trail.close();
  }
}

/** Under the lock, which the sqlite engine is not to let go. */
async function digestBy(kind: StoreEngine, path: string): Promise<readonly TableDigest[]> {
  const options = { path, clock: systemClock, absent: 'refuse' } as const;
  if (kind === 'sqljs') mergeLog(path);
  const engine = kind === 'sqljs' ? await openSqljs(options) : await openSqlite({ ...options, lock: NOT_LET_GO });
  try {
    const found = await engine.integrity();
    if (found.join() !== 'ok')
      throw new Fault('unavailable', 'The database is damaged.', { hint: 'Run: gatehouse doctor' });
    return await facilityDigest(engine);
  } finally {
    await engine.close();
  }
}

/** As every command finds it: refused where it is of an older schema, or was moved away. */
async function broughtUp(store: Config['store']): Promise<void> {
  const engine = await openEngine(store, { database: 'existing', clock: systemClock });
  try {
    await migrate(engine);
  } finally {
    await engine.close();
  }
}

type MovedTo = {
  /** As it was before. */
  readonly config: Config;
  /** The database as it is from now on; only the engine of before refuses it, so the records go in here. */
  readonly engine: SqlEngine;
  readonly rows: number;
};

async function nameNewEngine(migration: StoreMigration, { config, engine, rows }: MovedTo): Promise<void> {
  const { configFile, to, actor } = migration;
  const recorder = await recorderOf({ ...config, store: { ...config.store, engine: to } }, engine);
  const detail = `${config.store.engine}-to-${to}`;
  const edited = await editConfigFile(configFile, (source) => setInConfig(source, { key: 'Store.Engine', value: to }), {
    announce: (replacement) =>
      announceConfigChange(
        { ...recorder, close: async () => undefined },
        {
          ...replacement,
          actor,
          settings: ['Store.Engine'],
          besides: [{ event: 'store.migrated', actor: actor.name, detail, count: rows }],
        },
      ),
  });
  if (edited.kind === 'problems') throw problemsFault(configFile, edited.problems);
}
