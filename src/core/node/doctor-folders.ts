/**
 * Warnings about config.ini and the folders on its way that are no reason to refuse it: a group can replace it, or users'
 * gates cannot read it. `doctor` reports both as checks; every command except `login` writes the first to stderr, where
 * it is not part of a result.
 */
import { lstatSync } from 'node:fs';
import type { Config } from '../config/model.ts';
import { inert } from '../visible-text.ts';
import { attempt } from './attempt.ts';
import { checkedWay, writableByGroup } from './config-owner.ts';
import type { Check } from './doctor-check.ts';
import { accountText, shellWord } from './file-fault.ts';

/** Empty if config.ini is refused: reading it reports that. `configFile` is absolute. */
export function groupWarnings(configFile: string): readonly string[] {
  return writableByGroup(placesOf(configFile)).map(
    ({ path }) => `The group of ${inert(path)} can replace config.ini. Run: chmod g-w ${inert(shellWord(path))}`,
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

/** A gate that asks the server reads config.ini as the account of the user. */
function unreadableWarnings(configFile: string): readonly string[] {
  const folders = placesOf(configFile).filter(({ isFolder, mode }) => isFolder && (mode & ENTERED_BY_OTHERS) === 0);
  const isReadable = (lstatSync(configFile).mode & READ_BY_OTHERS) !== 0;
  const commands = [
    ...folders.map(({ path }) => `chmod go+x ${shellWord(path)}`),
    ...(isReadable ? [] : [`chmod go+r ${shellWord(configFile)}`]),
  ];
  return commands.map(
    (command) =>
      `No other account can read config.ini, so users cannot log in through the server. Run: ${inert(command)}`,
  );
}

/** Group or others: a facility may serve one group only. */
const READ_BY_OTHERS = 0o044;
const ENTERED_BY_OTHERS = 0o011;

function placesOf(configFile: string) {
  const reader = { use: 'facility', account: process.geteuid?.() } as const;
  return attempt(() => checkedWay(configFile, reader).places) ?? [];
}
