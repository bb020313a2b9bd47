/**
 * The form as the lines of a screen. Pure, so that the first frame, which is painted before Ink is loaded, and Ink's own
 * frames are the same to the last cell. The last column stays empty: not every terminal waits with its line break there.
 */
import { secondsLeftInStep } from '../../core/time-step.ts';
import { cutText, inertText } from '../../terminal/inert-text.ts';
import { columnsOf } from '../../terminal/line-editor-columns.ts';
import type { Size } from '../../terminal/qr-style.ts';
import { type Block, clipped, indented, lowered, spaced, stack, text, windowOf } from './block.ts';
import { choiceBlock } from './choice-block.ts';
import { fieldBlock } from './field-block.ts';
import { FORM_KEYS } from './form-keys.ts';
import type { FormLook } from './form-look.ts';
import type { FormView } from './form-view.ts';
import { helpBlock } from './help-block.ts';
import { noticeBlock, paragraph } from './notice-block.ts';
import { pairingBlock } from './pairing-block.ts';
import { recoveryBlock } from './recovery-block.ts';

/** Smaller ones get what fits, and a word about it. */
export const COMFORTABLE_SIZE: Size = { columns: 40, rows: 12 };

/** Exactly `size.rows` lines, none wider than `size.columns` - 1. */
export function formLines(view: FormView, size: Size, look: FormLook): Block {
  const columns = Math.max(1, size.columns - 1);
  const bodyRows = Math.max(1, size.rows - 2);
  const title = size.rows >= 3 ? [titleLine(view, columns, look)] : [];
  const hints = size.rows >= 2 ? [hintLine(view, size, look)] : [];
  const body = windowOf(bodyBlock(view, { columns, rows: bodyRows }, look), bodyRows);
  const screen = clipped(stack([text(title), body, text(hints)]), columns);
  if (screen.cursor === undefined) return screen;
  return { ...screen, cursor: { row: screen.cursor.row, column: Math.min(screen.cursor.column, columns) } };
}

/** Undefined where no code is asked. */
export function secondsLeftFor(view: FormView, epochMs: number): number | undefined {
  return view.open.kind === 'field' && view.open.purpose === 'code' ? secondsLeftInStep(epochMs) : undefined;
}

function bodyBlock(view: FormView, room: Size, look: FormLook): Block {
  if (view.help === 'shown') return placed(helpBlock(textColumns(room), look), room, 'top');
  if (view.pairing !== undefined) return pairingBlock(view, view.pairing, room, look);
  return placed(questionBlock(view, textColumns(room), look), room, 'middle');
}

function questionBlock(view: FormView, columns: number, look: FormLook): Block {
  const { open, notices, recoveryCodes } = view;
  const said = noticeBlock(notices, columns, look);
  switch (open.kind) {
    case 'choice': {
      const codes = recoveryCodes === undefined ? text([]) : recoveryBlock(recoveryCodes, columns, look);
      return spaced([said, codes, choiceBlock(open, columns, look)]);
    }
    case 'over':
      return spaced([said, text(waitWords(view, columns, look)), text(['Press Enter.'])]);
    case 'waiting':
      return spaced([fieldBlock(view, columns, look), text(open.pace === 'slow' ? ['One moment ...'] : [])]);
    case 'field': {
      const advice = open.purpose === 'code' ? paragraph(CODE_ADVICE, columns, look) : [];
      return spaced([fieldBlock(view, columns, look), said, text(advice)]);
    }
  }
}

const CODE_ADVICE =
  'The six digits that the app on your phone shows now. Without your phone: a recovery code, or a one-time code from an administrator.';

function waitWords(view: FormView, columns: number, look: FormLook): readonly string[] {
  if (view.open.kind !== 'over' || view.open.done.outcome === 'granted') return [];
  const { retryAfterSeconds } = view.open.done;
  return retryAfterSeconds ? paragraph(`You can try again in ${retryAfterSeconds} seconds.`, columns, look) : [];
}

const MOST_TEXT_COLUMNS = 68;

function isComfortable({ columns, rows }: Size): boolean {
  return columns + 1 >= COMFORTABLE_SIZE.columns && rows + 2 >= COMFORTABLE_SIZE.rows;
}

function textColumns(room: Size): number {
  return isComfortable(room) ? Math.min(MOST_TEXT_COLUMNS, room.columns - 4) : room.columns;
}

/** In the middle of the width; always at the same height, so that fields do not jump when something is said below them. */
function placed(block: Block, room: Size, where: 'top' | 'middle'): Block {
  if (!isComfortable(room)) return block;
  const left = Math.floor((room.columns - textColumns(room)) / 2);
  const wanted = where === 'top' ? 1 : Math.floor(room.rows / 6);
  const above = Math.max(0, Math.min(wanted, room.rows - block.lines.length));
  return lowered(indented(block, left), above);
}

function titleLine(view: FormView, columns: number, { theme, capabilities }: FormLook): string {
  const label = cutText(inertText(view.label ?? 'Gatehouse', capabilities), columns, capabilities);
  const left = Math.floor((columns - columnsOf(label)) / 2);
  const right = Math.max(0, columns - left - columnsOf(label));
  return theme.paint('title', ' '.repeat(left) + label + ' '.repeat(right));
}

function hintLine(view: FormView, size: Size, { theme, capabilities }: FormLook): string {
  const columns = size.columns - 1;
  const small = size.columns < COMFORTABLE_SIZE.columns || size.rows < COMFORTABLE_SIZE.rows;
  const warning = small ? cutText('Window too small', columns, capabilities) : '';
  let line = theme.paint('warning', warning);
  let width = warning.length;
  for (const { key, hint } of FORM_KEYS) {
    const words = hint({ view, colour: capabilities.colour });
    if (words === undefined) continue;
    const gap = width === 0 ? 1 : 3;
    if (width + gap + key.length + 1 + words.length > columns) break;
    line += `${' '.repeat(gap)}${theme.paint('key', key)} ${words}`;
    width += gap + key.length + 1 + words.length;
  }
  return line;
}
