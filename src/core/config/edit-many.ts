/**
 * Several settings changed at once, as a form does: what goes together only as a whole (a longest delay and a first one) is looked at as
 * a whole. Every other byte of the file stays; a change that has a problem leaves all of it as it was.
 */
import type { Edited } from './edit.ts';
import { BYTE_ORDER_MARK, linesOf } from './line.ts';
import { type ConfigSource, parseConfig } from './parse.ts';
import type { Problem } from './problem.ts';
import { readValueOf } from './read-value.ts';
import { findSetting, fullKeyOf } from './settings.ts';
import { withKey } from './with-key.ts';

/** `value` as it would be typed; null takes the key out, so that its default holds again. */
export type Change = { readonly key: string; readonly value: string | null };

export function changeConfig(source: ConfigSource, changes: readonly Change[]): Edited {
  const mark = source.text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  const wrong = changes.flatMap((change) => valueProblem(source, change) ?? []);
  if (wrong.length > 0) return { kind: 'problems', problems: wrong };
  const text = mark + changes.reduce(changed, source.text.slice(mark.length));
  const parsed = parseConfig({ ...source, text });
  if (parsed.kind === 'config') return { kind: 'edited', text, parsed };
  const before = parseConfig(source);
  // A file that was not in order before is said to be so, by its own lines; what comes of the change has no line yet.
  const problems =
    before.kind === 'problems' ? before.problems : parsed.problems.map((one) => ({ ...one, line: null }));
  return { kind: 'problems', problems };
}

function valueProblem({ file }: ConfigSource, { key, value }: Change): Problem | undefined {
  const reading = value === null && findSetting(key) !== undefined ? undefined : readValueOf(key, value ?? '');
  if (reading === undefined || reading.ok) return undefined;
  return { file, line: null, key, wrong: reading.wrong, right: reading.right };
}

function changed(text: string, { key, value }: Change): string {
  const setting = findSetting(key);
  if (setting === undefined) return text;
  const lines = linesOf(text);
  const left =
    value === null
      ? lines.filter(
          ({ section, content }) => content.kind !== 'key' || fullKeyOf({ section, key: content.key }) !== key,
        )
      : withKey(lines, setting, value.trim());
  return left.map((line) => line.text + line.end).join('');
}
