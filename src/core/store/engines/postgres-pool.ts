/**
 * Connections to the one server that writes. Invariant: a transaction begins on a server that is no standby. As long as it has not begun nothing has
 * happened: where a new connection fails another host of the address is tried here, and where an old one does (`now` rejects) the caller leases again.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ClientConfig, PoolClient } from 'pg';
import { connectionOf, type PostgresConnection } from './postgres-connection.ts';
import { away, ConnectionError, connectionErrorOf, postgresFault } from './postgres-fault.ts';
import { cutOff, type PostgresModule } from './postgres-module.ts';

/** A connection in a transaction: one that has begun, or one that is to begin on an old connection. */
export type Lease = {
  readonly connection: PostgresConnection;
  /** `sound` once the transaction is over; `broken` ends the connection. */
  release(state: 'sound' | 'broken'): void;
};

export type PostgresPool = {
  /** Rejects with a Fault: `busy` where no server answered for ten seconds. */
  lease(kind: 'read' | 'write'): Promise<Lease>;
  close(): Promise<void>;
};

export function createPool(postgres: PostgresModule, hosts: readonly ClientConfig[]): PostgresPool {
  const pools = hosts.map((host) => {
    const pool = new postgres.Pool({
      ...host,
      Client: postgres.Client,
      max: CONNECTIONS,
      idleTimeoutMillis: IDLE_MS,
      allowExitOnIdle: true,
    });
    // An idle connection that ended is out of the pool by then.
    pool.on('error', () => undefined);
    return pool;
  });
  const asked = new WeakSet<PoolClient>();
  let preferred = 0;
  /** When a lease was last given up. Whoever comes right after it is not kept waiting for the same again. */
  let gaveUpAt = Number.NEGATIVE_INFINITY;

  async function begin(host: number, kind: 'read' | 'write'): Promise<Lease> {
    const client = await pools[host]?.connect().catch((thrown: unknown) => {
      throw connectionErrorOf(thrown);
    });
    if (client === undefined) throw new ConnectionError('no such host');
    const isNew = !asked.has(client);
    try {
      if (isNew) await refuseStandby(client);
      asked.add(client);
      const connection = connectionOf(client, postgres, kind);
      if (isNew) await connection.now();
      return {
        connection,
        release(state) {
          if (state === 'broken') cutOff(client);
          client.release(state === 'broken');
        },
      };
    } catch (thrown) {
      cutOff(client);
      client.release(true);
      throw thrown;
    }
  }

  return {
    async lease(kind) {
      const began = performance.now();
      const giveUpAt = began + (began - gaveUpAt < STILL_AWAY_MS ? 0 : WAIT_MS);
      for (;;) {
        const failures: unknown[] = [];
        for (const offset of pools.keys()) {
          const host = (preferred + offset) % pools.length;
          try {
            const lease = await begin(host, kind);
            preferred = host;
            return lease;
          } catch (thrown) {
            failures.push(thrown);
          }
        }
        const faults = failures.map(postgresFault);
        const verdict = faults.find(({ code }) => code !== 'busy') ?? faults[0] ?? away(undefined);
        // A wrong password stays wrong; a server that starts up does not stay so.
        if (!faults.some(({ code }) => code === 'busy')) throw verdict;
        if (performance.now() > giveUpAt) {
          gaveUpAt = performance.now();
          throw verdict;
        }
        await pause(50 + Math.random() * 150);
      }
    },
    close: async () => void (await Promise.all(pools.map((pool) => pool.end()))),
  };
}

/** Of one process; a gate has one log-on and needs one. */
const CONNECTIONS = 8;
const IDLE_MS = 60_000;
/** As long as a writer waits for the lock of a database file. */
const WAIT_MS = 10_000;
/** A log-on that is refused is noted (audit-table.ts) within that. */
const STILL_AWAY_MS = 5000;

async function refuseStandby(client: PoolClient): Promise<void> {
  const { rows } = await client
    .query<{ standby: unknown }>('SELECT pg_is_in_recovery() AS standby')
    .catch((thrown: unknown) => {
      throw connectionErrorOf(thrown);
    });
  if (rows[0]?.standby !== 0) throw new ConnectionError('The server is a standby.');
}
