/** Text for a plain screen, as one that the terminal was looked at for already. */
import { inertText, type TextStyle } from '../../terminal/inert-text.ts';

export type PlainText = (text: string) => string;

export function plainText(style: TextStyle): PlainText {
  return (text) => inertText(text, style);
}
