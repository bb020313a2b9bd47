/** A dialogue's text in its frame: paragraphs, then a list that can be scrolled, then what is asked. PURE. */
import { cutText, inertText } from '../../terminal/inert-text.ts';
import { wrapText } from '../../terminal/wrap-text.ts';
import type { Body } from '../dialogue.ts';
import type { Look } from '../look.ts';
import type { Size } from '../panel.ts';
import { spelledOut } from '../text-cell.ts';
import { boxLines, dialogueColumns, FRAME_ROWS } from './box-lines.ts';
import { scrolledLines } from './scroll.ts';

export type DialogueTone = 'plain' | 'warning';

export type DialogueText = {
  readonly title: string;
  readonly tone: DialogueTone;
  readonly body: Body;
  readonly top: number;
  /** `secret`: the list is what it is all about, a code or a password. */
  readonly secret?: 'secret';
  /** Lines below, painted already, at most `columns` wide. */
  readonly foot: readonly string[];
};

export type DrawnDialogue = {
  readonly lines: readonly string[];
  /** For scrolling. */
  readonly listRows: number;
};

export function drawDialogue(text: DialogueText, room: Size, look: Look): DrawnDialogue {
  const columns = dialogueColumns(room);
  const style = look.capabilities;
  const plain = (from: string): string => spelledOut(inertText(from, style));
  const paint = (line: string): string => (text.tone === 'warning' ? look.theme.paint('strong', line) : line);
  const wrapped = text.body.paragraphs.flatMap((paragraph, index) => [
    ...(index === 0 ? [] : ['']),
    ...wrapText(plain(paragraph), columns).map(index === 0 ? paint : (line) => line),
  ]);
  const list = text.body.list ?? [];
  // A rehearsal may name 100,000 users: only those in sight are drawn.
  const drawn = (from: string): string => {
    const shown = cutText(plain(from), columns, style);
    return text.secret === undefined ? shown : look.theme.paint('strong', shown);
  };
  const foot = text.foot.length === 0 ? [] : ['', ...text.foot];
  const gap = list.length === 0 ? [] : [''];
  // What is asked is never out of sight: in a small window the words before it are cut.
  const spare = room.rows - FRAME_ROWS - foot.length - gap.length;
  const above = cutLines(wrapped, spare - Math.min(LEAST_LIST, list.length), look.theme.glyphs.more);
  const listRows = Math.max(1, spare - above.length);
  const lines = [...above, ...gap, ...scrolledLines(list, { top: text.top, rows: listRows, look, drawn }), ...foot];
  return {
    lines: boxLines({ title: cutText(plain(text.title), columns - 2, style), lines, columns, room, look }),
    listRows,
  };
}

const LEAST_LIST = 4;

function cutLines(lines: readonly string[], rows: number, more: string): readonly string[] {
  return lines.length <= rows ? lines : [...lines.slice(0, Math.max(0, rows - 1)), more];
}
