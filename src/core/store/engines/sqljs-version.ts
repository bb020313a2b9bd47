/**
 * Which version of the file is in memory. Invariant: the image is of the file as it is on disk, or it is read anew; one that a failure has
 * touched is never used again.
 */
import { Fault, toFault } from '../../errors.ts';
import { NODE_FILE_CALLS, writeDurably } from '../../node/durable-write.ts';
import type { FileLock } from '../../node/file-lock.ts';
import {
  type HeldFile,
  hasUnmerged,
  holdDatabase,
  type ReadFile,
  readDatabase,
  refuseExisting,
} from './database-file.ts';
import { lockDatabase } from './database-lock.ts';
import { mergeLog } from './sqlite-log.ts';
import type { SqljsOptions } from './sqljs.ts';
import { openImage, type SqljsImage } from './sqljs-image.ts';
import { loadSqljs } from './sqljs-module.ts';

export type Version = {
  /** The image of the file as it is now. `lock`: the database's, where the caller holds it. */
  current(lock?: FileLock): Promise<SqljsImage>;
  /** The file as it is now, read anew; what SQLite's own library left beside it is merged before. */
  read(lock?: FileLock): Promise<ReadFile>;
  save(image: SqljsImage): Promise<void>;
  forget(): void;
  /** Nothing works after it. */
  end(): void;
  /** Runs work; whatever it throws comes out as a Fault, and the image is not used again. */
  orForget<T>(work: () => Promise<T>): Promise<T>;
  /** Under the lock: somebody else made the database that we were to make. */
  refuseOvertaken(): void;
};

export function createVersion({ path, absent, calls, lockWaitMs }: SqljsOptions): Version {
  // `held` undefined: a database that is still to be made.
  let loaded: { readonly image: SqljsImage; held: HeldFile | undefined } | undefined;
  let toBeMade = absent === 'create';
  let ended = false;

  const version: Version = {
    async current(lock) {
      if (ended) throw new Fault('internal', 'The database was used after it was closed.');
      const sqljs = await loadSqljs();
      if (toBeMade) {
        version.refuseOvertaken();
        loaded ??= { image: openImage(sqljs, undefined), held: undefined };
        return loaded.image;
      }
      if (loaded?.held?.isCurrent() && !hasUnmerged(path)) return loaded.image;
      version.forget();
      const { held, bytes } = await version.read(lock);
      try {
        loaded = { held, image: openImage(sqljs, bytes) };
        return loaded.image;
      } catch (thrown) {
        held.close();
        throw thrown;
      }
    },
    async read(lock) {
      // The sqlite engine may have the file again as soon as our lock is let go.
      for (let tries = 0; tries < 3; tries += 1) {
        const file = readDatabase(path);
        if (file !== 'unmerged') return file;
        const own = lock === undefined ? await lockDatabase(path, lockWaitMs) : undefined;
        try {
          mergeLog(path);
        } finally {
          own?.release();
        }
      }
      throw new Fault('busy', `The database ${path} is in use by Gatehouse with Store.Engine=sqlite.`, {
        hint: 'Use one engine: end the console and `gatehouse serve`, and start them again.',
      });
    },
    async save(image) {
      const bytes = image.bytes();
      await writeDurably({ path, temporary: `${path}.new`, bytes, what: 'database', calls: calls ?? NODE_FILE_CALLS });
      toBeMade = false;
      const held = holdDatabase(path);
      loaded?.held?.close();
      loaded = { image, held };
    },
    forget() {
      const before = loaded;
      loaded = undefined;
      before?.held?.close();
      before?.image.close();
    },
    end() {
      loaded?.held?.closeNow();
      loaded?.image.close();
      loaded = undefined;
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
      if (toBeMade) refuseExisting(path);
    },
  };
  return version;
}
