/**
 * One line of typing, pure: (line, key) → the line after it and what to echo. Of a secret nothing is echoed, not even its
 * length. Characters are code points: Backspace takes one, however many bytes it had.
 */

import type { Key } from './keys.ts';
import { columnsOf } from './line-editor-columns.ts';

export type Line = {
  readonly characters: readonly string[];
  /** A character as the screen shows it; undefined: secret. */
  readonly show: ((character: string) => string) | undefined;
};

export type LineStep =
  | { readonly kind: 'editing'; readonly line: Line; readonly echo: string }
  | { readonly kind: 'entered'; readonly line: Line; readonly echo: string }
  /** Esc, F3, F12, Ctrl-C, Ctrl-\. */
  | { readonly kind: 'cancelled' }
  /** Ctrl-D on an empty line. */
  | { readonly kind: 'ended' };

/** More than any password; a line that is longer is never cut, it is refused. */
export const LONGEST_LINE = 4096;

export function emptyLine(show: Line['show']): Line {
  return { characters: [], show };
}

export function lineText(line: Line): string {
  return line.characters.join('');
}

/** What the screen shows of the line. */
export function lineEcho(line: Line): string {
  return shown(line, line.characters);
}

export function tooLong(line: Line): boolean {
  return line.characters.length > LONGEST_LINE;
}

export function editLine(line: Line, key: Key): LineStep {
  switch (key.kind) {
    case 'text':
      return add(line, key.text);
    case 'paste':
      return paste(line, key.text);
    case 'named':
      if (key.name === 'enter') return { kind: 'entered', line, echo: '' };
      if (key.name === 'backspace' || key.name === 'delete') return erase(line, 1);
      if (key.name === 'escape' || key.name === 'f3' || key.name === 'f12') return { kind: 'cancelled' };
      return { kind: 'editing', line, echo: '' };
    case 'control':
      return control(line, key.letter);
    case 'unknown':
      return { kind: 'editing', line, echo: '' };
  }
}

function control(line: Line, letter: string): LineStep {
  switch (letter) {
    case 'c':
    case '\\':
      return { kind: 'cancelled' };
    case 'd':
      return line.characters.length === 0 ? { kind: 'ended' } : { kind: 'editing', line, echo: '' };
    case 'u':
      return erase(line, line.characters.length);
    case 'w':
      return erase(line, lastWordLength(line.characters));
    default:
      return { kind: 'editing', line, echo: '' };
  }
}

/** Of a line too long already, no more is kept than it takes to know it. */
function add(line: Line, text: string): LineStep & { readonly line: Line; readonly echo: string } {
  const added = [...text].slice(0, Math.max(0, LONGEST_LINE + 1 - line.characters.length));
  const after = { ...line, characters: [...line.characters, ...added] };
  return { kind: 'editing', line: after, echo: shown(line, added) };
}

/** The first line of what was pasted; its line end is Enter, and what stands behind it is dropped. */
function paste(line: Line, text: string): LineStep {
  const [first = '', ...others] = text.split(/\r\n|\r|\n/);
  const added = add(line, first.replaceAll('\t', ''));
  return others.length === 0 ? added : { ...added, kind: 'entered' };
}

function erase(line: Line, count: number): LineStep {
  const left = line.characters.slice(0, Math.max(0, line.characters.length - count));
  const gone = shown(line, line.characters.slice(left.length));
  return { kind: 'editing', line: { ...line, characters: left }, echo: '\b \b'.repeat(columnsOf(gone)) };
}

function shown(line: Line, characters: readonly string[]): string {
  const { show } = line;
  return show === undefined ? '' : characters.map(show).join('');
}

function lastWordLength(characters: readonly string[]): number {
  let at = characters.length;
  while (at > 0 && characters[at - 1] === ' ') at -= 1;
  while (at > 0 && characters[at - 1] !== ' ') at -= 1;
  return characters.length - at;
}
