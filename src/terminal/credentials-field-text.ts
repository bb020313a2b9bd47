/**
 * A credentials field as a piece of a screen's row: masked where it is secret, inert where it is not, its end always in sight.
 * Its room is drawn with underscores, not with an attribute: those are there on every terminal.
 */
import type { FieldShown } from './credentials-field.ts';
import { inertText, type TextStyle } from './inert-text.ts';
import { columnsOf } from './line-editor-columns.ts';
import type { Theme } from './theme.ts';

export type FieldText = {
  /** `columns` wide, with SGR sequences. */
  readonly text: string;
  /** Where the next character goes, counted from the field's first column. */
  readonly cursor: number;
};

export function fieldText(from: {
  readonly shown: FieldShown;
  readonly columns: number;
  readonly theme: Theme;
  readonly style: TextStyle;
}): FieldText {
  const { shown, columns, theme, style } = from;
  const whole = shown.secret
    ? theme.glyphs.mask.repeat(Math.max(0, Math.min(shown.length, columns - 1)))
    : inertText(shown.text, style);
  const text = tail(whole, columns - 1, theme.glyphs.more);
  const cursor = columnsOf(text);
  const room = theme.glyphs.blank.repeat(Math.max(0, columns - cursor));
  return { text: text + theme.paint('muted', room), cursor };
}

/** The end of a text that is longer than its field, behind a mark. */
function tail(text: string, columns: number, more: string): string {
  if (columnsOf(text) <= columns) return text;
  let kept = '';
  let width = columnsOf(more);
  for (const character of [...text].reverse()) {
    width += columnsOf(character);
    if (width > columns) break;
    kept = character + kept;
  }
  return more + kept;
}
