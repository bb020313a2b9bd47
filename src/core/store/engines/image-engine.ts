/**
 * A database that is nowhere but in memory, for whoever prepares one as a whole: `restore` writes it down when it is
 * ready.
 */
import type { Clock } from '../../ports.ts';
import type { SqlEngine } from '../sql-engine.ts';
import { createSerialQueue } from './serial-queue.ts';
import { openImage } from './sqljs-image.ts';
import { loadSqljs } from './sqljs-module.ts';
import { readerOf, writerOf } from './sqljs-transaction.ts';

/**
 * `file`: a whole SQLite file, which the caller gives away. Throws a Fault where it is none; then, and after any throw,
 * it is of no more use.
 */
export async function openImageEngine(file: Buffer, clock: Clock): Promise<SqlEngine> {
  const image = openImage(await loadSqljs(), withoutLog(file));
  const inOrder = createSerialQueue();
  return {
    read: (work) => inOrder(() => work(readerOf(image, clock.now()))),
    write: (work) =>
      inOrder(async () => {
        image.begin();
        const answer = await work(writerOf(image, clock.now()));
        image.commit();
        return answer;
      }),
    now: async () => clock.now(),
    revision: async () => 'none',
    integrity: () => inOrder(async () => image.integrity()),
    snapshot: () => inOrder(async () => image.bytes()),
    close: () => inOrder(async () => image.close()),
  };
}

/** A log belongs to a file, and this is none any more (https://www.sqlite.org/fileformat2.html, offsets 18 and 19). */
function withoutLog(file: Buffer): Buffer {
  if (file.length > 19) file.fill(1, 18, 20);
  return file;
}
