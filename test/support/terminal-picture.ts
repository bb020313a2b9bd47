/**
 * Pictures of a terminal's screen: bytes → the cells of a real emulator (@xterm/headless) → SVG → PNG. Colours, bold, dim,
 * italic, underline, reverse video; blocks and box lines as rectangles; text in DejaVu Sans Mono from the registry, so that
 * a picture is the same on every machine.
 */
import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import headless, { type IBufferCell, type Terminal } from '@xterm/headless';
import { rectanglesOf } from './terminal-glyphs.ts';

export type Theme = {
  readonly foreground: string;
  readonly background: string;
  /** The 16 colours of the palette, as `#rrggbb`. */
  readonly palette: readonly string[];
};

export const THEMES = {
  dark: {
    foreground: '#d8d8d8',
    background: '#1b1d21',
    palette: palette(
      '1b1d21 d9534f 5fb865 d7a83e 5b9bd5 b57edc 4bb5b5 d0d0d0 6c7079 ff7b72 7ee787 f2cc60 79b8ff d2a8ff 76e3ea ffffff',
    ),
  },
  light: {
    foreground: '#1f2328',
    background: '#ffffff',
    palette: palette(
      '24292f cf222e 116329 7a5200 0550ae 8250df 1b7c83 6e7781 57606a a40e26 1a7f37 633c01 0969da a475f9 3192aa 8c959f',
    ),
  },
  /** Its "black" is blue-green and its "white" beige: themes do that. */
  solarized: {
    foreground: '#657b83',
    background: '#fdf6e3',
    palette: palette(
      '073642 dc322f 859900 b58900 268bd2 d33682 2aa198 eee8d5 002b36 cb4b16 586e75 657b83 839496 6c71c4 93a1a1 fdf6e3',
    ),
  },
  /** The sixteen colours of a VGA text screen. */
  console: {
    foreground: '#aaaaaa',
    background: '#000000',
    palette: palette(
      '000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff',
    ),
  },
} as const satisfies Readonly<Record<string, Theme>>;

export type PictureOptions = {
  readonly theme?: Theme;
  /** Height of a row in heights of the font; glyphs keep theirs, backgrounds fill the row. Default 1. */
  readonly lineSpacing?: number;
  /** Standard deviation, in tenths of a column, of the blur that a camera's lens and sensor make. Default none. */
  readonly blur?: number;
  /** Pixels a column of the PNG is wide; a row is twice that, times the spacing. Default 10. */
  readonly columnPixels?: number;
  /** Draws the cursor as a block. Default hidden. */
  readonly cursor?: 'block' | 'hidden';
  /** A window's title bar above the screen. */
  readonly title?: string;
};

/** A terminal of that size that has taken in all of `bytes`. Dispose of it, or let it go with the process. */
export async function terminalShowing(
  bytes: string | Uint8Array,
  size: { readonly columns: number; readonly rows: number },
): Promise<Terminal> {
  const terminal = new headless.Terminal({
    cols: size.columns,
    rows: size.rows,
    scrollback: 1000,
    allowProposedApi: true,
    convertEol: true,
  });
  await new Promise<void>((resolve) => terminal.write(bytes, resolve));
  return terminal;
}

/** What the visible screen says, row by row, without trailing blanks. */
export function screenText(terminal: Terminal): readonly string[] {
  const buffer = terminal.buffer.active;
  return Array.from(
    { length: terminal.rows },
    (_, row) => buffer.getLine(buffer.viewportY + row)?.translateToString(true) ?? '',
  );
}

