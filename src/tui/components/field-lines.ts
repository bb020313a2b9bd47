/** Fields of a form, a row each, and what is said about the one with the keyboard. PURE. */
import { fieldText } from '../../terminal/credentials-field-text.ts';
import { inertText } from '../../terminal/inert-text.ts';
import { wrapText } from '../../terminal/wrap-text.ts';
import type { FieldView } from '../field.ts';
import type { Look } from '../look.ts';
import { cell } from '../text-cell.ts';

/** `focus`: index of the field that has the keyboard. Each line is at most `columns` wide. */
export function fieldLines(
  fields: readonly FieldView[],
  { focus, columns, look }: { readonly focus: number; readonly columns: number; readonly look: Look },
): readonly string[] {
  const labels = Math.max(...fields.map((field) => field.label.length));
  const { pointer } = look.theme.glyphs;
  return fields.map((field, index) => {
    const focused = index === focus;
    const label = `${focused ? pointer : ' '} ${cell(field.label, labels, look.capabilities)}  `;
    return `${focused ? look.theme.paint('strong', label) : label}${shownText(field, focused, columns - labels - 4, look)}`;
  });
}

/** Problem and help of a field, wrapped. */
export function fieldRemarks(field: FieldView | undefined, columns: number, look: Look): readonly string[] {
  const said = [
    ...(field?.problem === undefined ? [] : [{ tone: 'error', text: field.problem } as const]),
    ...(field?.help === undefined ? [] : [{ tone: 'muted', text: field.help } as const]),
  ];
  return said.flatMap(({ tone, text }) =>
    wrapText(inertText(text, look.capabilities), columns).map((line) => look.theme.paint(tone, line)),
  );
}

/** The character after the last typed one stands reversed: where Ink hides the cursor, this is it. */
function shownText(field: FieldView, focused: boolean, columns: number, look: Look): string {
  const { shown } = field;
  const { theme, capabilities } = look;
  if ('choice' in shown) {
    const choice = inertText(shown.choice, capabilities);
    return focused ? `< ${theme.paint('selected', choice)} >` : `  ${choice}`;
  }
  if (!focused || capabilities.screenReader) return fieldText({ shown, columns, theme, style: capabilities }).text;
  const unpainted = { ...theme, paint: (_: unknown, text: string) => text };
  const { text, cursor } = fieldText({ shown, columns, theme: unpainted, style: capabilities });
  const room = columns - cursor;
  const blanks = theme.paint('muted', theme.glyphs.blank.repeat(room - 1));
  return `${text.slice(0, text.length - room)}${theme.paint('selected', ' ')}${blanks}`;
}
