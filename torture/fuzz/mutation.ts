/** Nonsense that looks like something: examples of a format, changed a little, cut, doubled, mixed, or made up of its words. */
import type { Random } from '../random.ts';

export type Grammar = {
  /** Inputs that are right, or nearly. */
  readonly examples: readonly string[];
  /** What means something in the format: keys, brackets, line ends. */
  readonly words: readonly string[];
};

/** Any text at all has its turn too. */
export function nonsense(random: Random, { examples, words }: Grammar): string {
  const all = [...words, ...EVERYWHERE];
  if (random.chance(0.15)) return Array.from({ length: random.below(24) }, () => random.pick(all)).join('');
  if (random.chance(0.05)) return anyText(random, random.below(200));
  let text = random.pick(examples);
  for (let changes = 1 + random.below(4); changes > 0; changes -= 1) text = changed(random, text, examples, all);
  return text;
}

function changed(random: Random, text: string, examples: readonly string[], words: readonly string[]): string {
  const at = random.below(text.length + 1);
  const to = at + random.below(Math.min(12, text.length - at + 1));
  switch (random.below(9)) {
    case 0:
      return text.slice(0, at) + text.slice(to);
    case 1:
      return text.slice(0, at) + random.pick(words) + text.slice(at);
    case 2:
      return text.slice(0, at) + random.pick(words) + text.slice(to);
    case 3:
      return text.slice(0, at) + anyText(random, 1) + text.slice(Math.min(at + 1, text.length));
    case 4:
      return text.slice(0, to) + text.slice(at, to).repeat(1 + random.below(4)) + text.slice(to);
    case 5:
      return text.slice(0, at);
    case 6: {
      const other = random.pick(examples);
      return text.slice(0, at) + other.slice(random.below(other.length + 1));
    }
    case 7: {
      const code = (text.charCodeAt(at) || 0) ^ (1 << random.below(8));
      return text.slice(0, at) + String.fromCharCode(code) + text.slice(Math.min(at + 1, text.length));
    }
    default:
      return text.slice(0, at) + String(random.pick(NUMBERS)) + text.slice(to);
  }
}

const NUMBERS = [0, -1, 1, 9, 65_535, 65_536, 2 ** 31, 2 ** 53, 1e21, 0.5, '00', '1e9', 'NaN', '٣'];

/** What has made some program stumble. */
const EVERYWHERE = [
  '\n',
  '\r\n',
  '\r',
  '\0',
  '\x1b[31m',
  '\x9b',
  '\ufeff',
  '\u202e',
  '\u200b',
  '\ud800',
  '\udc00',
  '😀',
  'é',
  'e\u0301',
  '"',
  "'",
  '\\',
  ' ',
  '\t',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'A'.repeat(300),
];

function anyText(random: Random, length: number): string {
  let text = '';
  for (let index = 0; index < length; index += 1) {
    text += String.fromCharCode(random.chance(0.7) ? random.below(128) : random.below(65_536));
  }
  return text;
}
