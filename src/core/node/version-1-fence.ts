/**
 * Version 1 noted the end of the trail in the file `head`, and opens it before it writes a record: it cannot open a
 * folder of that name. Invariant: only `gatehouse store upgrade` and `gatehouse restore` take such a file away.
 */
import { lstatSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileFault } from './file-fault.ts';

export const VERSION_1_FILE = 'head';

/** True where version 1 wrote here and the folder was not closed to it yet. */
export function hasMarkOfVersion1(folder: string): boolean {
  return lstatSync(join(folder, VERSION_1_FILE), { throwIfNoEntry: false })?.isDirectory() === false;
}

/** Version 1 writes nothing here from then on. */
export function fenceVersion1(folder: string): void {
  const mark = join(folder, VERSION_1_FILE);
  try {
    if (hasMarkOfVersion1(folder)) rmSync(mark);
    mkdirSync(mark, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw fileFault(`The file ${mark} could not be replaced by a folder`, thrown);
  }
}
