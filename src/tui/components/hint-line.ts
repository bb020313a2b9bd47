/** The last row: the keys that count now; a message or what is being done takes its place. PURE. */
import { cutText, inertText } from '../../terminal/inert-text.ts';
import type { Hint } from '../keymap-text.ts';
import type { Look } from '../look.ts';
import { spelledOut } from '../text-cell.ts';

export function messageLine(text: string, columns: number, look: Look): string {
  const shown = cutText(spelledOut(inertText(text, look.capabilities)), columns - 1, look.capabilities);
  return ` ${look.theme.paint('strong', shown)}`;
}

/** As many hints as fit; the one for help always does. */
export function hintLine(hints: readonly Hint[], columns: number, look: Look): string {
  const help = hints.filter((hint) => hint.text === 'Help').slice(0, 1);
  const others = hints.filter((hint) => hint.text !== 'Help');
  let room = columns - 1 - help.reduce((sum, hint) => sum + widthOf(hint), 0);
  const fitting: Hint[] = [];
  for (const hint of others) {
    if (widthOf(hint) > room) continue;
    room -= widthOf(hint);
    fitting.push(hint);
  }
  return ` ${[...fitting, ...help].map(({ keys, text }) => `${look.theme.paint('key', keys)} ${text}`).join('  ')}`;
}

function widthOf({ keys, text }: Hint): number {
  return keys.length + text.length + 3;
}
