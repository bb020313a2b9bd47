/** A part of more lines than there is room for. PURE. */
import type { Action } from '../keymap.ts';
import type { Look } from '../look.ts';

/** Where a list is scrolled to after an action; `rows` and `length` as it was last drawn. */
export function scrolled(top: number, action: Action, rows: number, length: number): number {
  return Math.max(0, Math.min(top + stepOf(action, rows), length - rows));
}

/** `rows` of the lines, with a word about what is above and below. */
export function scrolledLines(lines: readonly string[], top: number, rows: number, look: Look): readonly string[] {
  if (lines.length <= rows) return lines;
  const shown = lines.slice(top, top + rows - 1);
  const { up, down } = look.theme.glyphs;
  const last = top + shown.length;
  const where = `${top > 0 ? up : ' '}${last < lines.length ? down : ' '} ${top + 1}-${last} of ${lines.length}`;
  return [...shown, look.theme.paint('muted', where)];
}

function stepOf(action: Action, rows: number): number {
  switch (action) {
    case 'up':
      return -1;
    case 'down':
      return 1;
    case 'page-up':
      return -(rows - 1);
    case 'page-down':
      return rows - 1;
    default:
      return 0;
  }
}
