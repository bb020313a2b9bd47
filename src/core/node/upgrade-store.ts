/**
 * `gatehouse store upgrade`: the one way from an older schema to this one. Invariants: the database is of the old
 * version, and then the old Gatehouse works with it, or of the new one; a backup is there before anything is changed;
 * killed at any point, the same command finishes. Nobody of the old version writes meanwhile or afterwards: the
 * database and the audit trail are held alone, and then closed to it.
 */
import { hostname } from 'node:os';
import type { Config } from '../config/model.ts';
import { Fault } from '../errors.ts';
import type { Actor } from '../roles.ts';
import { guardedDatabase } from '../store/engines/database-file.ts';
import { lockDatabase } from '../store/engines/database-lock.ts';
import { openSqlite } from '../store/engines/sqlite.ts';
import { mergeLog } from '../store/engines/sqlite-log.ts';
import { SCHEMA_VERSION, schemaVersion, upgradeSchema } from '../store/migrations.ts';
import { oldSnapshot } from '../store/moving/old-snapshot.ts';
import type { SqlEngine } from '../store/sql-engine.ts';
import { createJournal } from './audit-journal.ts';
import { noteOwner, refuseOthersFolder } from './audit-owner.ts';
import { chainBehind } from './audit-rechain.ts';
import { FILE_CHAIN, moveEnd } from './audit-rows.ts';
import { readGuarded } from './file-safety.ts';
import { readKeyRing } from './key-file.ts';
import { removeLeftovers } from './leftovers.ts';
import { NOT_LET_GO, WAIT_MS } from './migration-engines.ts';
import { writeNewFile } from './new-file.ts';
import { openEngine } from './open-engine.ts';
import { systemClock } from './system-clock.ts';
import { withTrailLocked } from './trail-lock.ts';
import { fenceVersion1, hasMarkOfVersion1 } from './version-1-fence.ts';
import { brokenChainOfVersion1, noteEnd, readVersion1Trail, type Version1Trail } from './version-1-trail.ts';

export type StoreUpgrade = {
  readonly config: Config;
  readonly actor: Actor;
  /** Where the backup goes; else beside Store.Path. */
  readonly backupFile?: string | undefined;
  /** `accept`: an audit trail that does not verify is gone on with, and the record of the upgrade says so. */
  readonly brokenTrail: 'refuse' | 'accept';
  /** Asked between the steps; tests end the upgrade there. */
  readonly step?: (step: UpgradeStep) => void;
};

export type UpgradeStep = 'verified' | 'backed-up' | 'noted' | 'upgraded' | 'fenced';

export type StoreUpgraded = {
  readonly from: number;
  readonly to: number;
  /** Undefined where the database had this schema already. */
  readonly backup: string | undefined;
  /** What did not verify, and was accepted. */
  readonly broken: string | undefined;
};

/**
 * Faults: `bad-data` (the trail does not verify), `busy` (somebody has the database open), `exists` (the backup file),
 * and those of store and disk.
 */
export async function upgradeStore(upgrade: StoreUpgrade): Promise<StoreUpgraded> {
  const key = readKeyRing(upgrade.config.store.keyFile).auditKey;
  return isServer(upgrade.config) ? upgradeServer(upgrade, key) : upgradeFile(upgrade, key);
}

async function upgradeFile(upgrade: StoreUpgrade, key: Uint8Array): Promise<StoreUpgraded> {
  const { engine: kind, path } = upgrade.config.store;
  const lock = await lockDatabase(path, WAIT_MS);
  try {
    return await withTrailLocked(upgrade.config, async () => {
      removeLeftovers(path);
      // Whole in one file, for its backup; sqljs gets it back like that.
      mergeLog(path);
      const bytes = readGuarded(guardedDatabase(path));
      const engine = await openSqlite({ path, clock: systemClock, absent: 'refuse', lock: NOT_LET_GO });
      try {
        return await upgradeEngine(upgrade, { engine, key, backup: async () => bytes });
      } finally {
        await engine.close();
        if (kind === 'sqljs') mergeLog(path);
      }
    });
  } finally {
    lock.release();
  }
}

/** There the lock of the trail is taken first: nobody else holds it while he waits for the server. */
async function upgradeServer(upgrade: StoreUpgrade, key: Uint8Array): Promise<StoreUpgraded> {
  const engine = await openEngine(upgrade.config.store, { database: 'existing', clock: systemClock });
  try {
    return await withTrailLocked(upgrade.config, () =>
      upgradeEngine(upgrade, {
        engine,
        key,
        backup: (version) => engine.read((tx) => oldSnapshot(tx, version)),
      }),
    );
  } finally {
    await engine.close();
  }
}

type Parts = {
  readonly engine: SqlEngine;
  readonly key: Uint8Array;
  readonly backup: (version: number) => Promise<Uint8Array>;
};

