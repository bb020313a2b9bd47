/**
 * The `postgres` engine: one database for several hosts. Invariants: what a transaction answered is committed, by the server's own word; what may or may not have
 * been committed is a Fault, so that nothing is granted by it; a transaction that began and lost its connection is not run again. The database's clock is
 * the clock of all hosts.
 */
import { parsePostgresUrl } from '../../config/postgres-url.ts';
import { Fault } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import type { SqlEngine, SqlReader } from '../sql-engine.ts';
import { again, failureOf, Settled } from './postgres-again.ts';
import { clientConfigs } from './postgres-client-config.ts';
import { consequenceOf, inDoubt, postgresFault } from './postgres-fault.ts';
import { integrityOf } from './postgres-integrity.ts';
import { loadPostgres } from './postgres-module.ts';
import { createPool, type Lease } from './postgres-pool.ts';
import { noteWrite, WRITES_SO_FAR } from './postgres-schema.ts';
import { readerOf, writerOf } from './postgres-transaction.ts';
import { sqliteFileOf } from './sqlite-snapshot.ts';

export type PostgresOptions = {
  /** Store.Url of config.ini. */
  readonly url: string;
  /** `create` is for whoever sets a facility up, in a database that has none (`exists`); else a database without one is refused. */
  readonly absent: 'refuse' | 'create';
  /** Stands in for the database's clock, in tests. */
  readonly clock?: Clock;
};

export async function openPostgres({ url, absent, clock }: PostgresOptions): Promise<SqlEngine> {
  const address = parsePostgresUrl(url);
  if (!address.ok) throw new Fault('configuration', `Store.Url: ${address.wrong}.`, { hint: `${address.right}.` });
  const pool = createPool(await loadPostgres(), clientConfigs(address.value));
  let toBeMade = absent === 'create';
  let closed = false;

  /** Until it has made one itself, whoever sets a facility up sees every other: what it makes is its own to take back. */
  async function refuseOther(tx: SqlReader): Promise<void> {
    if (toBeMade && (await tx.hasTable('users'))) throw facilityIsThere();
  }

  /** Looked at before the first table is made. */
  async function refuseSchema(tx: SqlReader): Promise<void> {
    // A facility that was moved away may be opened again (`store migrate`).
    const isHere = async () => (await tx.hasTable('users')) || (await tx.hasTable('moved'));
    if (absent === 'refuse' && !(await isHere())) throw noFacility();
  }

  async function lease(kind: 'read' | 'write'): Promise<Lease> {
    if (closed) throw new Fault('internal', 'The database was used after it was closed.');
    try {
      return await pool.lease(kind);
    } catch (thrown) {
      // It has tried for long enough itself.
      throw new Settled(postgresFault(thrown));
    }
  }

  const read: SqlEngine['read'] = (work) =>
    again(async () => {
      const leased = await lease('read');
      const tx = readerOf({ clock, lease: leased });
      try {
        await refuseOther(tx);
        const answer = await work(tx);
        // What was read is known; that the reading is over need not be waited for.
        void endOf(leased);
        return answer;
      } catch (thrown) {
        await endOf(leased, thrown);
        throw tx.handedOver() ? new Settled(postgresFault(thrown)) : await failureOf(leased, thrown);
      }
    });

  const write: SqlEngine['write'] = (work) =>
    again(async () => {
      const leased = await lease('write');
      try {
        const tx = writerOf({ clock, lease: leased }, refuseSchema);
        await refuseOther(tx);
        const answer = await work(tx);
        // What it found without making it, another made meanwhile.
        if (!tx.hasDefined()) await refuseOther(tx);
        if (!tx.hasChanged()) {
          // Its locks have done their work; that they are let go of need not be waited for.
          void endOf(leased);
          return answer;
        }
        await commit(leased, noteWrite());
        if (tx.hasDefined()) toBeMade = false;
        leased.release('sound');
        return answer;
      } catch (thrown) {
        await endOf(leased, thrown);
        throw await failureOf(leased, thrown);
      }
    });

  return {
    read,
    write,
    now: () => read((tx) => tx.now()),
    revision: () => read(async (tx) => String((await tx.all(WRITES_SO_FAR))[0]?.writes)),
    integrity: () => read(integrityOf),
    snapshot: () => read(sqliteFileOf),
    async close() {
      if (closed) return;
      closed = true;
      await pool.close();
    },
  };
}

async function commit({ connection }: Lease, last: string): Promise<void> {
  try {
    await connection.commit(last);
  } catch (thrown) {
    throw consequenceOf(thrown) === 'lost' ? new Settled(inDoubt(thrown)) : thrown;
  }
}

/** Whatever was not committed is rolled back, by the server when it finds the connection gone. */
async function endOf(leased: Lease, thrown?: unknown): Promise<void> {
  if (thrown instanceof Settled || (thrown !== undefined && consequenceOf(thrown) === 'lost')) {
    return leased.release('broken');
  }
  try {
    await leased.connection.rollback();
    leased.release('sound');
  } catch {
    leased.release('broken');
  }
}

function noFacility(): Fault {
  return new Fault('unavailable', 'There is no facility in the database that Store.Url names.', {
    hint: 'Check Store.Url in config.ini; a facility is made by `gatehouse init`, or moved there by `gatehouse store migrate`.',
  });
}

function facilityIsThere(): Fault {
  return new Fault('exists', 'There is a facility in the database already.', { hint: 'Nothing was overwritten.' });
}
