/** The fields of the form: what was answered, and the one where the cursor is. */
import { FIELD_LABELS } from '../../core/login/wording.ts';
import { PERIOD_SECONDS } from '../../core/time-step.ts';
import { fieldText } from '../../terminal/credentials-field-text.ts';
import { inertText } from '../../terminal/inert-text.ts';
import { columnsOf } from '../../terminal/line-editor-columns.ts';
import { wrapText } from '../../terminal/wrap-text.ts';
import { type Block, stack, text } from './block.ts';
import type { FormLook } from './form-look.ts';
import type { AnsweredField, FormView, OpenQuestion } from './form-view.ts';

type OpenField = Extract<OpenQuestion, { kind: 'field' }>;

export function fieldBlock(view: FormView, columns: number, look: FormLook): Block {
  const { open, answered } = view;
  const rows: Block[] = answered.map((field) => fieldRow({ field, columns, look, at: 'answered' }));
  if (open.kind === 'field') rows.push(openFieldRow(open, columns, look));
  // The password is always asked next: the form shows what is to come.
  if (open.kind === 'field' && open.label === FIELD_LABELS.username) {
    rows.push(text([look.theme.paint('muted', `  ${FIELD_LABELS.password}`)]));
  }
  return stack(rows);
}

/** The open field with the time that its code has left, where it is a code. */
export function openFieldRow(open: OpenField, columns: number, look: FormLook): Block {
  const row = fieldRow({ field: open, columns, look, at: 'cursor' });
  if (open.purpose !== 'code' || look.secondsLeft === undefined) return row;
  const [line = '', ...more] = row.lines;
  const left = timeLeft(look.secondsLeft, columns - widthOf(open, columns) - 1, look);
  return left === '' ? row : { ...row, lines: [`${line} ${left}`, ...more] };
}

function fieldRow(from: {
  readonly field: AnsweredField | OpenField;
  readonly columns: number;
  readonly look: FormLook;
  readonly at: 'cursor' | 'answered';
}): Block {
  const { field, columns, look, at } = from;
  const { theme, capabilities } = look;
  const label = labelText(field.label, columns, capabilities);
  const marker = at === 'cursor' ? theme.glyphs.pointer : ' ';
  const before = `${marker} ${at === 'cursor' ? theme.paint('strong', label) : label} `;
  const room = Math.max(2, widthOf(field, columns) - columnsOf(label) - 3);
  const { text: drawn, cursor } = fieldText({ shown: field.shown, columns: room, theme, style: capabilities });
  if (at === 'answered') return text([before + plain(field, room, look)]);
  return { lines: [before + drawn], cursor: { row: 0, column: columnsOf(label) + 3 + cursor } };
}

/** What was answered needs no field around it. */
function plain(field: AnsweredField | OpenField, columns: number, look: FormLook): string {
  const { theme, capabilities } = look;
  const { shown } = field;
  if (shown.secret) return theme.glyphs.mask.repeat(Math.min(shown.length, columns));
  return wrapText(inertText(shown.text, capabilities), columns)[0] ?? '';
}

/** Columns of marker, label and field together. */
function widthOf(field: AnsweredField | OpenField, columns: number): number {
  const label = columnsOf(labelText(field.label, columns, { unicode: true }));
  const room = 'purpose' in field && field.purpose === 'code' ? CODE_COLUMNS : FIELD_COLUMNS;
  return Math.min(columns, label + 3 + room);
}

function labelText(label: string, columns: number, style: { readonly unicode: boolean }): string {
  const inert = inertText(label, style);
  return columns >= ALIGNED_COLUMNS ? inert.padEnd(LABEL_COLUMNS) : inert;
}

/** `New password again`, the longest. */
const LABEL_COLUMNS = 18;
/** Narrower than that, labels are not aligned. */
const ALIGNED_COLUMNS = 50;
const FIELD_COLUMNS = 40;
/** A recovery code and its dash. */
const CODE_COLUMNS = 12;
const GAUGE_CELLS = 10;

function timeLeft(seconds: number, columns: number, { theme }: FormLook): string {
  const words = `${String(seconds).padStart(2)} s left`;
  if (columns < words.length) return '';
  if (columns < words.length + GAUGE_CELLS + 2) return words;
  const full = Math.ceil((seconds * GAUGE_CELLS) / PERIOD_SECONDS);
  const gauge = theme.glyphs.full.repeat(full) + theme.glyphs.empty.repeat(GAUGE_CELLS - full);
  return `${theme.paint('bar', gauge)} ${words}`;
}
