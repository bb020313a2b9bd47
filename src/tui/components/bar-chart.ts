/** Pictures made of characters: a bar in parts, and a chart of columns. Nothing in them is told by colour. PURE. */
import type { Look } from '../look.ts';

export type BarPart = {
  readonly value: number;
  /** One column wide; another one for each part. */
  readonly glyph: string;
};

/** `columns` wide. A part that is not nothing has a column at least; an empty bar is drawn as such. */
export function stackedBar(parts: readonly BarPart[], columns: number, look: Look): string {
  const shares = sharesOf(
    parts.map(({ value }) => value),
    columns,
  );
  const bar = parts.map(({ glyph }, index) => glyph.repeat(shares[index] ?? 0)).join('');
  return look.theme.paint('bar', bar.padEnd(columns, look.theme.glyphs.horizontal));
}

/** Rows from the top, one character a value; `rows` high where the largest value is. */
export function columnChart(values: readonly number[], rows: number, look: Look): readonly string[] {
  const most = Math.max(1, ...values);
  const [zero = ' ', ...levels] = look.capabilities.unicode ? UNICODE_LEVELS : SEVEN_BIT_LEVELS;
  const heights = values.map((value) => Math.ceil((value / most) * rows * levels.length));
  return Array.from({ length: rows }, (_, row) => {
    const below = (rows - 1 - row) * levels.length;
    const cells = heights.map((height) => {
      const level = Math.min(levels.length, height - below);
      if (level > 0) return levels[level - 1] ?? zero;
      return row === rows - 1 ? zero : ' ';
    });
    return look.theme.paint('bar', cells.join(''));
  });
}

const UNICODE_LEVELS = [...'·▁▂▃▄▅▆▇█'];
const SEVEN_BIT_LEVELS = [...'.:-=+*%#@'];

/** Whole columns for each value, together `columns` where any value is not 0: largest remainders, none of them lost. */
function sharesOf(values: readonly number[], columns: number): readonly number[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  if (total === 0) return values.map(() => 0);
  const shares = values.map((value) => (value === 0 ? 0 : Math.max(1, Math.floor((value / total) * columns))));
  for (let left = columns - sum(shares); left !== 0; left -= Math.sign(left)) {
    // One column more for whoever misses most, or one less for whoever has most too many and keeps one.
    const missing = values.map((value, index) => (value / total) * columns - (shares[index] ?? 0));
    const order = missing.map((_, index) => index).sort((one, other) => (missing[other] ?? 0) - (missing[one] ?? 0));
    const chosen = left > 0 ? order[0] : order.findLast((index) => (shares[index] ?? 0) > 1);
    if (chosen !== undefined) shares[chosen] = (shares[chosen] ?? 0) + Math.sign(left);
  }
  return shares;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
