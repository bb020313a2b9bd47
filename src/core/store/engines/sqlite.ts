/**
 * The `sqlite` engine: SQLite's own library on the same file that `sqljs` uses. Invariants: while it is open it shares the lock `<db>.lock`, which a
 * writer of sqljs takes alone, so that two kinds of engine are never at work on one file; a write is on disk when it resolves; what a
 * transaction destroyed is out of the write-ahead log when it resolves, or, where another process still reads, as soon as it can be.
 */
import { Fault } from '../../errors.ts';
import type { FileLock } from '../../node/file-lock.ts';
import type { Clock } from '../../ports.ts';
import type { SqlEngine } from '../sql-engine.ts';
import { hasUnmerged, makeEmptyDatabase } from './database-file.ts';
import { shareDatabase } from './database-lock.ts';
import { createSerialQueue } from './serial-queue.ts';
import { whileBusy } from './sqlite-busy.ts';
import { connect, type SqliteConnection } from './sqlite-connection.ts';
import { orDiskFull, sqliteFault } from './sqlite-fault.ts';
import { emptyLog } from './sqlite-log.ts';
import { sqliteFileOf } from './sqlite-snapshot.ts';
import { readerOf, writerOf } from './sqlite-transaction.ts';

export type SqliteOptions = {
  /** Absolute. Beside it: `<path>.lock`, and `<path>-wal` and `<path>-shm` while it is open. */
  readonly path: string;
  readonly clock: Clock;
  /** Opening makes no database, but for the one who sets a facility up; `create` refuses one that is there (`exists`). */
  readonly absent: 'refuse' | 'create';
  /** How long it waits for other processes; then Fault `busy`. */
  readonly lockWaitMs?: number;
  /** `<path>.lock`, held already by the caller, alone; the engine lets it go when it is closed, and when it cannot be opened. */
  readonly lock?: FileLock;
};

const WAIT_MS = 10_000;
/** So long one who has destroyed something waits for readers of what was there before: a list of 100,000 users takes a second. */
const READERS_WAIT_MS = 3000;

export async function openSqlite(options: SqliteOptions): Promise<SqlEngine> {
  const { path, clock, lockWaitMs: waitMs = WAIT_MS } = options;
  const lock = options.lock ?? (await shareDatabase(path, options.lockWaitMs));
  let connection: SqliteConnection;
  const logFound = hasUnmerged(path);
  try {
    if (options.absent === 'create') makeEmptyDatabase(path);
    connection = await whileBusy(waitMs, () =>
      connectLogged(path, options.absent === 'create' ? 'may-be-empty' : 'has-content'),
    );
  } catch (thrown) {
    lock.release();
    throw orDiskFull(thrown, path);
  }
  const inOrder = createSerialQueue();
  let closed = false;
  let writes = 0;
  // A log that was there may be of one who was killed before he emptied it.
  let logHoldsDestroyed = logFound;

  /** The connection, where it is of use. */
  const atWork = () => {
    if (closed) throw new Fault('internal', 'The database was used after it was closed.');
    connection.refuseReplaced();
    return connection;
  };

  async function transaction<T>(kind: 'DEFERRED' | 'IMMEDIATE', work: () => Promise<T>): Promise<T> {
    const open = atWork();
    await whileBusy(waitMs, () => open.begin(kind));
    try {
      const answer = await work();
      open.exec('COMMIT');
      return answer;
    } catch (thrown) {
      open.rollback();
      throw sqliteFault(thrown);
    }
  }

  return {
    read: (work) => inOrder(() => transaction('DEFERRED', () => work(readerOf(connection, clock.now())))),
    write: (work) =>
      inOrder(async () => {
        let done = { changed: false, destroyed: false };
        const answer = await transaction('IMMEDIATE', async () => {
          const tx = writerOf(connection, clock.now());
          const result = await work(tx);
          done = tx.done();
          return result;
        });
        if (done.changed) writes += 1;
        // What another's reading kept in it before is tried again, and not waited for.
        const emptyingMs = done.destroyed ? Math.min(waitMs, READERS_WAIT_MS) : 0;
        if (done.destroyed || logHoldsDestroyed) logHoldsDestroyed = !(await emptyLog(connection, emptyingMs));
        return answer;
      }),
    now: async () => clock.now(),
    // What others commit shows in data_version, our own commits do not.
    revision: () =>
      inOrder(async () => {
        const [row] = await whileBusy(waitMs, () => atWork().all('PRAGMA data_version', []));
        return `${row?.data_version}.${writes}`;
      }),
    integrity: () =>
      inOrder(async () => {
        const found = await whileBusy(waitMs, () => atWork().all('PRAGMA integrity_check', []));
        return found.map((row) => String(row.integrity_check));
      }),
    snapshot: () => inOrder(() => transaction('DEFERRED', () => sqliteFileOf(readerOf(connection, clock.now())))),
    close: () =>
      inOrder(async () => {
        if (closed) return;
        closed = true;
        try {
          if (logHoldsDestroyed) await emptyLog(connection, 0);
          // The last one to close merges the log into the file and removes it.
          connection.close();
        } finally {
          lock.release();
        }
      }),
  };
}

/** In write-ahead mode, which the file keeps from then on until sqljs has it back. */
function connectLogged(path: string, content: Parameters<typeof connect>[1]): SqliteConnection {
  const connection = connect(path, content);
  try {
    const [row] = connection.all('PRAGMA journal_mode = WAL', []);
    if (row?.journal_mode === 'wal') return connection;
    throw new Fault('unavailable', `The database ${path} cannot have a write-ahead log where it lies.`, {
      hint: 'SQLite needs a local file system with shared memory; elsewhere: gatehouse config set Store.Engine sqljs',
    });
  } catch (thrown) {
    connection.close();
    throw thrown;
  }
}
