/** A frame around lines, in the middle of the room. PURE. */
import { columnsOf } from '../../terminal/line-editor-columns.ts';
import type { Look } from '../look.ts';
import type { Size } from '../panel.ts';

/** Columns that the frame takes of a line. */
export const FRAME_COLUMNS = 4;
export const FRAME_ROWS = 2;

/** How wide a dialogue's text is in this room. */
export function dialogueColumns(room: Size): number {
  return Math.max(20, Math.min(76, room.columns - FRAME_COLUMNS));
}

/** `lines` are at most `columns` wide each, SGR sequences aside; `title` is inert. */
export function boxLines(from: {
  readonly title: string;
  readonly lines: readonly string[];
  readonly columns: number;
  readonly room: Size;
  readonly look: Look;
}): readonly string[] {
  const { title, lines, columns, room, look } = from;
  const { theme, capabilities } = look;
  // Listened to, a frame is noise.
  if (capabilities.screenReader) return [title, ...lines];
  const { horizontal, vertical } = theme.glyphs;
  const [topLeft, topRight, bottomLeft, bottomRight] = capabilities.unicode ? '┌┐└┘' : '++++';
  const left = ' '.repeat(Math.max(0, Math.floor((room.columns - columns - FRAME_COLUMNS) / 2)));
  const head = `${horizontal} ${title} `;
  const rule = horizontal.repeat(Math.max(0, columns + 2 - columnsOf(head)));
  const body = lines.map(
    (line) => `${left}${vertical} ${line}${' '.repeat(Math.max(0, columns - visibleColumns(line)))} ${vertical}`,
  );
  const above = Math.max(0, Math.floor((room.rows - lines.length - FRAME_ROWS) / 3));
  return [
    ...Array.from({ length: above }, () => ''),
    `${left}${topLeft}${horizontal} ${theme.paint('strong', title)} ${rule}${topRight}`,
    ...body,
    `${left}${bottomLeft}${horizontal.repeat(columns + 2)}${bottomRight}`,
  ];
}

/** Without its SGR sequences. */
export function visibleColumns(line: string): number {
  return columnsOf(line.replace(/\x1b\[[\d;]*m/g, ''));
}
