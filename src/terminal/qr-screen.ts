/**
 * A QR code and the words that go with it, laid out for the room a window has: the words beside the picture, else below
 * it; where no picture fits, the words alone and a sentence. The words hold the typed key, so they are never dropped.
 */
import { inert } from '../core/visible-text.ts';
import type { TerminalCapabilities } from './capabilities.ts';
import type { QrCodes } from './qr-matrix.ts';
import { drawQr, polaritiesOf, type QrPolarity } from './qr-picture.ts';
import { chooseQrStyle, type NoPicture, type QrSetting, type QrStyle, type Size } from './qr-style.ts';
import { keyLines } from './typed-key.ts';
import { wrapText } from './wrap-text.ts';

export type QrScreen = {
  /** At most as many as the room has rows, unless the words alone are more; SGR is the only control sequence in them. */
  readonly lines: readonly string[];
  readonly style: QrStyle;
  /** More than one where a key should switch between them. Empty without a picture. */
  readonly polarities: readonly QrPolarity[];
  /** Where the words begin and how wide they were made: for a cursor among them. */
  readonly wordsAt: { readonly row: number; readonly column: number; readonly columns: number };
};

/** Words at a given width, each line within it. */
export type Words = (columns: number) => readonly string[];

export function layOutQr(from: {
  readonly codes: QrCodes;
  readonly setting: QrSetting;
  readonly capabilities: TerminalCapabilities;
  readonly polarity?: QrPolarity;
  /** What the window has left below a title and above a status line. */
  readonly room: Size;
  readonly words: Words;
}): QrScreen {
  const { codes, room, words } = from;
  const below = words(room.columns);
  const styleIn = (left: Size): QrStyle =>
    chooseQrStyle({ ...from, modules: { M: codes.M.size, L: codes.L.size }, room: left });
  const besideRoom = { columns: room.columns - WORDS_LEAST_COLUMNS - GAP, rows: room.rows };
  const belowRoom = { columns: room.columns, rows: room.rows - below.length - 1 };
  const beside = styleIn(besideRoom);
  const under = styleIn(belowRoom);

  if (under.kind === 'picture' && (beside.kind === 'key' || beside.quietZone < under.quietZone)) {
    const picture = drawQr(codes, under, from.polarity);
    const wordsAt = { row: picture.length + 1, column: 0, columns: room.columns };
    return { lines: [...picture, '', ...below], style: under, polarities: polaritiesOf(under), wordsAt };
  }
  if (beside.kind === 'picture') {
    const wordsAt = { row: 0, column: beside.columns + GAP, columns: room.columns - beside.columns - GAP };
    const picture = drawQr(codes, beside, from.polarity);
    const lines = joinColumns(picture, beside.columns, words(wordsAt.columns));
    return { lines, style: beside, polarities: polaritiesOf(beside), wordsAt };
  }
  const sentence = noPictureText(beside, besideRoom, under, belowRoom);
  const lines = sentence === '' ? below : [...below, '', ...wrapText(sentence, room.columns)];
  return { lines, style: beside, polarities: [], wordsAt: { row: 0, column: 0, columns: room.columns } };
}

/** What a person needs beside the picture: which account this is and the key to type. Names come out inert. */
export function pairingWords(pairing: { readonly label: string; readonly user: string; readonly key: string }): Words {
  return (columns) => [
    ...wrapText('Scan this with Google Authenticator or another TOTP app.', columns),
    '',
    ...wrapText('Or type this key into the app:', columns),
    ...keyLines(pairing.key, columns),
    '',
    ...wrapText(`Account: ${inert(pairing.user)}`, columns),
    ...wrapText(`System: ${inert(pairing.label)}`, columns),
  ];
}

/** Five groups of the typed key and the spaces between them. */
const WORDS_LEAST_COLUMNS = 24;
const GAP = 2;

function joinColumns(picture: readonly string[], pictureColumns: number, words: readonly string[]): readonly string[] {
  const blank = ' '.repeat(pictureColumns);
  return Array.from({ length: Math.max(picture.length, words.length) }, (_, row) => {
    const word = words[row] ?? '';
    return word === '' ? (picture[row] ?? '') : `${picture[row] ?? blank}${' '.repeat(GAP)}${word}`;
  });
}

function noPictureText(beside: NoPicture, besideRoom: Size, under: QrStyle, belowRoom: Size): string {
  switch (beside.why) {
    case 'setting':
      return '';
    case 'terminal':
      return 'This terminal cannot show a QR code.';
    case 'window': {
      const [least] = [missing(beside, besideRoom), missing(under, belowRoom)].sort(
        (one, other) => one.columns + one.rows - other.columns - other.rows,
      );
      return `The window is too small for the QR code: it needs ${countText(least)} more.`;
    }
  }
}

function missing(style: QrStyle, room: Size): Size {
  const needs = (style.kind === 'key' ? style.needs : undefined) ?? room;
  return { columns: Math.max(0, needs.columns - room.columns), rows: Math.max(0, needs.rows - room.rows) };
}

function countText(size: Size | undefined): string {
  const parts = [
    [size?.columns ?? 0, 'column'],
    [size?.rows ?? 0, 'row'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}${count === 1 ? '' : 's'}`)
    .join(' and ');
}
