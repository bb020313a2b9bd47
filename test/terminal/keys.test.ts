import { describe, expect, test } from 'vitest';
import { decodeKeys, type Key, LONGEST_PASTE_BYTES, NO_KEYS_YET, settleKeys } from '../../src/terminal/keys.ts';
import fc from '../support/properties.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const named = (name: string) => ({ kind: 'named', name });
const text = (typed: string) => ({ kind: 'text', text: typed });

/** All keys of the chunks, with the pause behind them that settles a lone Esc. */
function keysOf(...chunks: readonly (string | readonly number[])[]): readonly Key[] {
  const keys: Key[] = [];
  let state = NO_KEYS_YET;
  for (const chunk of chunks) {
    const decoded = decodeKeys(state, typeof chunk === 'string' ? bytesOf(chunk) : Uint8Array.from(chunk));
    state = decoded.state;
    keys.push(...decoded.keys);
  }
  return [...keys, ...settleKeys(state).keys];
}

/** Runs of text joined: where chunks are cut decides only how text is handed out. */
function joined(keys: readonly Key[]): readonly Key[] {
  const all: Key[] = [];
  for (const key of keys) {
    const last = all.at(-1);
    if (key.kind === 'text' && last?.kind === 'text')
      all[all.length - 1] = { kind: 'text', text: last.text + key.text };
    else all.push(key);
  }
  return all;
}

describe('a key is known by what any terminal sends for it', () => {
  test.each([
    ['Enter', '\r', 'enter'],
    ['Enter of a paste', '\n', 'enter'],
    ['Enter of a keypad', '\x1bOM', 'enter'],
    ['Tab', '\t', 'tab'],
    ['Shift-Tab', '\x1b[Z', 'backtab'],
    ['Backspace as DEL', '\x7f', 'backspace'],
    ['Backspace as ^H', '\b', 'backspace'],
    ['Delete', '\x1b[3~', 'delete'],
    ['Insert', '\x1b[2~', 'insert'],
    ['Up', '\x1b[A', 'up'],
    ['Up in application mode', '\x1bOA', 'up'],
    ['Down', '\x1b[B', 'down'],
    ['Right', '\x1b[C', 'right'],
    ['Left with Ctrl', '\x1b[1;5D', 'left'],
    ['Up of rxvt with Shift', '\x1b[a', 'up'],
    ['Home', '\x1b[H', 'home'],
    ['Home in application mode', '\x1bOH', 'home'],
    ['Home of vt220', '\x1b[1~', 'home'],
    ['Home of rxvt', '\x1b[7~', 'home'],
    ['End', '\x1b[F', 'end'],
    ['End of vt220', '\x1b[4~', 'end'],
    ['End of rxvt', '\x1b[8~', 'end'],
    ['PgUp', '\x1b[5~', 'page-up'],
    ['PgUp of rxvt with Shift', '\x1b[5$', 'page-up'],
    ['PgDn', '\x1b[6~', 'page-down'],
    ['F1 of xterm', '\x1bOP', 'f1'],
    ['F1 of the Linux console', '\x1b[[A', 'f1'],
    ['F1 of rxvt', '\x1b[11~', 'f1'],
    ['F3 of xterm', '\x1bOR', 'f3'],
    ['F3 of the Linux console', '\x1b[[C', 'f3'],
    ['F3 of rxvt', '\x1b[13~', 'f3'],
    ['PF3 of vt100', '\x1bOR', 'f3'],
    ['F5 of the Linux console', '\x1b[[E', 'f5'],
    ['F5', '\x1b[15~', 'f5'],
    ['F6', '\x1b[17~', 'f6'],
    ['F10', '\x1b[21~', 'f10'],
    ['F11', '\x1b[23~', 'f11'],
    ['F12', '\x1b[24~', 'f12'],
    ['Esc alone', '\x1b', 'escape'],
  ])('%s', (_, sent, name) => {
    expect(keysOf(sent)).toEqual([named(name)]);
  });

  test('of a vt220 in 8-bit mode, where CSI and SS3 are one byte', () => {
    expect(keysOf([0x9b, 0x41], [0x8f, 0x52], [0x9b, 0x32, 0x34, 0x7e])).toEqual([
      named('up'),
      named('f3'),
      named('f12'),
    ]);
  });

  test.each([
    ['Ctrl-C', '\x03', 'c'],
    ['Ctrl-D', '\x04', 'd'],
    ['Ctrl-U', '\x15', 'u'],
    ['Ctrl-Z', '\x1a', 'z'],
    ['Ctrl-\\', '\x1c', '\\'],
    ['Ctrl-@', '\0', '@'],
  ])('%s', (_, sent, letter) => {
    expect(keysOf(sent)).toEqual([{ kind: 'control', letter }]);
  });

  test.each([
    ['Shift-F3, which is another key', '\x1b[1;2R'],
    ['F13', '\x1b[25~'],
    ['Alt-a', '\x1ba'],
    ['a sequence that breaks off', '\x1b[200'],
    ['a mouse report', '\x1b[<0;10;5M'],
    ["a terminal's answer to what it is", '\x1b[?64;1;2c'],
    ['a colour report', '\x1b]11;rgb:0000/0000/0000\x1b\\'],
    ['a DCS answer', '\x1bP1+r\x1b\\'],
  ])('%s is no key of ours and is swallowed whole', (_, sent) => {
    expect(keysOf(sent)).toEqual([{ kind: 'unknown' }]);
  });
});

