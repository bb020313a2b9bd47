/** What was changed in the Config form and not saved yet, beside what the file says. PURE. */
import { type Change, changeConfig } from '../core/config/edit-many.ts';
import type { Config } from '../core/config/model.ts';
import type { ConfigSource, Parsed } from '../core/config/parse.ts';
import { reasonText } from '../core/config/problem.ts';
import { ALL_SETTINGS, fullKeyOf } from '../core/config/settings.ts';
import { concealed, type ShownSetting, shownSettings } from '../core/config/shown-value.ts';

/** By `2FA` or `Section.Key`: the new value, or null for the default. */
export type Draft = ReadonlyMap<string, string | null>;

export type OrderlyConfig = { readonly source: ConfigSource; readonly parsed: Parsed & { readonly kind: 'config' } };

export type DraftRow = {
  readonly shown: ShownSetting;
  /** As it would be saved. */
  readonly value: string;
  /** No line of the file says it, or none would. */
  readonly from: 'file' | 'default';
  readonly changed: 'changed' | 'same';
};

export function draftRows({ parsed }: OrderlyConfig, draft: Draft): readonly DraftRow[] {
  return shownSettings(parsed.written).map((shown) => {
    const wish = draft.get(shown.key);
    if (wish === undefined)
      return { shown, value: shown.value, from: shown.line === null ? 'default' : 'file', changed: 'same' };
    const from = wish === null ? 'default' : 'file';
    return { shown, value: wish ?? shown.setting.fallbackText, from, changed: 'changed' };
  });
}

/** As a list, a log or somebody who may only read sees it: without the password of an address. */
export function drawnValue({ shown }: DraftRow, value: string): string {
  return concealed({ ...shown, value });
}

/** The draft with one more wish. One that says what the file says is none. */
export function withWish(draft: Draft, { parsed }: OrderlyConfig, { key, value }: Change): Draft {
  const next = new Map(draft);
  const written = parsed.written.get(key)?.text ?? null;
  if (value === written) next.delete(key);
  else next.set(key, value);
  return next;
}

export function withoutWish(draft: Draft, key: string): Draft {
  return new Map([...draft].filter(([other]) => other !== key));
}

export function changesOf(draft: Draft): readonly Change[] {
  return [...draft].map(([key, value]) => ({ key, value }));
}

/** The configuration that the draft makes of the file, or why it makes none. */
export type Drafted =
  | { readonly kind: 'config'; readonly config: Config }
  | { readonly kind: 'problems'; readonly texts: readonly string[] };

export function drafted({ source }: OrderlyConfig, draft: Draft): Drafted {
  const edited = changeConfig(source, changesOf(draft));
  if (edited.kind === 'edited') return { kind: 'config', config: edited.parsed.config };
  return { kind: 'problems', texts: edited.problems.map((problem) => `${problem.key}: ${reasonText(problem)}.`) };
}

/** What differs between two states of the file, a sentence each; not inert. */
export function fileDifferences(before: OrderlyConfig, now: OrderlyConfig): readonly string[] {
  const was = draftRows(before, new Map());
  const is = draftRows(now, new Map());
  return ALL_SETTINGS.flatMap((setting, index) => {
    const [old, fresh] = [was[index], is[index]];
    if (old === undefined || fresh === undefined || old.value === fresh.value) return [];
    return [`${fullKeyOf(setting)}: was ${said(old)}, is ${said(fresh)} now.`];
  });
}

function said(row: DraftRow): string {
  return row.value === '' ? 'empty' : `"${drawnValue(row, row.value)}"`;
}
