/**
 * Saves what an administrator changed in a form, where config.ini still says what the form began with: a change that
 * somebody else made meanwhile is handed back and never overwritten. Faults: those of `changeConfigFile`.
 */
import { type Change, changeConfig } from '../config/edit-many.ts';
import { type ConfigSource, type Parsed, parseConfig } from '../config/parse.ts';
import type { Problem } from '../config/problem.ts';
import type { Actor } from '../roles.ts';
import { changeConfigFile } from './config-change.ts';

export type ConfigSaved =
  | { readonly kind: 'saved'; readonly source: ConfigSource; readonly parsed: Parsed & { readonly kind: 'config' } }
  /** The file as somebody else left it; nothing was written. */
  | { readonly kind: 'changed-meanwhile'; readonly source: ConfigSource }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

export type ConfigSave = {
  readonly actor: Actor;
  readonly seen: ConfigSource;
  readonly changes: readonly Change[];
};

export async function saveConfig(file: string, { actor, seen, changes }: ConfigSave): Promise<ConfigSaved> {
  let overtaken: ConfigSource | undefined;
  const { edited } = await changeConfigFile(file, {
    actor,
    settings: changes.map(({ key }) => key),
    edit(source) {
      if (source.text === seen.text) return changeConfig(source, changes);
      overtaken = source;
      return { kind: 'problems', problems: [] };
    },
  });
  if (overtaken !== undefined) return { kind: 'changed-meanwhile', source: overtaken };
  if (edited.kind === 'problems') return edited;
  const source = { ...seen, text: edited.text };
  const parsed = parseConfig(source);
  return parsed.kind === 'config' ? { kind: 'saved', source, parsed } : parsed;
}