describe('text', () => {
  test('digits of a keypad in application mode are digits', () => {
    expect(keysOf('\x1bOq\x1bOr\x1bOs')).toEqual([text('123')]);
  });

  test('a character may be split over chunks at any byte', () => {
    const password = 'pä€𝄞🔑क्षि';
    const bytes = [...bytesOf(password)];
    expect(joined(keysOf(...bytes.map((byte) => [byte])))).toEqual([text(password)]);
  });

  test('bytes that are no UTF-8 stay apart from each other', () => {
    expect(keysOf([0x63, 0x61, 0x66, 0xe9])).toEqual([text('caf'), text('é')]);
    expect(joined(keysOf([0xe9, 0x0d]))).toEqual([text('é'), named('enter')]);
    expect(joined(keysOf([0xe8, 0x0d]))).toEqual([text('è'), named('enter')]);
  });

  test('CR with LF or NUL behind it is one Enter, also over two chunks', () => {
    expect(keysOf('a\r\nb')).toEqual([text('a'), named('enter'), text('b')]);
    expect(keysOf('a\r', '\nb')).toEqual([text('a'), named('enter'), text('b')]);
    expect(keysOf('a\r', '\0b')).toEqual([text('a'), named('enter'), text('b')]);
    expect(keysOf('\n\n')).toEqual([named('enter'), named('enter')]);
  });

  test('Esc and Enter at once are two keys', () => {
    expect(keysOf('\x1b\r')).toEqual([named('escape'), named('enter')]);
  });

  test('Alt with a bracket does not swallow the password behind it', () => {
    expect(keysOf('\x1b]hunter2\r')).toEqual([{ kind: 'unknown' }, text('hunter2'), named('enter')]);
  });
});

describe('a bracketed paste', () => {
  test('is one key with its line ends, over any number of chunks', () => {
    const sent = [...bytesOf('\x1b[200~päss\r\nword\tx\x1b[201~!')];
    expect(joined(keysOf(...sent.map((byte) => [byte])))).toEqual([
      { kind: 'paste', text: 'päss\r\nword\tx' },
      text('!'),
    ]);
  });

  test('loses control characters, and sequences in it are no keys', () => {
    expect(keysOf('\x1b[200~a\x03b\x1b[A\x1b[201~')).toEqual([{ kind: 'paste', text: 'ab[A' }]);
  });

  test('longer than any answer is unknown, never cut', () => {
    const long = 'x'.repeat(LONGEST_PASTE_BYTES + 1);
    expect(keysOf('\x1b[200~', long, long, '\x1b[201~', 'y')).toEqual([{ kind: 'unknown' }, text('y')]);
    const most = 'x'.repeat(LONGEST_PASTE_BYTES);
    expect(keysOf(`\x1b[200~${most}`, '\x1b[201~')).toEqual([{ kind: 'paste', text: most }]);
  });
});

describe('whatever bytes come', () => {
  const noise = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc
        .constantFrom('\x1b', '\x1b[', '\x1bO', '\x1b[20', '0~', '\x1b[201~', '\r', '\n', 'é', '🔑', ';', '$')
        .map(bytesOf),
    ),
    { maxLength: 40 },
  );

  test('nothing throws, and no control character is ever taken for text', () => {
    let tried = 0;
    fc.assert(
      fc.property(noise, (chunks) => {
        tried += chunks.length;
        for (const key of keysOf(...chunks.map((chunk) => [...chunk]))) {
          if (key.kind === 'text') expect(key.text).toMatch(/^[^\p{Cc}]+$/u);
        }
      }),
      { numRuns: 3000 },
    );
    expect(tried).toBeGreaterThan(10_000);
  });

  test('where chunks are cut does not matter', () => {
    fc.assert(
      fc.property(noise, (chunks) => {
        const bytes = chunks.flatMap((chunk) => [...chunk]);
        expect(joined(keysOf(...bytes.map((byte) => [byte])))).toEqual(joined(keysOf(bytes)));
      }),
      { numRuns: 2000 },
    );
  });
});
