/**
 * Pairing a phone, on one screen: the QR code, the key to type, what to do with them, and the field for the code. Where room
 * is short, what can be done without goes first; key and field stay.
 */
import { inertText } from '../../terminal/inert-text.ts';
import { columnsOf } from '../../terminal/line-editor-columns.ts';
import { layOutQr } from '../../terminal/qr-screen.ts';
import type { Size } from '../../terminal/qr-style.ts';
import { keyLines } from '../../terminal/typed-key.ts';
import { wrapText } from '../../terminal/wrap-text.ts';
import { type Block, indented, lowered, plainLine, spaced, stack, text } from './block.ts';
import { openFieldRow } from './field-block.ts';
import type { FormLook } from './form-look.ts';
import type { FormView, Pairing } from './form-view.ts';
import { noticeBlock, paragraph } from './notice-block.ts';

export function pairingBlock(view: FormView, pairing: Pairing, room: Size, look: FormLook): Block {
  if (pairing.picture === 'blanked') return placed(words({ view, pairing, look, room, ways: 'none' }), room);
  const scanned = drawn({ view, pairing, look, room, ways: 'scan-or-type' });
  return scanned.picture === 'drawn' ? scanned.block : drawn({ view, pairing, look, room, ways: 'type' }).block;
}

type Drawing = {
  readonly view: FormView;
  readonly pairing: Pairing;
  readonly look: FormLook;
  readonly room: Size;
  /** How the key gets into the app. */
  readonly ways: 'scan-or-type' | 'type' | 'none';
};

function drawn(drawing: Drawing): { readonly block: Block; readonly picture: 'drawn' | 'no-room' } {
  const { pairing, look, room } = drawing;
  const wordsIn = (columns: number): Block => words({ ...drawing, room: { columns, rows: room.rows } });
  const screen = layOutQr({
    codes: pairing.codes,
    setting: look.qr,
    capabilities: look.capabilities,
    polarity: pairing.polarity,
    room,
    words: (columns) => wordsIn(columns).lines,
  });
  const { row, column, columns } = screen.wordsAt;
  const { cursor } = wordsIn(columns);
  const block: Block =
    cursor === undefined
      ? text(screen.lines)
      : { lines: screen.lines, cursor: { row: row + cursor.row, column: column + cursor.column } };
  return { block: placed(block, room), picture: screen.style.kind === 'picture' ? 'drawn' : 'no-room' };
}

/** Beside a picture, longer lines are hard to find back to. */
const MOST_WORD_COLUMNS = 56;

/** In the middle of what room there is. */
function placed(block: Block, room: Size): Block {
  const widest = Math.max(MOST_WORD_COLUMNS, ...block.lines.map((line) => columnsOf(plainLine(line))));
  const above = Math.max(0, Math.min(Math.floor(room.rows / 6), Math.floor((room.rows - block.lines.length) / 2)));
  return lowered(indented(block, Math.max(0, Math.floor((room.columns - widest) / 2))), above);
}

/** As much as the room's rows hold. */
function words({ view, pairing, look, room, ways }: Drawing): Block {
  const { theme, capabilities } = look;
  const { pair } = pairing;
  const columns = Math.min(room.columns, MOST_WORD_COLUMNS);
  const key = (indent: string): Block =>
    text(keyLines(pair.key, columns - indent.length).map((line) => indent + theme.paint('strong', line)));
  const hidden = text(paragraph('The QR code and the key are hidden. F6 shows them again.', columns, look));
  const steps = stack([
    text(step('1', 'Install Google Authenticator or another TOTP app.', columns)),
    text(step('2', WAYS[ways], columns)),
    key('   '),
  ]);
  const long = ways === 'none' ? hidden : steps;
  const short = ways === 'none' ? hidden : stack([text(['Key:']), key('')]);
  const account = text([
    ...wrapText(`Account: ${inertText(pair.user, capabilities)}`, columns),
    ...wrapText(`System: ${inertText(pair.label, capabilities)}`, columns),
  ]);
  const title = text([theme.paint('strong', 'Pair your phone')]);
  const typed = stack([text(step('3', 'Type the code that the app shows:', columns)), field(view, columns, look)]);
  const notices = noticeBlock(view.notices, columns, look);
  const candidates = [
    spaced([title, long, typed, notices, account]),
    stack([title, long, typed, notices, account]),
    stack([title, long, typed, notices]),
    stack([long, field(view, columns, look), notices]),
    stack([short, field(view, columns, look), notices]),
  ];
  return candidates.find((block) => block.lines.length <= room.rows) ?? candidates.at(-1) ?? text([]);
}

const WAYS: Readonly<Record<Drawing['ways'], string>> = {
  'scan-or-type': 'Scan the picture with it, or type this key:',
  type: 'Type this key into it:',
  none: '',
};

function field(view: FormView, columns: number, look: FormLook): Block {
  if (view.open.kind === 'field') return openFieldRow(view.open, columns, look);
  return text([view.open.kind === 'waiting' && view.open.pace === 'slow' ? 'One moment ...' : '']);
}

function step(number: string, what: string, columns: number): readonly string[] {
  return wrapText(what, columns - 3).map((line, row) => `${row === 0 ? `${number}.` : '  '} ${line}`);
}
