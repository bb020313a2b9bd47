/** A setting's value as `config get` and `config list` print it and the form begins with it. */
import type { WrittenValue } from './parse.ts';
import type { Setting } from './setting.ts';
import { ALL_SETTINGS, fullKeyOf } from './settings.ts';

export type ShownSetting = {
  readonly key: string;
  readonly setting: Setting<unknown>;
  /** As written in the file, or the default. */
  readonly value: string;
  /** Line of the file it stands on; null: the file leaves the default. */
  readonly line: number | null;
};

/** Every setting in the order of the file. `written` is what `parseConfig` found. */
export function shownSettings(written: ReadonlyMap<string, WrittenValue>): readonly ShownSetting[] {
  return ALL_SETTINGS.map((setting) => shownSetting(setting, written));
}

export function shownSetting(setting: Setting<unknown>, written: ReadonlyMap<string, WrittenValue>): ShownSetting {
  const key = fullKeyOf(setting);
  const found = written.get(key);
  return { key, setting, value: found?.text ?? setting.fallbackText, line: found?.line ?? null };
}

/** The same without a password that is part of an address: for lists, screens and logs. */
export function concealed(shown: ShownSetting): string {
  if (shown.setting.kind !== 'url') return shown.value;
  return shown.value.replace(/^([a-z]+:\/\/[^/?#]*:)[^/?#]*@/, '$1***@').replace(/([?&]password=)[^&]*/gi, '$1***');
}
