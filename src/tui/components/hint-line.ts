/** The last row: the keys that count now; a message or what is being done takes its place. PURE. */
import { cutText, inertText } from '../../terminal/inert-text.ts';
import type { Hint } from '../keymap-text.ts';
import type { Look } from '../look.ts';
import { spelledOut } from '../text-cell.ts';

export function messageLine(text: string, columns: number, look: Look): string {
  const shown = cutText(spelledOut(inertText(text, look.capabilities)), columns - 1, look.capabilities);
  return ` ${look.theme.paint('strong', shown)}`;
}

/** As many hints as fit, in their order. The way back and to the other screens, and the help, always stand at the end. */
export function hintLine(hints: readonly Hint[], columns: number, look: Look): string {
  const kept = KEPT.flatMap((text) => hints.filter((hint) => hint.text === text).slice(0, 1));
  let room = columns - 1 - kept.reduce((sum, hint) => sum + widthOf(hint), 0);
  const fitting: Hint[] = [];
  for (const hint of hints) {
    if (KEPT.includes(hint.text) || widthOf(hint) > room) continue;
    room -= widthOf(hint);
    fitting.push(hint);
  }
  return ` ${[...fitting, ...kept].map(({ keys, text }) => `${look.theme.paint('key', keys)} ${text}`).join('  ')}`;
}

const KEPT = ['Screens', 'Back', 'Help'];

function widthOf({ keys, text }: Hint): number {
  return keys.length + text.length + 3;
}
