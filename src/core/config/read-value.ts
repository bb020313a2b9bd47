/**
 * One value, read by its setting. What holds for every value is looked at first: nothing in it is invisible or ends a
 * line, so that what stands in the file is what an administrator sees there, and what is written there reads back the same.
 */
import { visibleProblem } from '../visible-text.ts';
import { clipped, type Reading } from './problem.ts';
import type { Setting } from './setting.ts';
import { findSetting } from './settings.ts';
import { fullKeyAdvice } from './suggestion.ts';

export function readValue<T>(setting: Setting<T>, text: string): Reading<T> {
  const value = text.trim();
  if (value.length > VALUE_MAX_CHARACTERS) {
    return { ok: false, wrong: `${value.length} characters are too many`, right: `write ${setting.allowed}` };
  }
  // The mode says where in it the label is wrong.
  if (setting.kind !== 'mode' && visibleProblem(value)) {
    return { ok: false, wrong: 'a control, direction or zero-width character is in it', right: 'take it out' };
  }
  if (value.startsWith('"') || value.startsWith("'")) {
    return { ok: false, wrong: 'it begins with a quotation mark', right: 'write it without quotation marks' };
  }
  return setting.read(value);
}

/** The same by name, for `config set` and the form. */
export function readValueOf(fullKey: string, text: string): Reading<unknown> {
  const setting = findSetting(fullKey);
  if (setting === undefined) {
    return { ok: false, wrong: `there is no setting ${clipped(fullKey)}`, right: fullKeyAdvice(fullKey) };
  }
  return readValue(setting, text);
}

const VALUE_MAX_CHARACTERS = 2000;
