import { describe, expect, test } from 'vitest';
import { decodeKeys, NO_KEYS_YET } from '../../src/terminal/keys.ts';
import { editLine, emptyLine, type Line, LONGEST_LINE, lineText, tooLong } from '../../src/terminal/line-editor.ts';
import { columnsOf } from '../../src/terminal/line-editor-columns.ts';
import fc from '../support/properties.ts';

/** Types into a line; stops where it is entered or left. */
const PLAIN = (character: string) => character;

function typed(text: string, ...[show]: [Line['show']?]) {
  let line = emptyLine(show);
  let echo = '';
  for (const key of decodeKeys(NO_KEYS_YET, new TextEncoder().encode(text)).keys) {
    const step = editLine(line, key);
    if (step.kind === 'cancelled' || step.kind === 'ended') return { outcome: step.kind, text: lineText(line), echo };
    line = step.line;
    echo += step.echo;
    if (step.kind === 'entered') return { outcome: step.kind, text: lineText(line), echo };
  }
  return { outcome: 'editing', text: lineText(line), echo };
}

describe('a line', () => {
  test.each([
    ['plain typing', 'alice\r', 'alice'],
    ['Backspace by character, however many bytes it has', 'a🔑é\x7f\x7fb\r', 'ab'],
    ['Backspace on nothing', '\x7f\x7fa\r', 'a'],
    ['Ctrl-U', 'wrong\x15right\r', 'right'],
    ['Ctrl-W with blanks behind the word', 'one two  \x17three\r', 'one three'],
    ['keys that mean nothing here', 'a\x1b[A\x1b[H\x1bOPb\t\x01\r', 'ab'],
    ['the first line of a paste', '\x1b[200~first\nsecond\n\x1b[201~', 'first'],
    ['a paste in the middle', 'a\x1b[200~b\x1b[201~c\r', 'abc'],
  ])('%s', (_, keys, text) => {
    expect(typed(keys, PLAIN)).toMatchObject({ outcome: 'entered', text });
  });

  test.each([
    ['Ctrl-C', 'ab\x03', 'cancelled'],
    ['Ctrl-\\', '\x1c', 'cancelled'],
    ['F3', '\x1bOR', 'cancelled'],
    ['F12', '\x1b[24~', 'cancelled'],
    ['Ctrl-D on an empty line', '\x04', 'ended'],
    ['Ctrl-D behind a character', 'a\x04', 'editing'],
    ['Ctrl-Z', '\x1a', 'editing'],
  ])('%s', (_, keys, outcome) => {
    expect(typed(keys, PLAIN).outcome).toBe(outcome);
  });

  test('of a secret nothing is echoed, not even its length or an erasure', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
        expect(typed(text).echo).toBe('');
      }),
    );
  });

  test('what is echoed is what the caller makes of a character, and erasing takes as many cells', () => {
    expect(typed('é\x7f', () => '<U+00E9>').echo).toBe(`<U+00E9>${'\b \b'.repeat(8)}`);
    expect(typed('中\x7f', PLAIN).echo).toBe('中\b \b\b \b');
  });

  test('longer than any answer is known to be too long, and no more of it is kept', () => {
    let line = emptyLine(undefined);
    for (let times = 0; times < 3; times += 1) {
      const step = editLine(line, { kind: 'text', text: 'x'.repeat(LONGEST_LINE) });
      if (step.kind !== 'editing') throw new Error(step.kind);
      line = step.line;
    }
    expect(tooLong(line)).toBe(true);
    expect(line.characters.length).toBe(LONGEST_LINE + 1);
  });
});

test.each([
  ['abc', 3],
  ['é', 1],
  ['e\u0301', 1],
  ['中文', 4],
  ['한국', 4],
  ['🔑', 2],
  ['', 0],
])('%s takes %i columns', (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});
