/** A file that an administrator asks for: new, whole, for this account alone; never in the place of one that is there. */
import { open, unlink } from 'node:fs/promises';
import { Fault } from '../errors.ts';
import { inert } from '../visible-text.ts';
import { errnoOf, fileFault } from './file-fault.ts';

/** Mode 0600. Faults: `exists` where something has that name (a symbolic link too), `unavailable`; then nothing is left behind. */
export async function writeNewFile(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((thrown: unknown) => {
    if (errnoOf(thrown) === 'EEXIST') {
      throw new Fault('exists', inert(`${path} is there already.`), {
        hint: 'Nothing was written; name another file.',
      });
    }
    throw fileFault(`The file ${path} could not be made`, thrown);
  });
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (thrown) {
    await unlink(path).catch(() => undefined);
    throw fileFault(`The file ${path} could not be written`, thrown);
  } finally {
    await file.close();
  }
}
