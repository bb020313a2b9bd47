/**
 * Keys that are sequences (ECMA-48 §5.4): those of xterm, vt100, vt220, rxvt and the Linux console. Whatever else is well
 * formed is swallowed whole as `unknown`, so that no half of it is taken for text.
 */
import type { Key, KeyName } from './keys.ts';

type Read = { readonly token: Key | 'paste-begins'; readonly length: number } | 'incomplete';

/** The sequence that begins at `at` with ESC, or with CSI or SS3 as one byte (vt220 in 8-bit mode). */
export function readEscape(bytes: Uint8Array, at: number): Read {
  const first = bytes[at];
  if (first === 0x9b) return readCsi(bytes, at, 1);
  if (first === 0x8f) return readSs3(bytes, at, 1);
  const second = bytes[at + 1];
  if (second === undefined) return 'incomplete';
  if (second === OPEN_BRACKET) return readCsi(bytes, at, 2);
  if (second === LETTER_O) return readSs3(bytes, at, 2);
  if (STRING_OPENERS.has(second)) return readString(bytes, at);
  // Esc and then a control: two keys. Alt with a character: one, and none of ours.
  if (second < 0x20 || second >= 0x7f) return { token: named('escape'), length: 1 };
  return { token: UNKNOWN, length: 2 };
}

const ESC = 0x1b;
const OPEN_BRACKET = 0x5b;
const LETTER_O = 0x4f;
const DOLLAR = 0x24;
const UNKNOWN: Key = { kind: 'unknown' };
/** Longer than any key's sequence; what goes on further is noise. */
const LONGEST_SEQUENCE = 32;
const LONGEST_STRING = 4096;
/** OSC, DCS, PM, APC, SOS: answers of a terminal, ended by ST or BEL. */
const STRING_OPENERS = new Set([0x5d, 0x50, 0x5e, 0x5f, 0x58]);

function readCsi(bytes: Uint8Array, at: number, opener: number): Read {
  let end = at + opener;
  // The Linux console's F1 to F5: CSI [ A to E, which is no sequence of ECMA-48.
  if (bytes[end] === OPEN_BRACKET) {
    const letter = bytes[end + 1];
    if (letter === undefined) return 'incomplete';
    const name = LINUX_FUNCTION_KEYS[String.fromCharCode(letter)];
    return { token: name ? named(name) : UNKNOWN, length: end + 2 - at };
  }
  while (end - at < LONGEST_SEQUENCE) {
    const byte = bytes[end];
    if (byte === undefined) return 'incomplete';
    const private_ = bytes[at + opener] === 0x3f;
    // rxvt ends a shifted key with `$`, which is an intermediate byte elsewhere.
    if ((byte >= 0x40 && byte <= 0x7e) || (byte === DOLLAR && !private_)) {
      const parameters = String.fromCharCode(...bytes.subarray(at + opener, end));
      return { token: csiToken(parameters, String.fromCharCode(byte)), length: end + 1 - at };
    }
    if (byte < 0x20 || byte >= 0x7f) break;
    end += 1;
  }
  return { token: UNKNOWN, length: end - at };
}

function csiToken(parameters: string, final: string): Key | 'paste-begins' {
  if (!/^[\d;]*$/.test(parameters)) return UNKNOWN;
  const [first = '', modifier = ''] = parameters.split(';');
  if (final === '~' && first === '200') return 'paste-begins';
  const name = NUMBERED_FINALS.has(final) ? NUMBERED_KEYS[first] : lettered(first, final);
  if (name === undefined) return UNKNOWN;
  // Shift and its like on a function key make another key of it (F13 and on); arrows stay what they are.
  const plain = (modifier === '' || modifier === '1') && (final === '~' || !NUMBERED_FINALS.has(final));
  return /^f\d/.test(name) && !plain ? UNKNOWN : named(name);
}

function lettered(first: string, final: string): KeyName | undefined {
  return first === '' || first === '1' ? LETTERED_KEYS[final] : undefined;
}

/** SS3 is followed by one byte; older terminals put a modifier's digits before it. */
function readSs3(bytes: Uint8Array, at: number, opener: number): Read {
  let end = at + opener;
  while (isDigitOrSemicolon(bytes[end]) && end - at < LONGEST_SEQUENCE) end += 1;
  const byte = bytes[end];
  if (byte === undefined) return 'incomplete';
  if (byte < 0x20 || byte >= 0x7f) return { token: UNKNOWN, length: end - at };
  const length = end + 1 - at;
  const letter = String.fromCharCode(byte);
  const name = letter === 'M' ? 'enter' : LETTERED_KEYS[letter];
  if (name !== undefined) {
    const modified = end > at + opener;
    return { token: modified && /^f\d/.test(name) ? UNKNOWN : named(name), length };
  }
  const text = KEYPAD_TEXT[letter];
  return { token: text ? { kind: 'text', text } : UNKNOWN, length };
}

function readString(bytes: Uint8Array, at: number): Read {
  for (let end = at + 2; end < Math.min(bytes.length, at + LONGEST_STRING); end += 1) {
    if (bytes[end] === 0x07) return { token: UNKNOWN, length: end + 1 - at };
    if (bytes[end] === ESC && bytes[end + 1] === 0x5c) return { token: UNKNOWN, length: end + 2 - at };
    // Any other control: this was Alt with a bracket, and what follows are keys.
    if ((bytes[end] ?? 0) < 0x20 && bytes[end] !== ESC) return { token: UNKNOWN, length: 2 };
  }
  return bytes.length - at >= LONGEST_STRING ? { token: UNKNOWN, length: 2 } : 'incomplete';
}

function isDigitOrSemicolon(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x3b && byte !== 0x3a;
}

function named(name: KeyName): Key {
  return { kind: 'named', name };
}

const LINUX_FUNCTION_KEYS: Readonly<Record<string, KeyName>> = { A: 'f1', B: 'f2', C: 'f3', D: 'f4', E: 'f5' };

/** Finals behind a number: `~` of vt220; `$`, `^`, `@` of rxvt with Shift, Ctrl, both. */
const NUMBERED_FINALS = new Set(['~', '$', '^', '@']);

/** vt220 and xterm; 7 and 8 are rxvt's Home and End, 11 to 14 rxvt's F1 to F4. */
const NUMBERED_KEYS: Readonly<Record<string, KeyName>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'page-up',
  6: 'page-down',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
};

/** After CSI or SS3; the small letters are rxvt's arrows with Shift or Ctrl. */
const LETTERED_KEYS: Readonly<Record<string, KeyName>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  Z: 'backtab',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
  a: 'up',
  b: 'down',
  c: 'right',
  d: 'left',
};

/** The keypad of a vt100 in application mode. */
const KEYPAD_TEXT: Readonly<Record<string, string>> = {
  j: '*',
  k: '+',
  l: ',',
  m: '-',
  n: '.',
  o: '/',
  p: '0',
  q: '1',
  r: '2',
  s: '3',
  t: '4',
  u: '5',
  v: '6',
  w: '7',
  x: '8',
  y: '9',
  X: '=',
};
