/** The first row: where one is, which system this is, and who is signed in. PURE. */
import type { Mode } from '../../core/config/model.ts';
import { cutText, inertText } from '../../terminal/inert-text.ts';
import { columnsOf } from '../../terminal/line-editor-columns.ts';
import type { SignedIn } from '../desk.ts';
import type { Look } from '../look.ts';
import { spelledOut } from '../text-cell.ts';

export function headerLine(from: {
  readonly title: string;
  readonly mode: Mode | undefined;
  readonly signedIn: SignedIn | undefined;
  readonly columns: number;
  readonly look: Look;
}): string {
  const { title, mode, signedIn, columns, look } = from;
  const style = look.capabilities;
  const left = ` Gatehouse ${look.theme.glyphs.separator} ${title} `;
  const who = signedIn === undefined ? '' : `${spelledOut(inertText(signedIn.name, style))} (${signedIn.role}) `;
  const room = Math.max(0, columns - columnsOf(left) - 2);
  const shownWho = cutText(who, Math.min(room, 30), style);
  const system = cutText(
    spelledOut(inertText(modeText(mode), style)),
    Math.max(0, room - columnsOf(shownWho) - 2),
    style,
  );
  const gap = Math.max(1, columns - columnsOf(left) - columnsOf(system) - 2 - columnsOf(shownWho));
  return look.theme.paint('title', `${left}${' '.repeat(gap)}${system}  ${shownWho}`);
}

/** Off and missing are said loudly (SPEC §2). */
export function modeText(mode: Mode | undefined): string {
  if (mode === undefined) return '2FA SETTING IS MISSING';
  switch (mode.kind) {
    case 'off':
      return '2FA IS OFF';
    case 'auto':
      return `${mode.label} (Auto)`;
    case 'central':
      return `${mode.label} (Central)`;
  }
}
