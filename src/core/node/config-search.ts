/**
 * Which config.ini is meant: --config, else $GATEHOUSE_CONFIG, else ./config.ini, else /etc/gatehouse/config.ini (SPEC §6).
 * Invariant: a config.ini that merely lies in the folder somebody stands in does not take the place of the host's own:
 * a user logged in by ForceCommand could put one with 2FA=Off into their home.
 */
import { lstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Fault } from '../errors.ts';
import { inert } from '../visible-text.ts';
import { accountText } from './file-fault.ts';

export const HOST_CONFIG = '/etc/gatehouse/config.ini';

export type ConfigSearch = {
  /** What stood behind --config. */
  readonly flag: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The current folder, absolute. */
  readonly folder: string;
  /** HOST_CONFIG, but in tests. */
  readonly hostConfig?: string;
};

/** An absolute path. Faults: `configuration` where there is none or it is not clear which, `file-refused`, `usage`. */
export function findConfigFile(search: ConfigSearch): string {
  const named = namedConfig(search);
  if (named !== undefined) return named;
  const here = join(search.folder, 'config.ini');
  const host = search.hostConfig ?? HOST_CONFIG;
  const hereOwner = ownerOf(here);
  const hostOwner = ownerOf(host);
  if (hereOwner === undefined && hostOwner === undefined) throw nowhere(here, host);
  if (hereOwner === undefined) return host;
  refuseForeign(here, hereOwner);
  if (hostOwner !== undefined && hostOwner !== hereOwner) throw unclear(here, host);
  return here;
}

/** Where a first start makes one: nothing is there that was named, or nothing in either place. Undefined: something is. */
export function firstConfigPath(search: ConfigSearch): string | undefined {
  const named = namedConfig(search);
  if (named !== undefined) return ownerOf(named) === undefined ? named : undefined;
  const here = join(search.folder, 'config.ini');
  const isThere = [here, search.hostConfig ?? HOST_CONFIG].some((path) => ownerOf(path) !== undefined);
  return isThere ? undefined : here;
}

/** Where `gatehouse init` puts a new one: what is named, else the current folder. */
export function newConfigPath(search: ConfigSearch): string {
  return namedConfig(search) ?? join(search.folder, 'config.ini');
}

function namedConfig({ flag, environment, folder }: ConfigSearch): string | undefined {
  if (flag === '') throw new Fault('usage', '--config needs the path of a config.ini.');
  const named = flag ?? environment.GATEHOUSE_CONFIG;
  return named === undefined || named === '' ? undefined : resolve(folder, named);
}

function ownerOf(path: string): number | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.uid;
  } catch {
    // A folder that may not be looked into is, for this account, one without a config.ini.
    return undefined;
  }
}

/** As git does with repositories (CVE-2022-24765): a file that another account left in this folder is not used. */
function refuseForeign(path: string, owner: number): void {
  const account = process.geteuid?.();
  if (account === undefined || owner === account || owner === 0) return;
  throw new Fault('file-refused', inert(`${path} belongs to ${accountText(owner)}.`), {
    hint: 'Name your own with --config.',
  });
}

function unclear(here: string, host: string): Fault {
  return new Fault('configuration', inert(`There is ${here}, and ${host} of another account.`), {
    hint: 'Say with --config which one is meant.',
  });
}

function nowhere(here: string, host: string): Fault {
  return new Fault('configuration', inert(`There is no configuration: neither ${here} nor ${host}.`), {
    hint: 'Make a facility with `gatehouse init`, or name its config.ini with --config.',
  });
}
