/** A database of one of the two engines that have it as a file, in a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite, type SqliteOptions } from '../../src/core/store/engines/sqlite.ts';
import { openSqljs, type SqljsOptions } from '../../src/core/store/engines/sqljs.ts';
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import type { Bench } from '../store-contract/bench.ts';
import { NOON } from '../store-contract/people.ts';
import { openPlainStore } from '../support/plain-store.ts';

type Opener = (more?: Partial<FileOptions>) => Promise<SqlEngine>;
type FileOptions = SqljsOptions & SqliteOptions;

export type TemporaryDatabase = Omit<Bench, 'open'> & {
  readonly folder: string;
  readonly path: string;
  /** Engine and path, for child processes. */
  readonly address: string;
  readonly open: Opener;
  /** The same file by a certain engine. */
  readonly openAsSqljs: Opener;
  readonly openAsSqlite: Opener;
};

/** Made by sqljs, with its schema and nobody in it. */
export function temporaryDatabase(): Promise<TemporaryDatabase> {
  return databaseOpenedBy(openSqljs);
}

/** The same by the sqlite engine. */
export function temporarySqlite(): Promise<TemporaryDatabase> {
  return databaseOpenedBy(openSqlite);
}

async function databaseOpenedBy(openEngine: (options: FileOptions) => Promise<SqlEngine>): Promise<TemporaryDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-store-'));
  const path = join(folder, 'gatehouse.db');
  let now = NOON;
  const opened: SqlEngine[] = [];
  const open = async (
    by: (options: FileOptions) => Promise<SqlEngine>,
    more: Partial<FileOptions> = {},
  ): Promise<SqlEngine> => {
    const engine = await by({ path, clock: { now: () => now }, absent: 'refuse', ...more });
    opened.push(engine);
    return engine;
  };
  const store = await openPlainStore(await open(openEngine, { absent: 'create' }));
  await store.close();
  return {
    folder,
    path,
    address: `${openEngine === openSqlite ? 'sqlite' : 'sqljs'}:${path}`,
    open: (more) => open(openEngine, more),
    openAsSqljs: (more) => open(openSqljs, more),
    openAsSqlite: (more) => open(openSqlite, more),
    setNow: (next) => {
      now = next;
    },
    dispose: async () => {
      for (const engine of opened) await engine.close();
      rmSync(folder, { recursive: true });
    },
  };
}
