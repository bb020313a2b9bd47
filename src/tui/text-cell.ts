/**
 * Text from outside in a table. Terminals agree about the width of most characters, but not of spacing marks, emoji sequences
 * and what needs shaping; in a cell with another one behind it those are spelled out, so that columns stay columns.
 */
import { cutText, inertText, type TextStyle } from '../terminal/inert-text.ts';
import { columnsOf } from '../terminal/line-editor-columns.ts';

/** Exactly `columns` wide on every terminal: cut or padded. */
export function cell(text: string, columns: number, style: TextStyle): string {
  if (PLAIN.test(text) && text.length <= columns) return text.padEnd(columns);
  const drawn = cutText(spelledOut(inertText(text, style)), columns, style);
  return drawn + ' '.repeat(Math.max(0, columns - columnsOf(drawn)));
}

/** At most `columns` wide, whatever the terminal thinks; for the end of a row, where nothing can be pushed aside. */
export function lastCell(text: string, columns: number, style: TextStyle): string {
  if (PLAIN.test(text) && text.length <= columns) return text;
  const drawn = inertText(text, style);
  const doubts = [...drawn.matchAll(DOUBTFUL)].length;
  return columnsOf(drawn) + doubts <= columns ? drawn : cutText(spelledOut(drawn), columns, style);
}

/** The same text, every character of which is as wide as `columnsOf` says. */
export function spelledOut(text: string): string {
  return text.replace(DOUBTFUL, (character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    return `<U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}

const PLAIN = /^[\x20-\x7e]*$/;
/** Spacing marks, skin tones, regional indicators, Jamo to be put together, and signs that some terminals draw as emoji. */
const DOUBTFUL =
  /[\p{Mc}\p{Emoji_Modifier}\p{Regional_Indicator}\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]|(?!\p{Emoji_Presentation})\p{Extended_Pictographic}/gu;
