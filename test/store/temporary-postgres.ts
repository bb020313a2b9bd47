/** A facility's tables in a server that is there already. */
import { openPostgres, type PostgresOptions } from '../../src/core/store/engines/postgres.ts';
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import type { Bench } from '../store-contract/bench.ts';
import { NOON } from '../store-contract/people.ts';
import { openPlainStore } from '../support/plain-store.ts';
import type { PostgresServer } from '../support/postgres-server.ts';

export type TemporaryPostgres = Omit<Bench, 'open'> & {
  readonly url: string;
  /** Engine and address, for child processes. */
  readonly address: string;
  readonly open: (more?: Partial<PostgresOptions>) => Promise<SqlEngine>;
};

/** With its schema and nobody in it. Its clock stands at NOON until it is set; `clock: undefined` opens it with the server's own. */
export async function temporaryPostgres(server: PostgresServer): Promise<TemporaryPostgres> {
  const url = await server.freshUrl();
  let now = NOON;
  const opened: SqlEngine[] = [];
  const open = async (more: Partial<PostgresOptions> = {}): Promise<SqlEngine> => {
    const engine = await openPostgres({ url, absent: 'refuse', clock: { now: () => now }, ...more });
    opened.push(engine);
    return engine;
  };
  const store = await openPlainStore(await open({ absent: 'create' }));
  await store.close();
  return {
    url,
    address: `postgres:${url}`,
    open,
    setNow: (next) => {
      now = next;
    },
    dispose: async () => {
      for (const engine of opened) await engine.close();
    },
  };
}
