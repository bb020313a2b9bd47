/** A part of more lines than there is room for. PURE. */
import type { Action } from '../keymap.ts';
import type { Look } from '../look.ts';

export type Scrolling = {
  /** Index of the first line in sight. */
  readonly top: number;
  /** Lines that there is room for. */
  readonly rows: number;
};

/** Where a list of `length` lines is scrolled to after an action. */
export function scrolled({ top, rows }: Scrolling, action: Action, length: number): number {
  return Math.max(0, Math.min(top + stepOf(action, rows), length - rows));
}

/** `rows` of the lines, with a word about what is above and below. Only what is in sight is `drawn`. */
export function scrolledLines(
  lines: readonly string[],
  from: Scrolling & { readonly look: Look; readonly drawn: (line: string) => string },
): readonly string[] {
  const { top, rows, look, drawn } = from;
  if (lines.length <= rows) return lines.map(drawn);
  const shown = lines.slice(top, top + rows - 1).map(drawn);
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
