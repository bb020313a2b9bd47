/**
 * The bytes that a terminal sends, as keys. Pure: (state, chunk) → {state, keys}; a key may be split over chunks anywhere.
 * Nothing is lost or guessed at: each byte ends up in exactly one key, in `unknown`, or stays pending.
 */
import { readEscape } from './keys-escape.ts';
import { characterAt, isText } from './keys-text.ts';

export type KeyName =
  | 'enter'
  | 'tab'
  | 'backtab'
  | 'backspace'
  | 'delete'
  | 'insert'
  | 'escape'
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'page-up'
  | 'page-down'
  | FunctionKey;
export type FunctionKey = `f${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12}`;

export type Key =
  /** One or more characters without controls, as they were typed. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'named'; readonly name: KeyName }
  /** Ctrl with `a` to `z`, `\`, `]`, `^`, `_`, `@` (ECMA-48 C0), but for those that have a name. */
  | { readonly kind: 'control'; readonly letter: string }
  /** A bracketed paste (DECSET 2004), whole; line ends are in it as they came. */
  | { readonly kind: 'paste'; readonly text: string }
  /** Something that is no key we know: Alt with a letter, a mouse, an answer of the terminal, an over-long paste. */
  | { readonly kind: 'unknown' };

export type KeyDecoding = {
  /** The beginning of a key. */
  readonly pending: Uint8Array;
  /** The last key was CR: an LF or NUL right behind belongs to it. */
  readonly afterReturn: boolean;
  /** What has come of a bracketed paste; undefined outside of one. */
  readonly paste: Uint8Array | undefined;
};

export const NO_KEYS_YET: KeyDecoding = { pending: new Uint8Array(), afterReturn: false, paste: undefined };

/** A lone ESC is the Esc key once nothing has followed it for so long; a 1200 baud line needs 8 ms a byte. */
export const ESCAPE_HOLD_MS = 40;

export const LONGEST_PASTE_BYTES = 65_536;

export type Decoded = { readonly state: KeyDecoding; readonly keys: readonly Key[] };

export function decodeKeys(state: KeyDecoding, chunk: Uint8Array): Decoded {
  const keys: Key[] = [];
  let bytes = joined(state.pending, chunk);
  let { afterReturn, paste } = state;
  let at = 0;
  while (at < bytes.length) {
    if (paste !== undefined) {
      const rest = joined(paste, bytes.subarray(at));
      const end = indexOfPasteEnd(rest);
      if (end < 0) {
        return { state: { pending: new Uint8Array(), afterReturn: false, paste: bounded(rest) }, keys };
      }
      keys.push(pasted(rest.subarray(0, end)));
      bytes = rest;
      at = end + PASTE_END.length;
      paste = undefined;
      continue;
    }
    const byte = bytes[at] ?? 0;
    if (afterReturn && (byte === LF || byte === NUL)) {
      afterReturn = false;
      at += 1;
      continue;
    }
    const read = readKey(bytes, at);
    if (read === 'incomplete') break;
    afterReturn = byte === CR;
    at += read.length;
    if (read.token === 'paste-begins') paste = new Uint8Array();
    else append(keys, read.token);
  }
  return { state: { pending: bytes.slice(at), afterReturn, paste }, keys };
}

/** True where time decides what is pending: it may be the Esc key. Half a character waits for its other half. */
export function holdsEscape(state: KeyDecoding): boolean {
  const [first] = state.pending;
  return first === ESC || first === CSI_8BIT || first === SS3_8BIT;
}

/** What is pending, taken for complete: a lone ESC is the Esc key. Called when nothing came for ESCAPE_HOLD_MS. */
export function settleKeys(state: KeyDecoding): Decoded {
  const { pending } = state;
  if (pending.length === 0) return { state, keys: [] };
  const settled = { ...state, pending: new Uint8Array() };
  if (pending.length === 1 && pending[0] === ESC) return { state: settled, keys: [named('escape')] };
  if (holdsEscape(state)) return { state: settled, keys: [{ kind: 'unknown' }] };
  const keys: Key[] = [];
  for (const byte of pending) append(keys, textKey(String.fromCharCode(byte)));
  return { state: settled, keys };
}

const NUL = 0x00;
const BS = 0x08;
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const ESC = 0x1b;
const DEL = 0x7f;
const SS3_8BIT = 0x8f;
const CSI_8BIT = 0x9b;
const PASTE_END = Uint8Array.of(ESC, 0x5b, 0x32, 0x30, 0x31, 0x7e);

type Token = Key | 'paste-begins';
type Read = { readonly token: Token; readonly length: number } | 'incomplete';

function readKey(bytes: Uint8Array, at: number): Read {
  const byte = bytes[at] ?? 0;
  if (byte === ESC || byte === CSI_8BIT || byte === SS3_8BIT) return readEscape(bytes, at);
  if (byte === CR || byte === LF) return { token: named('enter'), length: 1 };
  if (byte === TAB) return { token: named('tab'), length: 1 };
  if (byte === BS || byte === DEL) return { token: named('backspace'), length: 1 };
  if (byte < 0x20) {
    return { token: { kind: 'control', letter: String.fromCharCode(byte + 0x40).toLowerCase() }, length: 1 };
  }
  const character = characterAt(bytes, at);
  if (character === 'incomplete') return 'incomplete';
  return { token: textKey(character.text), length: character.length };
}

function named(name: KeyName): Key {
  return { kind: 'named', name };
}

function textKey(text: string): Key {
  return isText(text) ? { kind: 'text', text } : { kind: 'unknown' };
}

/** Characters that come one after the other are one key. */
function append(keys: Key[], key: Key): void {
  const last = keys.at(-1);
  if (key.kind === 'text' && last?.kind === 'text')
    keys[keys.length - 1] = { kind: 'text', text: last.text + key.text };
  else keys.push(key);
}

function pasted(bytes: Uint8Array): Key {
  if (bytes.length > LONGEST_PASTE_BYTES) return { kind: 'unknown' };
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const read = characterAt(bytes, at);
    const character = read === 'incomplete' ? { text: String.fromCharCode(bytes[at] ?? 0), length: 1 } : read;
    if (isText(character.text) || /^[\t\r\n]$/.test(character.text)) text += character.text;
    at += character.length;
  }
  return { kind: 'paste', text };
}

/** An over-long paste is kept just long enough to be known for one. */
function bounded(paste: Uint8Array): Uint8Array {
  const most = LONGEST_PASTE_BYTES + 2 * PASTE_END.length;
  return paste.length <= most
    ? paste
    : joined(paste.subarray(0, most - PASTE_END.length), paste.slice(-PASTE_END.length));
}

function indexOfPasteEnd(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(ESC); at >= 0; at = bytes.indexOf(ESC, at + 1)) {
    if (PASTE_END.every((byte, offset) => bytes[at + offset] === byte)) return at;
  }
  return -1;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
