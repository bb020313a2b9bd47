/**
 * What is said of config.ini and the folders on its way where they are safe enough to be used, but not as they should be: a
 * group that could put another file there, and gates of users that cannot read it. `doctor` has it as checks; every command
 * but `login` says it on stderr, where it is no part of a result.
 */
import { lstatSync } from 'node:fs';
import type { Config } from '../config/model.ts';
import { inert } from '../visible-text.ts';
import { attempt } from './attempt.ts';
import { checkedWay, writableByGroup } from './config-owner.ts';
import type { Check } from './doctor.ts';
import { accountText, shellWord } from './file-fault.ts';

/** None for a config.ini that is refused: that is said by whoever reads it. `configFile` is absolute. */
export function groupWarnings(configFile: string): readonly string[] {
  return writableByGroup(placesOf(configFile)).map(
    ({ path }) =>
      `The group of ${inert(path)} can put another config.ini into its place. Run: chmod g-w ${inert(shellWord(path))}`,
  );
}

export async function folderChecks({ configFile, config }: Examined): Promise<readonly Check[]> {
  const warnings = [...groupWarnings(configFile)];
  if (config.server.socket !== '') warnings.push(...unreadableWarnings(configFile));
  if (warnings.length > 0) return warnings.map((text) => ({ name: 'folders', level: 'warn', text }));
  const account = process.geteuid?.();
  const owners = account === undefined || account === 0 ? 'root' : `root or ${accountText(account)}`;
  return [{ name: 'folders', level: 'ok', text: `config.ini and each folder on its way belong to ${owners}.` }];
}

type Examined = { readonly configFile: string; readonly config: Config };

/** A gate that asks the server reads config.ini as the account of whoever logs in. */
function unreadableWarnings(configFile: string): readonly string[] {
  const folders = placesOf(configFile).filter(({ isFolder, mode }) => isFolder && (mode & ENTERED_BY_OTHERS) === 0);
  const isReadable = (lstatSync(configFile).mode & READ_BY_OTHERS) !== 0;
  const commands = [
    ...folders.map(({ path }) => `chmod go+x ${shellWord(path)}`),
    ...(isReadable ? [] : [`chmod go+r ${shellWord(configFile)}`]),
  ];
  return commands.map(
    (command) =>
      `No other account can read config.ini, so that nobody can log in by the server. Run: ${inert(command)}`,
  );
}

/** Group or others: a facility may let in one group only. */
const READ_BY_OTHERS = 0o044;
const ENTERED_BY_OTHERS = 0o011;

function placesOf(configFile: string) {
  const reader = { use: 'facility', account: process.geteuid?.() } as const;
  return attempt(() => checkedWay(configFile, reader).places) ?? [];
}
