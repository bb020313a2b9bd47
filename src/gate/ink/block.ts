/** Lines of a screen with the place of the cursor among them, and how they are put together. */

import { columnsOf } from '../../terminal/line-editor-columns.ts';

export type Block = {
  readonly lines: readonly string[];
  /** From the block's first line and column. */
  readonly cursor?: { readonly row: number; readonly column: number };
};

/** One below the other. */
export function stack(blocks: readonly Block[]): Block {
  return blocks.reduce<Block>((above, below) => {
    const lines = [...above.lines, ...below.lines];
    const cursor =
      below.cursor === undefined
        ? above.cursor
        : { row: above.lines.length + below.cursor.row, column: below.cursor.column };
    return cursor === undefined ? { lines } : { lines, cursor };
  }, EMPTY);
}

/** The same, with a blank line between blocks that have any. */
export function spaced(blocks: readonly Block[]): Block {
  const filled = blocks.filter((block) => block.lines.length > 0);
  return stack(filled.flatMap((block, index) => (index === 0 ? [block] : [BLANK, block])));
}

export function text(lines: readonly string[]): Block {
  return { lines };
}

export function indented(block: Block, columns: number): Block {
  const lines = block.lines.map((line) => (line === '' ? '' : ' '.repeat(columns) + line));
  const { cursor } = block;
  return cursor === undefined ? { lines } : { lines, cursor: { row: cursor.row, column: cursor.column + columns } };
}

/** Blank lines above. */
export function lowered(block: Block, rows: number): Block {
  return stack([{ lines: Array.from({ length: rows }, () => '') }, block]);
}

/** Exactly `rows` lines of it, those around the cursor where there are more. */
export function windowOf(block: Block, rows: number): Block {
  const { lines, cursor } = block;
  const over = Math.max(0, lines.length - rows);
  const below = rows > 1 ? 1 : 0;
  const top = cursor === undefined ? 0 : Math.min(over, Math.max(0, cursor.row + 1 + below - rows));
  const seen = lines.slice(top, top + rows);
  const filled = [...seen, ...Array.from({ length: rows - seen.length }, () => '')];
  if (cursor === undefined || cursor.row - top >= rows) return { lines: filled };
  return { lines: filled, cursor: { row: cursor.row - top, column: cursor.column } };
}

/** No line wider than `columns`, whatever is in it. */
export function clipped(block: Block, columns: number): Block {
  return { ...block, lines: block.lines.map((line) => clippedLine(line, columns)) };
}

/** A line without its SGR sequences. */
export function plainLine(line: string): string {
  return line.replace(SGR, '');
}

const SGR = /\x1b\[[\d;]*m/g;

function clippedLine(line: string, columns: number): string {
  if (columnsOf(plainLine(line)) <= columns) return line;
  let cut = '';
  let width = 0;
  for (const [piece] of line.matchAll(/\x1b\[[\d;]*m|[\s\S]/gu)) {
    const more = piece.length > 2 ? 0 : columnsOf(piece);
    if (width + more > columns) break;
    cut += piece;
    width += more;
  }
  return `${cut}\x1b[0m`;
}

const EMPTY: Block = { lines: [] };
const BLANK: Block = { lines: [''] };