/** The visible screen as an SVG document. */
export function terminalSvg(terminal: Terminal, options: PictureOptions = {}): string {
  const theme = options.theme ?? THEMES.dark;
  const rowHeight = HEIGHT * (options.lineSpacing ?? 1);
  const bar = options.title === undefined ? 0 : 28;
  const width = terminal.cols * WIDTH + 2 * MARGIN;
  const height = terminal.rows * rowHeight + 2 * MARGIN + bar;
  const buffer = terminal.buffer.active;
  const rows = Array.from({ length: terminal.rows }, (_, row) => {
    const line = buffer.getLine(buffer.viewportY + row);
    if (line === undefined) return '';
    const cells = Array.from({ length: terminal.cols }, (_, column) => {
      const cell = line.getCell(column);
      const isCursor = options.cursor === 'block' && row === buffer.cursorY && column === buffer.cursorX;
      return cell === undefined || cell.getWidth() === 0
        ? undefined
        : lookOf(cell, theme, isCursor ? 'cursor' : 'cell');
    });
    return rowSvg(cells, { top: MARGIN + bar + row * rowHeight, rowHeight });
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans Mono, monospace" font-size="${FONT_SIZE}">`,
    `<rect width="${width}" height="${height}"${bar === 0 ? '' : ' rx="8"'} fill="${theme.background}"/>`,
    options.title === undefined ? '' : barSvg(options.title, width, theme),
    options.blur === undefined
      ? rows.join('\n')
      : `<filter id="lens"><feGaussianBlur stdDeviation="${options.blur}"/></filter><g filter="url(#lens)">${rows.join('\n')}</g>`,
    '</svg>',
  ].join('\n');
}

/** The visible screen as a PNG file. */
export function terminalPng(terminal: Terminal, options: PictureOptions = {}): Uint8Array {
  return renderTerminal(terminal, options).asPng();
}

/** The visible screen as pixels, for a decoder. */
export function terminalPixels(terminal: Terminal, options: PictureOptions = {}): Pixels {
  const image = renderTerminal(terminal, options);
  return { width: image.width, height: image.height, rgba: new Uint8ClampedArray(image.pixels) };
}

export type Pixels = { readonly width: number; readonly height: number; readonly rgba: Uint8ClampedArray };

const WIDTH = 10;
const HEIGHT = 20;
const MARGIN = 10;
/** DejaVu Sans Mono is 1233/2048 em wide: one column. */
const FONT_SIZE = (WIDTH * 2048) / 1233;
const BASELINE = 0.76;

const require = createRequire(import.meta.url);
const FONTS = [
  'DejaVuSansMono',
  'DejaVuSansMono-Bold',
  'DejaVuSansMono-Oblique',
  'DejaVuSansMono-BoldOblique',
  'DejaVuSans',
];

function renderTerminal(terminal: Terminal, options: PictureOptions) {
  return new Resvg(terminalSvg(terminal, options), {
    fitTo: { mode: 'zoom', value: (options.columnPixels ?? WIDTH) / WIDTH },
    font: {
      loadSystemFonts: false,
      fontFiles: FONTS.map((font) => require.resolve(`dejavu-fonts-ttf/ttf/${font}.ttf`)),
      defaultFontFamily: 'DejaVu Sans Mono',
      monospaceFamily: 'DejaVu Sans Mono',
    },
  }).render();
}

/** A cell as it is seen: reverse video, bold and dim are worked into the colours. */
type Look = {
  readonly text: string;
  readonly columns: number;
  readonly foreground: string;
  /** Undefined: the screen's own. */
  readonly background: string | undefined;
  /** SVG attributes of the text besides its colour. */
  readonly style: string;
};

function lookOf(cell: IBufferCell, theme: Theme, as: 'cell' | 'cursor'): Look {
  const foreground = cell.isFgDefault() ? undefined : colourOf(cell.isFgRGB(), cell.getFgColor(), theme);
  const background = cell.isBgDefault() ? undefined : colourOf(cell.isBgRGB(), cell.getBgColor(), theme);
  const isReversed = (cell.isInverse() !== 0) !== (as === 'cursor');
  return {
    text: cell.isInvisible() ? ' ' : cell.getChars() || ' ',
    columns: cell.getWidth(),
    foreground: isReversed ? (background ?? theme.background) : (foreground ?? theme.foreground),
    background: isReversed ? (foreground ?? theme.foreground) : background,
    style: [
      cell.isBold() ? ' font-weight="bold"' : '',
      cell.isItalic() ? ' font-style="oblique"' : '',
      cell.isDim() ? ' opacity="0.6"' : '',
      cell.isUnderline() ? ' text-decoration="underline"' : '',
      cell.isStrikethrough() ? ' text-decoration="line-through"' : '',
    ].join(''),
  };
}

function colourOf(isRgb: boolean, colour: number, theme: Theme): string {
  if (isRgb) return `#${colour.toString(16).padStart(6, '0')}`;
  return theme.palette[colour] ?? cubeColour(colour);
}

/** xterm's 256 colours: 16 to 231 a cube of 6 levels a side, 232 to 255 greys. */
function cubeColour(index: number): string {
  const level = (step: number): number => (step === 0 ? 0 : 55 + 40 * step);
  const parts =
    index >= 232
      ? Array.from({ length: 3 }, () => 8 + 10 * (index - 232))
      : [36, 6, 1].map((unit) => level(Math.floor((index - 16) / unit) % 6));
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function rowSvg(
  cells: readonly (Look | undefined)[],
  at: { readonly top: number; readonly rowHeight: number },
): string {
  const backgrounds: { from: number; to: number; fill: string }[] = [];
  const glyphs: string[] = [];
  const glyphTop = at.top + (at.rowHeight - HEIGHT) / 2;
  for (const [column, look] of cells.entries()) {
    if (look === undefined) continue;
    const left = MARGIN + column * WIDTH;
    const last = backgrounds.at(-1);
    if (last !== undefined && last.fill === look.background && last.to === left) last.to += look.columns * WIDTH;
    else if (look.background !== undefined) {
      backgrounds.push({ from: left, to: left + look.columns * WIDTH, fill: look.background });
    }
    const rectangles = rectanglesOf(look.text);
    for (const { x, y, width, height, opacity } of rectangles ?? []) {
      const shade = opacity === undefined ? '' : ` opacity="${opacity}"`;
      glyphs.push(
        rectSvg(left + x * WIDTH, glyphTop + y * HEIGHT, width * WIDTH, height * HEIGHT, look.foreground, shade),
      );
    }
    if (rectangles === undefined && look.text !== ' ') {
      glyphs.push(
        `<text x="${left}" y="${round(glyphTop + HEIGHT * BASELINE)}" fill="${look.foreground}"${look.style}>${escapeXml(look.text)}</text>`,
      );
    }
  }
  const filled = backgrounds.map(({ from, to, fill }) => rectSvg(from, at.top, to - from, at.rowHeight, fill));
  return [...filled, ...glyphs].join('\n');
}

/** `crispEdges`: neighbouring cells of one colour show no seam, as on a screen. */
function rectSvg(x: number, y: number, width: number, height: number, fill: string, more = ''): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${fill}"${more} shape-rendering="crispEdges"/>`;
}

function barSvg(title: string, width: number, theme: Theme): string {
  const dots = [0, 1, 2].map(
    (dot) => `<circle cx="${18 + 18 * dot}" cy="16" r="5" fill="${theme.palette[8] ?? '#888888'}"/>`,
  );
  return `${dots.join('')}<text x="${width / 2}" y="21" text-anchor="middle" font-size="13" fill="${theme.palette[8] ?? '#888888'}">${escapeXml(title)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function palette(colours: string): readonly string[] {
  return colours.split(' ').map((colour) => `#${colour}`);
}
