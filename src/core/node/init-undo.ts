/** Folders that setting up makes or closes, and how all it did is taken back. */
import { chmodSync, lstatSync, mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileFault } from './file-fault.ts';

export type Undo = {
  /** Files, and folders with all that is in them: only what is known to be ours. */
  readonly files: string[];
  /** Folders that were made, outermost first; removed where they are empty again. */
  readonly folders: string[];
  readonly modes: { readonly path: string; readonly mode: number }[];
  /** In a server's database, in the order in which they can be dropped. */
  readonly tables: string[];
};

/** Made with mode 0700; one of this account that is there already is closed to others. */
export function prepareFolder(folder: string, undo: Undo): void {
  try {
    const there = lstatSync(folder, { throwIfNoEntry: false });
    if (there === undefined) {
      const outermost = mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (outermost !== undefined) undo.folders.push(...foldersBetween(outermost, folder));
    } else if (there.isDirectory() && (there.mode & 0o077) !== 0 && there.uid === process.geteuid?.()) {
      undo.modes.push({ path: folder, mode: there.mode & 0o7777 });
      chmodSync(folder, 0o700);
    }
  } catch (thrown) {
    takeBack(undo);
    throw fileFault(`The folder ${folder} could not be made`, thrown);
  }
}

export function takeBack({ files, folders, modes }: Undo): void {
  for (const file of files) rmSync(file, { recursive: true, force: true });
  for (const folder of folders.toReversed()) removeEmpty(folder);
  for (const { path, mode } of modes) chmodSync(path, mode);
}

function foldersBetween(outermost: string, innermost: string): readonly string[] {
  return innermost === outermost ? [outermost] : [...foldersBetween(outermost, dirname(innermost)), innermost];
}

/** Somebody else may have put something there meanwhile. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Not empty: not ours alone.
  }
}