async function upgradeEngine(upgrade: StoreUpgrade, parts: Parts): Promise<StoreUpgraded> {
  const { config, step } = upgrade;
  const { engine, key } = parts;
  const folder = config.audit.path;
  const from = await engine.read(schemaVersion);
  if (from === SCHEMA_VERSION) {
    await finish(upgrade, parts);
    return { from, to: SCHEMA_VERSION, backup: undefined, broken: undefined };
  }
  if (!isServer(config)) await refuseDamaged(engine);
  const owner = { folder, key, database: config.store.path };
  if (!isServer(config)) refuseOthersFolder(owner);
  const trail = await readVersion1Trail(folder, key);
  const broken = await brokenPart(upgrade, parts, trail);
  if (broken !== undefined && upgrade.brokenTrail === 'refuse') throw doesNotVerify(broken);
  step?.('verified');
  const backup = upgrade.backupFile ?? backupPath(config, from);
  await writeNewFile(backup, await parts.backup(from));
  step?.('backed-up');
  // Version 1 knows nothing of this file, and works on where the upgrade ends here.
  if (trail.end !== undefined) await noteEnd(folder, { end: trail.end, key });
  step?.('noted');
  await commitUpgrade(upgrade, parts, { end: trail.end, broken, from });
  step?.('upgraded');
  if (!isServer(config)) await noteOwner(owner);
  fenceVersion1(folder);
  step?.('fenced');
  return { from, to: SCHEMA_VERSION, backup, broken };
}

/** A server checks its pages itself, and what Gatehouse asks there is of the tables of today. */
async function refuseDamaged(engine: SqlEngine): Promise<void> {
  if ((await engine.integrity()).join() === 'ok') return;
  throw new Fault('unavailable', 'The database is damaged.', { hint: 'Run: gatehouse doctor' });
}

type Found = { readonly end: Version1Trail['end']; readonly broken: string | undefined; readonly from: number };

async function commitUpgrade({ config, actor }: StoreUpgrade, { engine, key }: Parts, found: Found): Promise<void> {
  const { end, broken, from } = found;
  const detail = `schema=${from}-to-${SCHEMA_VERSION}${broken === undefined ? '' : ` trail-broken=${broken}`}`;
  const journal = createJournal({ key, trail: trailPlace(config) });
  await engine.write(async (tx) => {
    // Another host may have been faster.
    if ((await upgradeSchema(tx)) === undefined) return;
    // On a server the files are of one host among several, and each notes its own end.
    if (end !== undefined && !isServer(config)) await moveEnd(tx, { key, chain: FILE_CHAIN, end, exists: false });
    await journal.append(tx, { kind: 'change', events: [{ event: 'store.upgraded', actor: actor.name, detail }] });
  });
}

/**
 * What an upgrade that was killed did not come to, or one on another host of the same server: the trail in the files of
 * this host.
 */
async function finish({ config, step }: StoreUpgrade, { engine, key }: Parts): Promise<void> {
  const folder = config.audit.path;
  if (!hasMarkOfVersion1(folder)) return;
  const { end, firstBroken } = await readVersion1Trail(folder, key);
  if (end !== undefined && firstBroken === null) {
    if (!isServer(config)) await engine.write((tx) => chainBehind(tx, { files: end, key }));
    await noteEnd(folder, { end, key });
  }
  fenceVersion1(folder);
  step?.('fenced');
}

/**
 * Undefined where all verifies. On a server the chains of all hosts are in its table, and the files of a host may well
 * be empty.
 */
async function brokenPart(
  { config }: StoreUpgrade,
  { engine, key }: Parts,
  { firstBroken, end }: Version1Trail,
): Promise<string | undefined> {
  if (firstBroken !== null) return `record-${firstBroken}`;
  if (!isServer(config)) return end === undefined ? 'missing' : undefined;
  const host = await engine.read(async (tx) =>
    (await tx.hasTable('audit_records')) ? brokenChainOfVersion1(tx, key) : undefined,
  );
  return host === undefined ? undefined : `host-${host}`;
}

function isServer({ store }: Config): boolean {
  return store.engine === 'postgres';
}

function trailPlace(config: Config) {
  const { audit } = config;
  return isServer(config)
    ? ({ kind: 'table', folder: audit.path, host: hostname() } as const)
    : ({ kind: 'files', folder: audit.path, queueMax: Number.POSITIVE_INFINITY } as const);
}

function backupPath({ store }: Config, from: number): string {
  const time = new Date().toISOString().replaceAll(/[-:.]/g, '');
  return `${store.path}.before-upgrade-${from}-${time}`;
}

function doesNotVerify(broken: string): Fault {
  const what = broken === 'missing' ? 'There is no audit trail' : `The audit trail does not verify (${broken})`;
  return new Fault('bad-data', `${what}; the database was not upgraded.`, {
    hint: 'Put the audit folder back from a copy, or repeat with --accept-broken-trail, which is recorded.',
  });
}
