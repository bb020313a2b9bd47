/** Where a key goes in the lines of a config.ini, and how its value is put there. */
import { encodedValue, type Line } from './line.ts';
import type { Setting } from './setting.ts';

export type EditedLine = {
  /** Null: a line that was put in. */
  readonly number: number | null;
  readonly text: string;
  readonly end: string;
};

/** The lines with the setting's key at `value`, which has been read and found right. */
export function withKey(lines: readonly Line[], setting: Setting<unknown>, value: string): readonly EditedLine[] {
  const { section, key } = setting;
  const stands = lines.findIndex((line) => line.section === section && keyOf(line) === key);
  const line = lines[stands];
  if (line !== undefined) return lines.with(stands, { ...line, text: withValue(line, value) });
  const added = `${key}=${encodedValue(value)}`;
  const after = placeAfter(lines, setting);
  if (after !== undefined) return inserted(lines, after + 1, [added]);
  if (section === null) return onTop(lines, added);
  return inserted(lines, lines.length, [...(lines.length > 0 ? [''] : []), `[${section}]`, added]);
}

function withValue(line: Line, value: string): string {
  if (line.content.kind !== 'key') return line.text;
  const { valueStart, valueEnd } = line.content;
  const rest = line.text.slice(valueEnd);
  // A comment right behind an empty value would cut off what is put before it.
  const gap = rest.startsWith(';') || rest.startsWith('#') ? ' ' : '';
  return line.text.slice(0, valueStart) + encodedValue(value) + gap + rest;
}

/** Below its commented-out default, else below the last key of its section, else below the heading. */
function placeAfter(lines: readonly Line[], { section, key }: Setting<unknown>): number | undefined {
  const commentedOut = new RegExp(`^\\s*[;#]\\s*${key}\\s*=`);
  let lastKey: number | undefined;
  let heading: number | undefined;
  for (const [index, line] of lines.entries()) {
    if (line.section !== section) continue;
    if (line.content.kind === 'comment' && commentedOut.test(line.text)) return index;
    if (line.content.kind === 'key') lastKey = index;
    if (line.content.kind === 'section') heading = index;
  }
  return lastKey ?? heading;
}

/** Above the first heading and the comments that belong to it, with an empty line between. */
function onTop(lines: readonly Line[], added: string): readonly EditedLine[] {
  let place = lines.findIndex((line) => line.content.kind === 'section');
  if (place < 0) return inserted(lines, lines.length, [added]);
  while (place > 0 && lines[place - 1]?.content.kind === 'comment') place -= 1;
  return inserted(lines, place, [added, '']);
}

function inserted(lines: readonly Line[], place: number, texts: readonly string[]): readonly EditedLine[] {
  const end = lines.find((line) => line.end !== '')?.end ?? '\n';
  const before = lines.slice(0, place).map((line) => ({ ...line, end: line.end === '' ? end : line.end }));
  return [...before, ...texts.map((text) => ({ number: null, text, end })), ...lines.slice(place)];
}

function keyOf({ content }: Line): string | undefined {
  return content.kind === 'key' ? content.key : undefined;
}
