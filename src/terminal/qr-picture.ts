/**
 * A QR code as lines of text with SGR sequences (ECMA-48 §8.3.117). Cells of one colour are spaces on that colour as
 * background, so that neither a font's gaps nor line spacing shows; only cells that hold both colours are half blocks, and
 * of those the light half is the block: where a font leaves a gap, decoders mend dark slits far better than light ones
 * (docs/decisions/0004-qr.md). Each line ends with SGR 0 and holds no other control sequence.
 */
import { isDark, type QrCodes, type QrMatrix } from './qr-matrix.ts';
import type { QrPaint, QrPictureStyle } from './qr-style.ts';

/** What the screen's own colours are; decides which modules are drawn where colours can't be chosen. */
export type QrPolarity = 'light-on-dark' | 'dark-on-light';

/** The polarities a person may have to try: both where the screen's own colours draw, one where black and white are set. */
export function polaritiesOf(style: QrPictureStyle): readonly QrPolarity[] {
  return style.paint === 'reverse' ? ['light-on-dark', 'dark-on-light'] : ['light-on-dark'];
}

/** `style.rows` lines of `style.columns` columns. */
export function drawQr(
  codes: QrCodes,
  style: QrPictureStyle,
  polarity: QrPolarity = 'light-on-dark',
): readonly string[] {
  const matrix = codes[style.level];
  const brush = brushOf(style.paint, polarity);
  switch (style.cells) {
    case 'half-blocks':
      return drawHalfBlocks(matrix, style, brush);
    case 'two-columns':
      return drawTwoColumns(matrix, style, brush);
  }
}

/** SGR parameters for a cell of one colour, and for a half block whose foreground is the other colour. */
type Brush = {
  readonly dark: string;
  readonly light: string;
  readonly half: string;
  /** The colour that a half block's own half has. */
  readonly foreground: 'dark' | 'light';
};

/** 16 and 231 are the corners of the colour cube; themes redefine the first 16. Light is 47: not every terminal has 107. */
function brushOf(paint: QrPaint, polarity: QrPolarity): Brush {
  switch (paint) {
    case 'colours-256':
      return { dark: '48;5;16', light: '48;5;231', half: '38;5;231;48;5;16', foreground: 'light' };
    case 'colours-16':
      return { dark: '40', light: '47', half: '37;40', foreground: 'light' };
    case 'reverse':
      return polarity === 'light-on-dark'
        ? { dark: '', light: '7', half: '', foreground: 'light' }
        : { dark: '7', light: '', half: '', foreground: 'dark' };
  }
}

/** A run of cells with the same SGR parameters. */
type Run = { sgr: string; text: string };

function drawHalfBlocks(matrix: QrMatrix, style: QrPictureStyle, brush: Brush): readonly string[] {
  return range(style.rows).map((row) =>
    lineOf(
      range(style.columns).map((column) => {
        const across = column - style.quietZone;
        const top = isDark(matrix, 2 * row - style.quietZone, across);
        const bottom = isDark(matrix, 2 * row + 1 - style.quietZone, across);
        if (top === bottom) return { sgr: top ? brush.dark : brush.light, text: ' ' };
        return { sgr: brush.half, text: top === (brush.foreground === 'dark') ? '▀' : '▄' };
      }),
    ),
  );
}

function drawTwoColumns(matrix: QrMatrix, style: QrPictureStyle, brush: Brush): readonly string[] {
  return range(style.rows).map((row) =>
    lineOf(
      range(style.rows).map((column) => ({
        sgr: isDark(matrix, row - style.quietZone, column - style.quietZone) ? brush.dark : brush.light,
        text: '  ',
      })),
    ),
  );
}

function lineOf(cells: readonly Run[]): string {
  const runs: Run[] = [];
  for (const cell of cells) {
    const last = runs.at(-1);
    if (last?.sgr === cell.sgr) last.text += cell.text;
    else runs.push({ ...cell });
  }
  return `${runs.map((run) => `\x1b[${run.sgr === '' ? '0' : `0;${run.sgr}`}m${run.text}`).join('')}\x1b[0m`;
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index);
}
