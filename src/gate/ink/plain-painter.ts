/** Paints a screen by plain writes: the frames before Ink is there, and all of them should it never come. */
import type { Block } from './block.ts';

export type PlainPainter = {
  /** Writes the lines that changed. */
  paint(block: Block): void;
  /** What is on the screen is not known any more. */
  forget(): void;
};

export function plainPainter(write: (text: string) => void): PlainPainter {
  let painted: readonly string[] = [];
  return {
    paint({ lines, cursor }) {
      const changed = lines.flatMap((line, row) =>
        line === painted[row] ? [] : [`${at(row, 0)}${line}${ERASE_REST}`],
      );
      painted = lines;
      write(HIDE_CURSOR + changed.join('') + (cursor === undefined ? '' : at(cursor.row, cursor.column) + SHOW_CURSOR));
    },
    forget() {
      painted = [];
    },
  };
}

/** CUP, ECMA-48 §8.3.21. */
function at(row: number, column: number): string {
  return `\x1b[${row + 1};${column + 1}H`;
}

const ERASE_REST = '\x1b[K';
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
