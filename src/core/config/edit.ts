/**
 * Changes one key of config.ini and leaves every other byte as it is: comments, order, spacing, line ends, byte order mark.
 * The outcome is parsed again as a whole, and refused where that has a problem: no edit makes a file that is not in order.
 */
import { BYTE_ORDER_MARK, type Line, linesOf } from './line.ts';
import { type ConfigSource, type Parsed, parseConfig } from './parse.ts';
import type { Problem } from './problem.ts';
import { readValueOf } from './read-value.ts';
import { findSetting, fullKeyOf } from './settings.ts';
import { type EditedLine, withKey } from './with-key.ts';

export type Edited =
  | { readonly kind: 'edited'; readonly text: string; readonly parsed: Parsed & { readonly kind: 'config' } }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/** Sets `2FA` or `Section.Key` to a value, as it would be typed into the form; adds key and section where they are missing. */
export function setInConfig(source: ConfigSource, change: { readonly key: string; readonly value: string }): Edited {
  const { key } = change;
  const setting = findSetting(key);
  const reading = readValueOf(key, change.value);
  if (setting === undefined || !reading.ok) return refused(source, key, reading);
  return checked(source, key, (lines) => withKey(lines, setting, change.value.trim()));
}

/** Takes the key's lines out, so that its default holds again. Nothing changes where there is none. */
export function removeFromConfig(source: ConfigSource, key: string): Edited {
  if (findSetting(key) === undefined) return refused(source, key, readValueOf(key, ''));
  return checked(source, key, (lines) => lines.filter((line) => fullKeyAt(line) !== key));
}

function refused(source: ConfigSource, key: string, reading: ReturnType<typeof readValueOf>): Edited {
  if (reading.ok) throw new Error('unreachable: a value that is right is not refused');
  const line = bodyOf(source.text).find((candidate) => fullKeyAt(candidate) === key)?.number ?? null;
  return { kind: 'problems', problems: [{ file: source.file, line, key, wrong: reading.wrong, right: reading.right }] };
}

function checked(source: ConfigSource, key: string, edit: (lines: readonly Line[]) => readonly EditedLine[]): Edited {
  const mark = source.text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  const lines = edit(bodyOf(source.text));
  const text = mark + lines.map((line) => line.text + line.end).join('');
  const parsed = parseConfig({ ...source, text });
  if (parsed.kind === 'config') return { kind: 'edited', text, parsed };
  const before = parseConfig(source);
  const others = before.kind === 'problems' ? before.problems.filter((problem) => problem.key !== key) : [];
  if (others.length > 0) return { kind: 'problems', problems: others };
  // Lines are counted as in the file, which has not changed.
  const problems = parsed.problems.map((problem) => ({
    ...problem,
    line: lines[(problem.line ?? 0) - 1]?.number ?? null,
  }));
  return { kind: 'problems', problems };
}

function bodyOf(text: string): readonly Line[] {
  return linesOf(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
}

function fullKeyAt({ content, section }: Line): string | undefined {
  return content.kind === 'key' ? fullKeyOf({ section, key: content.key }) : undefined;
}
