/**
 * Invariant: config.ini decides who needs a second factor, so it is read only where nobody but its owner and root can have
 * written it: a regular file, no symbolic link, not writable by group or others, in a folder that not everybody may write.
 * What is checked is the open descriptor. Anything but a whole, right configuration throws; there is no default to fall back on.
 */
import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { CONFIG_MAX_CHARACTERS, type ConfigSource, type Parsed, parseConfig } from '../config/parse.ts';
import { type Problem, problemText } from '../config/problem.ts';
import { Fault } from '../errors.ts';
import { inert } from '../visible-text.ts';
import { errnoOf, fileFault, shellWord } from './file-fault.ts';

export type ConfigFile = Parsed & { readonly kind: 'config' } & { readonly source: ConfigSource };

/** The configuration in force. Faults: `configuration` (missing, or with every problem and its line), `file-refused`, `unavailable`. */
export function readConfigFile(path: string): ConfigFile {
  const source = readConfigText(path);
  const parsed = parseConfig(source);
  if (parsed.kind === 'problems') throw problemsFault(source.file, parsed.problems);
  return { ...parsed, source };
}

/** The text, not parsed yet: for `config check`, which shows problems instead of throwing. Faults as `readConfigFile`. */
export function readConfigText(path: string): ConfigSource {
  const file = resolve(path);
  const fd = openConfig(file, constants.O_RDONLY);
  try {
    return readOpenConfig(file, fd);
  } finally {
    closeSync(fd);
  }
}

/** A descriptor of the checked file; the caller closes it. `path` is absolute. */
export function openConfig(path: string, flags: number): number {
  refuseOpenFolder(path);
  let fd: number;
  try {
    fd = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (thrown) {
    throw openFault(path, thrown);
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw refused(`${path} is not a regular file.`, 'Name a config.ini.');
    if ((stats.mode & 0o022) !== 0) {
      throw refused(`${path} can be written by accounts other than its owner.`, `chmod go-w ${shellWord(path)}`);
    }
    return fd;
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
}

export function readOpenConfig(path: string, fd: number): ConfigSource {
  // UTF-8 needs at most three bytes for what counts as one character here.
  if (fstatSync(fd).size > CONFIG_MAX_CHARACTERS * 3)
    throw configurationFault(`${path} is too long for a configuration.`);
  const bytes = readBytes(path, fd);
  if (!isUtf8(bytes)) {
    throw configurationFault(
      `${path}:${firstLineNotUtf8(bytes)}: this line is not UTF-8 text; save the file as UTF-8.`,
    );
  }
  return { text: bytes.toString('utf8'), file: path, folder: dirname(path) };
}

export function problemsFault(file: string, problems: readonly Problem[]): Fault {
  const [first] = problems;
  if (first !== undefined && problems.length === 1) return configurationFault(problemText(first));
  const list = problems.map((problem) => `\n  ${problemText(problem)}`).join('');
  return configurationFault(`${basename(file)} has ${problems.length} problems:${list}`);
}

function readBytes(path: string, fd: number): Buffer {
  try {
    return readFileSync(fd);
  } catch (thrown) {
    throw fileFault(`The configuration ${path} could not be read`, thrown);
  }
}

function firstLineNotUtf8(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; ; line += 1) {
    const newline = bytes.indexOf(0x0a, start);
    if (newline < 0 || !isUtf8(bytes.subarray(start, newline))) return line;
    start = newline + 1;
  }
}

/** Whoever may write the folder may put another config.ini there; a sticky folder (/tmp) lets only the owner replace it. */
function refuseOpenFolder(path: string): void {
  const folder = dirname(path);
  const mode = statSync(folder, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o002) === 0 || (mode & 0o1000) !== 0) return;
  throw refused(`${folder}, the folder of config.ini, can be written by everybody.`, `chmod o-w ${shellWord(folder)}`);
}

function openFault(path: string, thrown: unknown): Fault {
  const code = errnoOf(thrown);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new Fault('configuration', inert(`There is no ${path}.`), {
      hint: 'Make a facility with `gatehouse init`, or name its config.ini with --config.',
      cause: thrown,
    });
  }
  if (code === 'ELOOP' || code === 'EMLINK') {
    return refused(`${path} is a symbolic link, and Gatehouse follows none here.`, `readlink -f ${shellWord(path)}`);
  }
  if (code === 'ENXIO' || code === 'EISDIR') return refused(`${path} is not a regular file.`, 'Name a config.ini.');
  return fileFault(`The configuration ${path} could not be opened`, thrown);
}

function configurationFault(message: string): Fault {
  return new Fault('configuration', message, { hint: 'Mend it, then run `gatehouse config check`.' });
}

function refused(message: string, hint: string): Fault {
  return new Fault('file-refused', inert(message), { hint: inert(hint) });
}
