/**
 * Pairing a phone, on one screen: the QR code, the key to type, what to do with them, and the field for the code. Where room
 * is short, what can be done without goes first; key and field stay.
 */
import { inertText } from '../../terminal/inert-text.ts';
import { layOutQr } from '../../terminal/qr-screen.ts';
import type { Size } from '../../terminal/qr-style.ts';
import { keyLines } from '../../terminal/typed-key.ts';
import { wrapText } from '../../terminal/wrap-text.ts';
import { type Block, indented, lowered, spaced, stack, text } from './block.ts';
import { openFieldRow } from './field-block.ts';
import type { FormLook } from './form-look.ts';
import type { FormView, Pairing } from './form-view.ts';
import { noticeBlock, paragraph } from './notice-block.ts';

export function pairingBlock(view: FormView, pairing: Pairing, room: Size, look: FormLook): Block {
  const wordsIn = (columns: number): Block =>
    words(view, pairing, { columns: Math.min(columns, MOST_WORD_COLUMNS), rows: room.rows }, look);
  if (pairing.picture === 'blanked') return placed(wordsIn(room.columns), MOST_WORD_COLUMNS, room);
  const drawn = layOutQr({
    codes: pairing.codes,
    setting: look.qr,
    capabilities: look.capabilities,
    polarity: pairing.polarity,
    room,
    words: (columns) => wordsIn(columns).lines,
  });
  const { row, column, columns } = drawn.wordsAt;
  const { cursor } = wordsIn(columns);
  const block: Block =
    cursor === undefined
      ? text(drawn.lines)
      : { lines: drawn.lines, cursor: { row: row + cursor.row, column: column + cursor.column } };
  return placed(block, column + Math.min(columns, MOST_WORD_COLUMNS), room);
}

/** Beside a picture, longer lines are hard to find back to. */
const MOST_WORD_COLUMNS = 56;

/** In the middle of what room there is. */
function placed(block: Block, columns: number, room: Size): Block {
  const above = Math.max(0, Math.min(Math.floor(room.rows / 6), Math.floor((room.rows - block.lines.length) / 2)));
  return lowered(indented(block, Math.max(0, Math.floor((room.columns - columns) / 2))), above);
}

/** As much as `rows` hold. */
function words(view: FormView, pairing: Pairing, { columns, rows }: Size, look: FormLook): Block {
  const { theme, capabilities } = look;
  const { pair } = pairing;
  const steps = (): Block =>
    pairing.picture === 'blanked'
      ? text(paragraph('The QR code and the key are hidden. Press F6 to show them again.', columns, look))
      : stack([
          text(step('1', 'Install Google Authenticator or another TOTP app.', columns)),
          text(step('2', 'Scan the picture with it, or type this key:', columns)),
          text(keyLines(pair.key, columns - 3).map((line) => `   ${theme.paint('strong', line)}`)),
        ]);
  const shortSteps = (): Block =>
    pairing.picture === 'blanked'
      ? text(['F6 shows the key.'])
      : text(['Key:', ...keyLines(pair.key, columns).map((line) => theme.paint('strong', line))]);
  const account = text([
    ...wrapText(`Account: ${inertText(pair.user, capabilities)}`, columns),
    ...wrapText(`System: ${inertText(pair.label, capabilities)}`, columns),
  ]);
  const title = text([theme.paint('strong', 'Pair your phone')]);
  const typed = stack([text(step('3', 'Type the code that the app shows:', columns)), field(view, columns, look)]);
  const notices = noticeBlock(view.notices, columns, look);
  const candidates = [
    spaced([title, steps(), typed, notices, account]),
    stack([title, steps(), typed, notices, account]),
    stack([title, steps(), typed, notices]),
    stack([steps(), field(view, columns, look), notices]),
    stack([shortSteps(), field(view, columns, look), notices]),
  ];
  return candidates.find((block) => block.lines.length <= rows) ?? candidates.at(-1) ?? text([]);
}

function field(view: FormView, columns: number, look: FormLook): Block {
  if (view.open.kind === 'field') return openFieldRow(view.open, columns, look);
  return text([view.open.kind === 'waiting' && view.open.pace === 'slow' ? 'One moment ...' : '']);
}

function step(number: string, what: string, columns: number): readonly string[] {
  return wrapText(what, columns - 3).map((line, row) => `${row === 0 ? `${number}.` : '  '} ${line}`);
}
