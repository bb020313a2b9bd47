/**
 * Finds the google-authenticator files below a folder: `DIR/<user>/.google_authenticator` (homes) or `DIR/<user>`. Invariant: the folder is one that
 * only this account or root may write into, so that nobody can put a file there in somebody's name, or swap a home while it is read.
 */
import { type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs';
import { join, resolve } from 'node:path';
import { Fault } from '../errors.ts';
import type { PlacedProblem } from '../import/foreign-secrets.ts';
import type { GoogleAuthenticatorFile } from '../import/google-authenticator-file.ts';
import { inert } from '../visible-text.ts';
import { errnoOf, fileFault, shellWord } from './file-fault.ts';
import { IS_LINK, isOurs, othersMayWrite, readUsersFile } from './users-file.ts';

export type GoogleAuthenticatorFolder = {
  readonly files: readonly GoogleAuthenticatorFile[];
  /** Files that were not read. */
  readonly problems: readonly PlacedProblem[];
  /** Files that others on that machine could read too. */
  readonly warnings: readonly PlacedProblem[];
};

/** Faults: `not-found`, `file-refused`; `bad-data` where there is no such file at all. */
export function readGoogleAuthenticatorFolder(folder: string): GoogleAuthenticatorFolder {
  const path = resolve(folder);
  refuseUnsafeFolder(path);
  const entries = entriesOf(path);
  if (entries.some(({ name }) => name === FILE_NAME)) {
    throw new Fault('bad-data', inert(`${path} is a home itself.`), { hint: 'Name the folder that the homes lie in.' });
  }
  const homes = entries.flatMap((entry) => fileOfHome(path, entry));
  const found = homes.length > 0 ? homes : entries.flatMap((entry) => fileOfName(path, entry));
  const links = entries.filter((entry) => entry.isSymbolicLink());
  if (found.length + links.length === 0) {
    throw new Fault('bad-data', inert(`There is no google-authenticator file in ${path}.`), {
      hint: `They are looked for as ${FILE_NAME} in the folders there, or as files that have the names of users.`,
    });
  }
  const read: Sorted = {
    files: [],
    problems: links.map(({ name }) => said({ path: join(path, name), userName: name }, IS_LINK)),
    warnings: [],
  };
  for (const one of found) readInto(read, one);
  return read;
}

const FILE_NAME = '.google_authenticator';

function refuseUnsafeFolder(path: string): void {
  const stats = statsOf(path);
  if (stats === undefined || !(stats.isDirectory() || stats.isSymbolicLink())) {
    throw new Fault('not-found', inert(`There is no folder ${path}.`));
  }
  const word = shellWord(path);
  if (stats.isSymbolicLink())
    throw refused(`The folder ${path} is a symbolic link.`, `Name the real one: readlink -f ${word}`);
  if (!isOurs(stats)) {
    throw refused(
      `The folder ${path} belongs neither to this account nor to root.`,
      'Copy what is right into one of your own.',
    );
  }
  if (othersMayWrite(stats)) {
    throw refused(`Others may put files into the folder ${path}.`, `Look what is in it, then: chmod go-w ${word}`);
  }
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (thrown) {
    throw fileFault(`The folder ${path} could not be opened`, thrown);
  }
}

/** In the order of their names. */
function entriesOf(path: string): readonly Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true }).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  } catch (thrown) {
    throw fileFault(`The folder ${path} could not be read`, thrown);
  }
}

type Found = { readonly path: string; readonly userName: string; readonly home?: Stats };

/** None where that is no home, or a home without the file; a home that cannot be looked into counts. */
function fileOfHome(folder: string, entry: Dirent): readonly Found[] {
  if (!entry.isDirectory()) return [];
  const found = { path: join(folder, entry.name, FILE_NAME), userName: entry.name };
  try {
    const home = lstatSync(join(folder, entry.name));
    return lstatSync(found.path, { throwIfNoEntry: false }) === undefined ? [] : [{ ...found, home }];
  } catch (thrown) {
    return errnoOf(thrown) === 'ENOENT' ? [] : [found];
  }
}

/** Hidden files are nobody's. */
function fileOfName(folder: string, entry: Dirent): readonly Found[] {
  if (entry.isDirectory() || entry.isSymbolicLink() || entry.name.startsWith('.')) return [];
  return [{ path: join(folder, entry.name), userName: entry.name }];
}

type Sorted = {
  readonly files: GoogleAuthenticatorFile[];
  readonly problems: PlacedProblem[];
  readonly warnings: PlacedProblem[];
};

function readInto(sorted: Sorted, { path, userName, home }: Found): void {
  const outcome = readUsersFile(path, home);
  if (outcome.kind === 'refused') {
    sorted.problems.push(said({ path, userName }, outcome.text));
    return;
  }
  sorted.files.push({ path, userName, text: outcome.text });
  if (outcome.seenBy === 'others') sorted.warnings.push(said({ path, userName }, SEEN));
}

const SEEN =
  'others on that machine could read this secret; if that matters, leave it out and let the user pair a new one';

function said({ path, userName }: Found, text: string): PlacedProblem {
  return { place: { file: path, line: null }, userName, text };
}

function refused(message: string, hint: string): Fault {
  return new Fault('file-refused', inert(message), { hint: inert(hint) });
}
