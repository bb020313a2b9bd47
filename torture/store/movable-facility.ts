/** Facilities to be upgraded, restored and migrated, and what is in them: all that a login hangs on, in one text. */
import { chmodSync, cpSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { backUp } from '../../src/core/node/backup.ts';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { openFacility } from '../../src/core/node/facility.ts';
import { readKeyRing } from '../../src/core/node/key-file.ts';
import { openEngine } from '../../src/core/node/open-engine.ts';
import { systemClock } from '../../src/core/node/system-clock.ts';
import { brokenChainOfVersion1, readVersion1Trail } from '../../src/core/node/version-1-trail.ts';
import { shellActor } from '../../src/core/roles.ts';
import { SCHEMA_VERSION, schemaVersion } from '../../src/core/store/migrations.ts';
import { integer, text } from '../../src/core/store/row-cells.ts';
import type { SqlReader } from '../../src/core/store/sql-engine.ts';
import { QUICK_HASHER, START, torturedFacility } from '../facility.ts';
import { RULES } from './any-write.ts';
import type { FileEngine } from './engines.ts';

const FIXTURES = join(import.meta.dirname, '../../test/fixtures/schema-1');

/** As version 1 left it. */
export function version1In(folder: string, engine: FileEngine | 'postgres'): void {
  cpSync(join(FIXTURES, engine), folder, { recursive: true });
  tighten(folder);
}

/** With a backup, and behind it whatever a restore may not take back. The backup's path. */
export async function changedSinceBackup(folder: string, settings: string): Promise<void> {
  const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'];
  const { facility, people } = await torturedFacility({
    folder,
    names,
    roles: ['admin', 'helpdesk', 'admin'],
    settings,
  });
  const actor = shellActor('torture');
  await backUp(facility, actor, backupIn(folder));
  const store = facility.store.by({ actor: actor.name });
  const [alice, bob, carol, dave, erin, frank] = people.map(({ id }) => id);
  if (!alice || !bob || !carol || !dave || !erin || !frank) throw new Error('somebody was not made');
  await store.editUser({ id: bob, changes: { role: 'user' } });
  await store.editUser({ id: carol, changes: { passwordHash: await QUICK_HASHER.hash('another one') } });
  await store.editUser({ id: dave, changes: { disabled: true } });
  await store.removeUser(erin);
  await store.deactivate(frank);
  const { epoch, user } = await store.findUser((await store.userById(alice))?.nameKey ?? ('' as never));
  const claim = { userId: alice, passwordVersion: user?.passwordVersion ?? 0, epoch };
  const step = Math.floor(START / 30_000);
  await store.claimTimeStep({ claim, pairingId: 'p-alice', step, window: 1, rules: RULES });
  await store.claimTimeStep({ claim, pairingId: 'p-alice', step: null, window: 1, rules: RULES });
  await facility.close();
}

export function backupIn(folder: string): string {
  return join(folder, 'backup.db');
}

export type Found = {
  readonly version: number;
  readonly engine: string;
  /** Everything that a login hangs on, but for the time steps of used codes. */
  readonly content: string;
  /** Of each user, the last one. */
  readonly steps: ReadonlyMap<string, number>;
  /** How often the trail says so; of version 1 that is not looked at. */
  readonly upgrades: number;
  readonly restores: number;
  readonly migrations: number;
};

/** Opens it as whichever version is there does. Throws where it does not open, or the trail does not verify. */
export async function foundIn(folder: string): Promise<Found> {
  const { config } = readConfigFile(join(folder, 'config.ini'));
  const raw = await openEngine(config.store, { database: 'existing', clock: systemClock });
  const { version, content, steps } = await raw
    .read(async (tx) => {
      const version = await schemaVersion(tx);
      if (version < SCHEMA_VERSION && config.store.engine === 'postgres')
        await refuseBrokenChain(tx, config.store.keyFile);
      return { version, content: await contentIn(tx), steps: await stepsIn(tx) };
    })
    .finally(() => raw.close());
  const place = { version, engine: config.store.engine, content, steps };
  if (version < SCHEMA_VERSION) {
    if (config.store.engine === 'postgres') return { ...place, upgrades: 0, restores: 0, migrations: 0 };
    const { firstBroken, records } = await readVersion1Trail(
      config.audit.path,
      readKeyRing(config.store.keyFile).auditKey,
    );
    if (firstBroken !== null || records === 0)
      throw new Error(`the trail of version 1 breaks at record ${firstBroken}`);
    return { ...place, upgrades: 0, restores: 0, migrations: 0 };
  }
  const facility = await openFacility(config);
  try {
    const { ok, firstBroken } = await facility.trail.verify();
    if (!ok) throw new Error(`the trail does not verify: record ${firstBroken}`);
    const events: string[] = [];
    for await (const { event } of facility.trail.read()) events.push(event);
    const count = (name: string) => events.filter((event) => event === name).length;
    const [upgrades, restores] = [count('store.upgraded'), count('store.restored')];
    return { ...place, upgrades, restores, migrations: count('store.migrated') };
  } finally {
    await facility.close();
  }
}

async function stepsIn(tx: SqlReader): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.all('SELECT id, last_step FROM users WHERE last_step IS NOT NULL');
  return new Map(rows.map((row) => [text(row, 'id'), integer(row, 'last_step')]));
}

/** What is left lying beside the database and in the folder, by names; the log of a file that was left for a server is its own affair. */
export function leftIn(folder: string): readonly string[] {
  const { engine } = readConfigFile(join(folder, 'config.ini')).config.store;
  const left =
    engine === 'postgres' ? /\.(new|restoring|part|tmp)/ : /\.(new|restoring|part|tmp)|-wal$|-shm$|-journal$/;
  const names = ['.', 'data'].flatMap((each) => readdirSync(join(folder, each)));
  return names.filter((name) => left.test(name));
}

/** On a server the trail of version 1 is in its tables. */
async function refuseBrokenChain(tx: SqlReader, keyFile: string): Promise<void> {
  const broken = await brokenChainOfVersion1(tx, readKeyRing(keyFile).auditKey);
  if (broken !== undefined) throw new Error(`the trail of version 1 is broken at host ${broken}`);
}

/** Versions of rows go up with whatever is done to them, and say nothing about what is granted. */
const NOT_COMPARED = new Set(['version', 'edit_version', 'password_version', 'locked_answers', 'last_step']);
const TABLES = ['users', 'failures', 'recovery_codes', 'one_time_codes'];

async function contentIn(tx: SqlReader): Promise<string> {
  const tables: string[] = [];
  for (const table of TABLES) {
    const rows = await tx.all(`SELECT * FROM ${table}`);
    const texts = rows.map((row) =>
      JSON.stringify(
        Object.entries(row)
          .filter(([name]) => !NOT_COMPARED.has(name))
          .toSorted(([one], [other]) => one.localeCompare(other)),
      ),
    );
    tables.push(`${table}\n${texts.toSorted().join('\n')}`);
  }
  return tables.join('\n');
}

/** Git keeps no modes of folders. */
function tighten(path: string): void {
  const isFolder = statSync(path).isDirectory();
  chmodSync(path, isFolder ? 0o700 : 0o600);
  if (isFolder) for (const name of readdirSync(path)) tighten(join(path, name));
}

export function makeFolder(path: string): string {
  mkdirSync(path, { mode: 0o700 });
  return path;
}
