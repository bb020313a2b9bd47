/** Facilities that a suite prepares once with real commands, and copies for each test: all their paths are relative. */
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setInConfig } from '../../src/core/config/edit.ts';
import type { StoreEngine } from '../../src/core/config/model.ts';
import { emptyShell, type FacilityMode, facilityShell, type Shell } from './gatehouse-process.ts';

export type Preparation = {
  readonly mode: FacilityMode;
  /** By hand, before anything is done. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly prepare: (shell: Shell) => Promise<void>;
};

/** Called in each test: a copy of what the first call prepared, in a folder of its own. */
export function preparedFacility({
  mode,
  settings = {},
  prepare,
}: Preparation): (engine: StoreEngine) => Promise<Shell> {
  let made: Promise<string> | undefined;

  async function make(): Promise<string> {
    const shell = await facilityShell(mode);
    for (const [key, value] of Object.entries({ ...LIGHT, ...settings })) setByHand(shell, key, value);
    await prepare(shell);
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-prepared-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    copyFolder(shell.folder, folder);
    return folder;
  }

  return async (engine) => {
    made ??= make();
    const shell = emptyShell();
    copyFolder(await made, shell.folder);
    setByHand(shell, 'Store.Engine', engine);
    return shell;
  };
}

/** As somebody with an editor does. */
export function setByHand({ folder }: Shell, key: string, value: string): void {
  const file = join(folder, 'config.ini');
  const edited = setInConfig({ text: readFileSync(file, 'utf8'), file, folder }, { key, value });
  if (edited.kind === 'problems') throw new Error(JSON.stringify(edited.problems));
  writeFileSync(file, edited.text);
}

/** Contents and modes of all files. */
export function copyFolder(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  // Folders are copied without their modes.
  chmodSync(to, statSync(from).mode & 0o777);
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    chmodSync(join(to, relative(from, path)), statSync(path).mode & 0o777);
  }
}

/** Cheap argon2id: what is tested is not its cost. */
const LIGHT = { 'Password.Argon2MemoryMiB': '19', 'Password.Argon2Passes': '2' };
