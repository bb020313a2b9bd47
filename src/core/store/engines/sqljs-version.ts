/**
 * Which version of the file is in memory. Invariant: the image is of the file as it is on disk, or it is read anew; one that a failure has
 * touched is never used again.
 */
import { Fault, toFault } from '../../errors.ts';
import { NODE_FILE_CALLS, writeDurably } from '../../node/durable-write.ts';
import { databaseExists, type HeldFile, holdDatabase, readDatabase, refuseSideFiles } from './database-file.ts';
import type { SqljsOptions } from './sqljs.ts';
import { openImage, type SqljsImage } from './sqljs-image.ts';
import { loadSqljs } from './sqljs-module.ts';

export type Version = {
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

export function createVersion({ path, absent, calls }: SqljsOptions): Version {
  // `held` undefined: a database that is still to be made.
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
