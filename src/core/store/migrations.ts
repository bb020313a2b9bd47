/**
 * Schema versions, recorded in the database. Another version than this one is refused; an older one is brought up step
 * by step by `gatehouse store upgrade`, and by nothing else.
 */
import { Fault, OtherSchema } from '../errors.ts';
import { refuseMarked } from './moving/marks.ts';
import { integer } from './row-cells.ts';
import { SCHEMA_1, upgradeTo2 } from './schema.ts';
import type { SqlEngine, SqlReader, SqlWriter } from './sql-engine.ts';

/** One entry a version, never changed once it was released: version n is reached by the n-th. */
const MIGRATIONS: readonly ((tx: SqlWriter) => Promise<void>)[] = [makeSchema1, upgradeTo2];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** Makes the schema in a new database; an older one is refused. Reads only, where nothing is to do. */
export async function migrate(engine: SqlEngine): Promise<void> {
  const found = await engine.read((tx) => versionOf(tx));
  refuseNewer(found);
  if (found === SCHEMA_VERSION) return;
  if (found > 0) throw older(found);
  await engine.write(async (tx) => {
    // Asked again: another process may have been faster. Locked: where several write at once, the others wait here.
    const from = await versionOf(tx, tx.dialect.lockRows);
    refuseNewer(from);
    await bringUp(tx, from, SCHEMA_VERSION);
  });
}

/** The whole schema in a new, empty database; that of an older version for a backup of one. */
export function makeSchema(tx: SqlWriter, version = SCHEMA_VERSION): Promise<void> {
  return bringUp(tx, 0, version);
}

/**
 * The version of the schema that a facility has, before `gatehouse store upgrade`. Throws a Fault for anything else.
 */
export async function schemaVersion(tx: SqlReader): Promise<number> {
  const version = await versionOf(tx);
  refuseNewer(version);
  if (version === 0) throw foreign();
  return version;
}

/** For `gatehouse store upgrade` alone: from the version that was found there; undefined where nothing was to do. */
export async function upgradeSchema(tx: SqlWriter): Promise<number | undefined> {
  const from = await versionOf(tx, tx.dialect.lockRows);
  refuseNewer(from);
  if (from === 0) throw foreign();
  if (from === SCHEMA_VERSION) return undefined;
  await bringUp(tx, from, SCHEMA_VERSION);
  return from;
}

/**
 * Of a database that may be damaged: true where it is a facility of this version, false where it is none. Throws a
 * Fault for one of another version, and for one that was moved away.
 */
export async function isOfThisVersion(tx: SqlReader): Promise<boolean> {
  await refuseMarked(tx);
  if (!(await hasFacility(tx))) return false;
  const [row, ...more] = await tx.all('SELECT version FROM schema_version');
  if (typeof row?.version !== 'number' || more.length > 0) return false;
  refuseNewer(row.version);
  if (row.version < SCHEMA_VERSION) throw older(row.version);
  return true;
}

/**
 * In the course of a write, behind its locks: throws Fault `unavailable` where the database has another version by now.
 */
export async function checkVersion(tx: SqlReader): Promise<void> {
  const [row] = await tx.all('SELECT version FROM schema_version');
  const version = row === undefined ? 0 : integer(row, 'version');
  refuseNewer(version);
  if (version < SCHEMA_VERSION) throw older(version);
}

async function bringUp(tx: SqlWriter, from: number, to: number): Promise<void> {
  for (const migration of MIGRATIONS.slice(from, to)) await migration(tx);
  if (from === 0) {
    await tx.define('CREATE TABLE schema_version (version INTEGER NOT NULL)');
    await tx.run('INSERT INTO schema_version (version) VALUES (?)', [to]);
  } else {
    await tx.run('UPDATE schema_version SET version = ?', [to]);
  }
}

async function makeSchema1(tx: SqlWriter): Promise<void> {
  for (const sql of SCHEMA_1(tx.dialect)) await tx.define(sql);
}

/** Whether anything is in the database; `migrate` would make the schema of an empty one. */
export function hasFacility(tx: SqlReader): Promise<boolean> {
  return tx.hasTable('schema_version');
}

async function versionOf(tx: SqlReader, lock = ''): Promise<number> {
  if (!(await hasFacility(tx))) {
    await refuseMarked(tx);
    if (!(await tx.hasTable('users'))) return 0;
    // Asked again: another host may have made it between the two looks.
    if (!(await hasFacility(tx))) throw foreign();
  }
  const rows = await tx.all(`SELECT version FROM schema_version${lock}`);
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw foreign();
  return integer(row, 'version');
}

function refuseNewer(version: number): void {
  if (version <= SCHEMA_VERSION) return;
  throw new OtherSchema('unavailable', `The database was written by a newer Gatehouse (schema ${version}).`, {
    hint: `This one knows schema ${SCHEMA_VERSION}: install the newer Gatehouse, or restore a backup made by this one.`,
  });
}

function older(version: number): Fault {
  return new OtherSchema('unavailable', `The database was written by an older Gatehouse (schema ${version}).`, {
    hint: 'Stop `gatehouse serve` and the console, then run: gatehouse store upgrade',
  });
}

function foreign(): Fault {
  return new Fault('unavailable', 'The database is not one that Gatehouse made, or it is damaged.', {
    hint: 'Check Store.Path in config.ini, or restore a backup with `gatehouse restore`.',
  });
}
