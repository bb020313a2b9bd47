/**
 * Invariant: config.ini decides who needs a second factor, so it is read only if it is a regular file, no symbolic
 * link, not writable by group or others, and if it and each folder on its way have an owner that may have written it
 * (config-owner.ts). The open descriptor is checked. Anything but a complete, valid configuration throws; there is no
 * default to fall back on.
 */
import { isUtf8 } from 'node:buffer';
import { closeSync, constants, existsSync, fstatSync, lstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CONFIG_MAX_CHARACTERS, type ConfigSource, type Parsed, parseConfig } from '../config/parse.ts';
import { type Problem, problemText } from '../config/problem.ts';
import { Fault } from '../errors.ts';
import { inert } from '../visible-text.ts';
import { attempt } from './attempt.ts';
import {
  type ConfigReader,
  type ConfigUse,
  type ConfigWay,
  checkedWay,
  refuseOwner,
  refuseWriters,
} from './config-owner.ts';
import { accountText, accountWord, errnoOf, fileFault, shellWord } from './file-fault.ts';

export type ConfigFile = Parsed & { readonly kind: 'config' } & {
  readonly source: ConfigSource;
  /** The accounts that can have written it: its owner and the owner of its folder. Empty on systems without owners. */
  readonly writers: readonly number[];
};

/** The configuration in force. Faults: `configuration` (missing, or with every problem and its line), `file-refused`, `unavailable`. */
export function readConfigFile(path: string): ConfigFile {
  return readFor('facility', path);
}

/** For a gate: if config.ini names a server, it may belong to that server's account. Faults as `readConfigFile`. */
export function readGateConfig(path: string): ConfigFile {
  return readFor('gate', path);
}

/** The text, not parsed yet: for `config check`, which shows problems instead of throwing. Faults as `readConfigFile`. */
export function readConfigText(path: string): ConfigSource {
  return readChecked('facility', resolve(path)).source;
}

/** A descriptor of the checked file, to open the facility with; the caller closes it. `path` is absolute. */
export function openConfig(path: string, flags: number): number {
  return openChecked(path, 'facility', flags).fd;
}

/** Checks the folders that exist on the way to a new config.ini, before anything is made there. Faults as above. */
export function refuseUnsafeWay(path: string): void {
  const file = resolve(path);
  let folder = dirname(file);
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  orOpenFault(file, () => checkedWay(join(folder, basename(file)), { use: 'facility', account: ACCOUNT }));
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

function readFor(use: ConfigUse, path: string): ConfigFile {
  const { source, writers } = readChecked(use, resolve(path));
  const parsed = parseConfig(source);
  if (parsed.kind === 'problems') throw problemsFault(source.file, parsed.problems);
  const { socket, hostSocket } = parsed.config.server;
  if (socket === '' && hostSocket === '') refuseWriters(source.file, writers, { use: 'facility', account: ACCOUNT });
  return { ...parsed, source, writers };
}

function readChecked(use: ConfigUse, file: string): Pick<ConfigFile, 'source' | 'writers'> {
  const { fd, writers } = openChecked(file, use, constants.O_RDONLY);
  try {
    return { source: readOpenConfig(file, fd), writers };
  } finally {
    closeSync(fd);
  }
}

type OpenedConfig = { readonly fd: number; readonly writers: readonly number[] };

function openChecked(file: string, use: ConfigUse, flags: number): OpenedConfig {
  const reader = { use, account: ACCOUNT };
  const { way, fd } = openOnItsWay(file, reader, flags);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw refused(`${file} is not a regular file.`, 'Name a config.ini.');
    refuseOwner(file, stats.uid, { ...reader, owners: way.owners });
    if ((stats.mode & 0o022) !== 0) {
      throw refused(`${file} can be written by accounts other than its owner.`, `chmod go-w ${shellWord(file)}`);
    }
    return { fd, writers: way.folderOwner === undefined ? [] : [stats.uid, way.folderOwner] };
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
}

/** Opens the path that was checked, which contains no link. */
function openOnItsWay(file: string, reader: ConfigReader, flags: number): { way: ConfigWay; fd: number } {
  return orOpenFault(file, () => {
    const way = checkedWay(file, reader);
    return { way, fd: openSync(way.real, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY) };
  });
}

function orOpenFault<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown : openFault(file, thrown);
  }
}

const ACCOUNT = process.geteuid?.();

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
  if (code === 'EACCES' && ACCOUNT !== undefined && isRootsFileHere(path, ACCOUNT)) {
    const hint = `sudo chown ${accountWord(ACCOUNT)} ${shellWord(path)}`;
    return refused(`${path} belongs to root, and ${accountText(ACCOUNT)} cannot open it.`, hint);
  }
  return fileFault(`The configuration ${path} could not be opened`, thrown);
}

/** An editor run by root has left a file of root in this account's folder, where no other account can be using it. */
function isRootsFileHere(path: string, account: number): boolean {
  return attempt(() => lstatSync(path).uid === 0 && statSync(dirname(path)).uid === account) ?? false;
}

function configurationFault(message: string): Fault {
  return new Fault('configuration', message, { hint: 'Mend it, then run `gatehouse config check`.' });
}

function refused(message: string, hint: string): Fault {
  return new Fault('file-refused', inert(message), { hint: inert(hint) });
}
