/**
 * The `sqljs` engine: one ordinary SQLite file that is always whole. Invariant: a write has happened when it is on disk, and not before: lock,
 * re-read, transaction, temporary file, sync, rename, sync, answer. Whatever fails on the way throws the image in memory away, so
 * nothing that was not acknowledged is ever read from it. Readers need no lock: the file is replaced, never changed.
 */
import { Fault, toFault } from '../../errors.ts';
import { type FileCalls, NODE_FILE_CALLS, writeDurably } from '../../node/durable-write.ts';
import { acquireFileLock } from '../../node/file-lock.ts';
import type { Clock } from '../../ports.ts';
import type { SqlEngine, SqlReader, SqlRow, SqlWriter } from '../sql-engine.ts';
import {
  databaseExists,
  databaseRevision,
  type HeldFile,
  holdDatabase,
  readDatabase,
  refuseSideFiles,
} from './database-file.ts';
import { createSerialQueue } from './serial-queue.ts';
import { openImage, type SqljsImage } from './sqljs-image.ts';
import { loadSqljs } from './sqljs-module.ts';

export type SqljsOptions = {
  /** Absolute. Beside it: `<path>.lock`, and `<path>.new` while somebody writes. */
  readonly path: string;
  readonly clock: Clock;
  /** Opening makes no database, but for the one who sets a facility up; `create` refuses one that is there (`exists`). */
  readonly absent: 'refuse' | 'create';
  /** How long a writer waits for another process; then Fault `busy`. */
  readonly lockWaitMs?: number;
  readonly calls?: FileCalls;
};

export const LOCK_WAIT_MS = 10_000;

/** With `create` the file comes into being with the first write. */
export async function openSqljs(options: SqljsOptions): Promise<SqlEngine> {
  const { path, clock } = options;
  const inOrder = createSerialQueue();
  const version = createVersion(options);
  await version.current();

  return {
    read: (work) =>
      inOrder(() =>
        version.orForget(async () => {
          const image = await version.current();
          return work(readerOf(image, clock.now()));
        }),
      ),
    write: (work) =>
      inOrder(async () => {
        const lock = await acquireFileLock({
          path: `${path}.lock`,
          what: 'database',
          waitMs: options.lockWaitMs ?? LOCK_WAIT_MS,
        });
        try {
          return await version.orForget(async () => {
            version.refuseOvertaken();
            const image = await version.current();
            image.begin();
            const tx = writerOf(image, clock.now());
            const answer = await work(tx);
            image.commit();
            if (tx.hasChanged()) await version.save(image);
            return answer;
          });
        } finally {
          lock.release();
        }
      }),
    now: async () => clock.now(),
    revision: async () => (databaseExists(path) ? databaseRevision(path) : 'none'),
    integrity: () => inOrder(() => version.orForget(async () => (await version.current()).integrity())),
    snapshot: () =>
      inOrder(async () => {
        refuseSideFiles(path);
        const { held, bytes } = readDatabase(path);
        held.close();
        return bytes;
      }),
    close: () => inOrder(async () => version.end()),
  };
}

type Version = {
  /** The image of the file as it is now. */
  current(): Promise<SqljsImage>;
  save(image: SqljsImage): Promise<void>;
  forget(): void;
  /** Nothing works after it. */
  end(): void;
  /** Runs work; whatever it throws comes out as a Fault, and the image is not used again. */
  orForget<T>(work: () => Promise<T>): Promise<T>;
  /** Under the lock: somebody else made the database that we were to make. */
  refuseOvertaken(): void;
};

/** Which version of the file is in memory. `held` undefined: a database that is still to be made. */
function createVersion({ path, absent, calls }: SqljsOptions): Version {
  let loaded: { readonly image: SqljsImage; held: HeldFile | undefined } | undefined;
  let toBeMade = absent === 'create';
  let ended = false;

  const version: Version = {
    async current() {
      if (ended) throw new Fault('internal', 'The database was used after it was closed.');
      const sqljs = await loadSqljs();
      refuseSideFiles(path);
      if (toBeMade) {
        version.refuseOvertaken();
        loaded ??= { image: openImage(sqljs, undefined), held: undefined };
        return loaded.image;
      }
      if (loaded?.held?.isCurrent()) return loaded.image;
      version.forget();
      const { held, bytes } = readDatabase(path);
      try {
        loaded = { held, image: openImage(sqljs, bytes) };
        return loaded.image;
      } catch (thrown) {
        held.close();
        throw thrown;
      }
    },
    async save(image) {
      const bytes = image.bytes();
      await writeDurably({ path, temporary: `${path}.new`, bytes, what: 'database', calls: calls ?? NODE_FILE_CALLS });
      loaded?.held?.close();
      toBeMade = false;
      loaded = { image, held: holdDatabase(path) };
    },
    forget() {
      const before = loaded;
      loaded = undefined;
      before?.held?.close();
      before?.image.close();
    },
    end() {
      version.forget();
      ended = true;
    },
    async orForget(work) {
      try {
        return await work();
      } catch (thrown) {
        version.forget();
        throw toFault(thrown);
      }
    },
    refuseOvertaken() {
      if (!toBeMade || !databaseExists(path)) return;
      throw new Fault('exists', `The database ${path} is there already.`, { hint: 'Nothing was overwritten.' });
    },
  };
  return version;
}

function readerOf(image: SqljsImage, now: number): SqlReader {
  const all: SqlReader['all'] = async (sql, params = []) => {
    const rows: SqlRow[] = [];
    image.each(sql, params, (row) => rows.push(row));
    return rows;
  };
  return {
    now,
    all,
    each: async (sql, params, visit) => image.each(sql, params, visit),
    hasTable: async (name) =>
      (await all("SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?", [name])).length > 0,
  };
}

function writerOf(image: SqljsImage, now: number): SqlWriter & { hasChanged(): boolean } {
  let changed = false;
  const count = (touched: number) => {
    if (touched > 0) changed = true;
    return touched;
  };
  return {
    ...readerOf(image, now),
    run: async (sql, params = []) => count(image.runMany(sql, [params])),
    runMany: async (sql, lists) => count(image.runMany(sql, lists)),
    define: async (sql) => {
      image.runMany(sql, [[]]);
      changed = true;
    },
    dialect: { lockRows: '', clustered: ' WITHOUT ROWID' },
    hasChanged: () => changed,
  };
}
