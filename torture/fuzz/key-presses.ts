/** Bytes of a terminal out of anything, through the decoder of keys and the line editor: nothing lost, nothing executed, however they are cut. */
import { isDeepStrictEqual } from 'node:util';
import { decodeKeys, type Key, NO_KEYS_YET } from '../../src/terminal/keys.ts';
import { editLine, emptyLine, LONGEST_LINE, lineText } from '../../src/terminal/line-editor.ts';
import type { Random } from '../random.ts';
import { nonsense } from './mutation.ts';
import { parserTorment } from './parser-torment.ts';

const grammar = {
  examples: [
    'alice\rhunter2\r123456\r',
    '\x1b[A\x1b[B\x1bOP\x1b[[A\x1b[15~\x1b[1;5C',
    '\x1b[200~pasted text\nwith lines\x1b[201~\r',
    'ab\x7f\x15\x17\x03\x1c\x1a\x04',
    '\x1b]52;c;AAAA\x07\x1b[8;40;100t\x9b5~',
    'pässwörd 密码 😀\r',
  ],
  words: [
    '\x1b[',
    '\x1b[200~',
    '\x1b[201~',
    '\x1bO',
    '\x1b',
    '~',
    ';',
    '\x9b',
    '\x8f',
    '\r',
    '\n',
    '\x03',
    '\x1b[M',
    '\x1b]',
  ],
};

export const keyPressFuzz = parserTorment({
  name: 'key-press-fuzz',
  about:
    'bytes of a terminal out of anything: no control character becomes text, and where chunks are cut does not matter',
  open: () => ({
    input: (random) => nonsense(random, grammar),
    judge(text, random) {
      const bytes = Buffer.from(text, random.chance(0.8) ? 'utf8' : 'latin1');
      const whole = keysOf([bytes]);
      for (const key of whole) {
        if ((key.kind === 'text' || key.kind === 'paste') && CONTROLS[key.kind].test(key.text))
          throw new Error('a control as text');
      }
      if (!isDeepStrictEqual(joined(keysOf(cut(bytes, random))), joined(whole)))
        throw new Error('cut otherwise, it is other keys');
      return typed(whole);
    },
  }),
});

const CONTROLS = { text: /[\x00-\x1f\x7f-\x9f]/, paste: /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/ } as const;

function keysOf(chunks: readonly Uint8Array[]): readonly Key[] {
  let state = NO_KEYS_YET;
  const keys: Key[] = [];
  for (const chunk of chunks) {
    const decoded = decodeKeys(state, chunk);
    state = decoded.state;
    keys.push(...decoded.keys);
  }
  return keys;
}

/** Text that came in several keys as one. */
function joined(keys: readonly Key[]): readonly Key[] {
  const result: Key[] = [];
  for (const key of keys) {
    const last = result.at(-1);
    if (key.kind === 'text' && last?.kind === 'text')
      result[result.length - 1] = { kind: 'text', text: last.text + key.text };
    else result.push(key);
  }
  return result;
}

function cut(bytes: Uint8Array, random: Random): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const to = at + 1 + random.below(5);
    chunks.push(bytes.subarray(at, to));
    at = to;
  }
  return chunks;
}

/** How a secret line that these keys type would end. */
function typed(keys: readonly Key[]): string {
  let line = emptyLine(undefined);
  for (const key of keys) {
    const step = editLine(line, key);
    if (step.kind === 'cancelled' || step.kind === 'ended') return step.kind;
    if (step.echo !== '') throw new Error('a secret is echoed');
    line = step.line;
    if (lineText(line).length > 2 * (LONGEST_LINE + 1)) throw new Error('a line without bounds');
    if (step.kind === 'entered') return step.kind;
  }
  return 'not ended yet';
}
