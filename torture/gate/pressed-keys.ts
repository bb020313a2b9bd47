/** Keys that somebody presses who leans on the keyboard, has a cat, or looks for a way around: bytes for a real terminal, in bursts. */
import type { Random } from '../random.ts';

/** `words`: texts that lead further, typed now and then. Nothing of it is a signal of the terminal itself but what programs have to bear. */
export function pressedKeys(random: Random, words: readonly string[]): string {
  const burst = 1 + random.below(12);
  return Array.from({ length: burst }, () => anyKey(random, words)).join('');
}

function anyKey(random: Random, words: readonly string[]): string {
  switch (random.below(8)) {
    case 0:
      return random.pick(words);
    case 1:
      return '\r';
    case 2:
    case 3:
      return random.pick(NAMED);
    case 4:
      return `\x1b[${random.below(40)}${random.pick(['~', 'A', 'B', 'R', 'M', 'u', ';5C', 't'])}`;
    case 5:
      return String.fromCharCode(0x20 + random.below(0x5f));
    case 6:
      return random.pick(['é', '密', '😀', 'e\u0301', '\u202e', '\u009b', '\x00', '\x7f', '\x1b]52;c;QUFB\x07']);
    default:
      return `\x1b[200~${random.pick(words)}\n${random.pick(words)}\x1b[201~`;
  }
}

const NAMED = [
  ...['\x1b[A', '\x1b[B', '\x1b[C', '\x1b[D', '\x1b[H', '\x1b[F', '\x1b[5~', '\x1b[6~', '\t', '\x1b[Z', '\x7f', '\x1b'],
  ...['\x1bOP', '\x1b[15~', '\x1b[17~', '\x1b[18~', '\x15', '\x17', '\x0c', '\x04', '\x1a', ' '],
];
