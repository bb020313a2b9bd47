/** Text for a plain screen: inert, line by line, and 7-bit where the locale is not UTF-8. */
import { inert } from '../../core/visible-text.ts';
import type { TerminalCapabilities } from '../../terminal/capabilities.ts';

export type PlainText = (text: string) => string;

export function plainText(capabilities: Pick<TerminalCapabilities, 'unicode'>): PlainText {
  return capabilities.unicode ? inert : (text) => inert(text).replace(/[^\x20-\x7e]/gu, spelledOut);
}

function spelledOut(character: string): string {
  return `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;
}
