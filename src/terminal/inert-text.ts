/** Names, labels and notices as a screen may show them: inert, in the characters of the locale, no wider than their place. */
import { inert } from '../core/visible-text.ts';
import type { TerminalCapabilities } from './capabilities.ts';
import { columnsOf } from './line-editor-columns.ts';

export type TextStyle = Pick<TerminalCapabilities, 'unicode'>;

/** Inert, and 7-bit where the locale is not UTF-8. */
export function inertText(text: string, { unicode }: TextStyle): string {
  const shown = inert(text);
  return unicode ? shown : shown.replace(/[^\x20-\x7e]/gu, spelledOut);
}

/** At most `columns` wide, cut with a mark. `text` is inert already. */
export function cutText(text: string, columns: number, { unicode }: TextStyle): string {
  if (columnsOf(text) <= columns) return text;
  let cut = '';
  let width = 0;
  for (const character of text) {
    const more = columnsOf(character);
    if (width + more > columns - 1) break;
    cut += character;
    width += more;
  }
  return columns < 1 ? '' : `${cut}${unicode ? '…' : '~'}`;
}

function spelledOut(character: string): string {
  return `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;
}
