/**
 * How gate and console look: tones as SGR sequences (ECMA-48 §8.3.117), glyphs by what the locale can show. Sequences of our
 * own, not Ink's colour props: those ignore NO_COLOR and vanish altogether, reverse video too, on a terminal that chalk
 * does not know. A tone never says anything by colour alone: each has a word, a mark or weight as well.
 */
import type { TerminalCapabilities } from './capabilities.ts';

export type Tone =
  | 'title' // the bar on top
  | 'strong'
  | 'muted'
  | 'key' // a key's name in hint bar and help
  | 'field' // room to type, where a cursor is drawn in it
  | 'selected'
  | 'error'
  | 'warning'
  | 'good'
  | 'bar'; // charts and gauges: no text

/** Characters that differ by locale; each is one column wide. */
export type Glyphs = {
  /** Stands for a character of a secret. */
  readonly mask: string;
  /** Stands for room to type. */
  readonly blank: string;
  /** Stands for what was cut off. */
  readonly more: string;
  readonly pointer: string;
  readonly ticked: string;
  readonly full: string;
  readonly empty: string;
  readonly horizontal: string;
  readonly vertical: string;
  readonly separator: string;
  readonly up: string;
  readonly down: string;
};

export type Theme = {
  /** The text in that tone; tones may stand within one another. The text itself is not made inert here. */
  paint(tone: Tone, text: string): string;
  readonly glyphs: Glyphs;
};

export function themeOf(capabilities: Pick<TerminalCapabilities, 'colour' | 'unicode'>): Theme {
  const tones = capabilities.colour === 'none' ? MONOCHROME : COLOURED;
  return {
    paint(tone, text) {
      const { on, off } = tones[tone];
      return on === '' || text === '' ? text : `\x1b[${on}m${text}\x1b[${off}m`;
    },
    glyphs: capabilities.unicode ? UNICODE : SEVEN_BIT,
  };
}

/** SGR parameters that begin and end a tone. Ended one by one, so that a tone around it goes on. */
export type Sgr = { readonly on: string; readonly off: string };

/**
 * Of the 16 palette colours only bright red and magenta can be read on black as well as on white in the palettes there are;
 * no pair of them can, so the title is in the terminal's own two colours, reversed.
 */
export const COLOURED: Readonly<Record<Tone, Sgr>> = {
  title: { on: '7', off: '27' },
  strong: { on: '1', off: '22' },
  muted: { on: '2', off: '22' },
  key: { on: '1', off: '22' },
  field: { on: '4', off: '24' },
  selected: { on: '7', off: '27' },
  error: { on: '1;91', off: '22;39' },
  warning: { on: '1;35', off: '22;39' },
  good: { on: '1', off: '22' },
  bar: { on: '36', off: '39' },
};

const MONOCHROME: Readonly<Record<Tone, Sgr>> = {
  ...COLOURED,
  error: { on: '1', off: '22' },
  warning: { on: '1', off: '22' },
  bar: { on: '', off: '' },
};

const UNICODE: Glyphs = {
  mask: '•',
  blank: '_',
  more: '…',
  pointer: '›',
  ticked: '✓',
  full: '█',
  empty: '░',
  horizontal: '─',
  vertical: '│',
  separator: '·',
  up: '↑',
  down: '↓',
};

const SEVEN_BIT: Glyphs = {
  mask: '*',
  blank: '_',
  more: '~',
  pointer: '>',
  ticked: 'x',
  full: '#',
  empty: '.',
  horizontal: '-',
  vertical: '|',
  separator: '|',
  up: '^',
  down: 'v',
};
