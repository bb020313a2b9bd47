/**
 * What a terminal can do, worked out from what it says of itself: TERM, the locale, NO_COLOR, COLORTERM, its size. Nothing
 * is asked of the terminal (an answer would mix with what is typed), so a wrong TERM gives a plainer screen, never a wrong one.
 */
import type { Config } from '../core/config/model.ts';

/** `256`: the colour cube too, which themes leave alone; `16`: only the palette, whose white a theme may make grey. */
export type Colour = 'none' | '16' | '256';

export type TerminalCapabilities = {
  /** Obeys ECMA-48 sequences: cursor, erase, reverse video. False for pipes, `dumb` and whatever is not known to. */
  readonly ansi: boolean;
  /** Has a second screen (DECSET 1049) from which nothing gets into the scrollback. */
  readonly alternateScreen: boolean;
  /** The locale says UTF-8. */
  readonly unicode: boolean;
  readonly colour: Colour;
  /** Somebody listens instead of looking: no pictures, no full screen. */
  readonly screenReader: boolean;
  readonly columns: number;
  readonly rows: number;
};

/** The part of the environment that counts here. */
export type TerminalEnvironment = {
  readonly TERM?: string | undefined;
  readonly LC_ALL?: string | undefined;
  readonly LC_CTYPE?: string | undefined;
  readonly LANG?: string | undefined;
  readonly NO_COLOR?: string | undefined;
  readonly COLORTERM?: string | undefined;
  readonly INK_SCREEN_READER?: string | undefined;
};

/** Like process.stdout: all fields are missing on a pipe, and a serial line reports a size of 0 x 0. */
export type TerminalOutput = {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

/** The size of the terminal that everything is made to fit (VT100). */
export const STANDARD_SIZE = { columns: 80, rows: 24 } as const;

export function terminalCapabilities(from: {
  readonly env: TerminalEnvironment;
  readonly output: TerminalOutput;
  readonly colour: Config['terminal']['colour'];
}): TerminalCapabilities {
  const { env, output } = from;
  const family = output.isTTY === true ? familyOf(env) : 'dumb';
  return {
    ansi: family !== 'dumb',
    alternateScreen: family === 'window',
    unicode: isUtf8(env),
    colour: from.colour === 'never' || isSet(env.NO_COLOR) ? 'none' : coloursOf(family, env),
    screenReader: isSet(env.INK_SCREEN_READER) && !/^(0|false|no)$/i.test(env.INK_SCREEN_READER ?? ''),
    columns: sizeOr(output.columns, STANDARD_SIZE.columns),
    rows: sizeOr(output.rows, STANDARD_SIZE.rows),
  };
}

/** How terminals divide for our purposes. `window`: emulators with colours and a second screen. */
type Family = 'dumb' | 'monochrome' | 'console' | 'window';

const MONOCHROME = /^(vt([1-4]\d\d|5[12]0)\b.*|xterm-vt\d\d\d|(xterm|rxvt|nsterm|linux|ansi|pcansi)-(m|mono))$/;
const CONSOLE = /^(linux|ansi|pcansi|cons25|wsvt25|scoansi|sun-colou?r|vt525|fbterm|jfbterm|cygwin|dtterm)\b/;
const WINDOW =
  /^(xterm|screen|tmux|rxvt|putty|kitty|alacritty|foot|wezterm|konsole|gnome|vte|iterm2?|nsterm|mlterm|st|stterm|contour|ghostty|rio|mintty|hterm|teraterm|eterm)\b/i;

function familyOf(env: TerminalEnvironment): Family {
  const term = env.TERM ?? '';
  if (MONOCHROME.test(term)) return 'monochrome';
  if (CONSOLE.test(term)) return 'console';
  if (WINDOW.test(term)) return 'window';
  // A name of tomorrow: whoever sets COLORTERM draws colours by ECMA-48.
  if (isSet(term) && !NOT_A_SCREEN.test(term) && isSet(env.COLORTERM)) return 'console';
  return 'dumb';
}

/** Emacs shells and editors leave COLORTERM of the window they run in. */
const NOT_A_SCREEN = /^(dumb|unknown|emacs|dialup|network|lpr|printer)\b/;

function coloursOf(family: Family, env: TerminalEnvironment): Colour {
  switch (family) {
    case 'dumb':
    case 'monochrome':
      return 'none';
    // Every emulator with a window of its own has the cube today, whether TERM says so or, like plain `xterm`, does not.
    case 'window':
      return '256';
    case 'console':
      return /256|direct/.test(env.TERM ?? '') || /truecolor|24bit/i.test(env.COLORTERM ?? '') ? '256' : '16';
  }
}

/** POSIX: the first of LC_ALL, LC_CTYPE, LANG that is set and not empty decides. */
function isUtf8(env: TerminalEnvironment): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find(isSet) ?? '';
  return /\.utf-?8\b/i.test(locale) || /^utf-?8$/i.test(locale);
}

/** no-color.org: present and not an empty string. */
function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

function sizeOr(measured: number | undefined, otherwise: number): number {
  return measured !== undefined && Number.isInteger(measured) && measured > 0 ? measured : otherwise;
}
