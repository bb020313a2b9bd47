/** The letter's layout: everything on one A4 page, smaller type where long names or steps need it. */
import { Fault } from '../core/errors.ts';
import { isDark, type QrMatrix } from '../terminal/qr-matrix.ts';
import { keyLines } from '../terminal/typed-key.ts';
import { isAllPrintable, printable } from './letter-font.ts';
import { type Face, type LetterPage, newLetter, type Rectangle } from './letter-page.ts';
import { LETTER_CLOSING, LETTER_INTRODUCTION, LETTER_STEPS, UNDRAWABLE_NOTE } from './letter-words.ts';
import type { QrLetter } from './qr-letter.ts';

export async function drawLetter(letter: QrLetter, matrix: QrMatrix): Promise<Uint8Array> {
  for (const scale of SCALES) {
    const { document, page } = await newLetter('Two-factor letter');
    const lowest = drawOn(page, letter, matrix, scale);
    if (lowest >= MARGIN) return document.save();
  }
  throw new Fault('bad-data', 'The letter does not fit on one page.', { hint: 'Shorten its instructions.' });
}

/** Millimetres in points. */
const MM = 72 / 25.4;
const MARGIN = 20 * MM;
/** Of the type; the QR code keeps its size, for it is scanned. */
const SCALES = [1, 0.9, 0.8, 0.7, 0.6];
/** Side of the printed code with its quiet zone. A module is then about a millimetre wide. */
const QR_SIDE = 64 * MM;
/** ISO/IEC 18004 §9.1. */
const QUIET_ZONE = 4;
const LEADING = 1.35;
/** Four groups of the key a line. */
const KEY_COLUMNS = 19;

/** Returns how far down it got, in points from the lower edge. */
function drawOn(page: LetterPage, letter: QrLetter, matrix: QrMatrix, scale: number): number {
  const right = page.width - MARGIN;
  const label = printable(letter.label);
  const user = printable(letter.user);
  let y = page.height - MARGIN;

  /** A paragraph below what is there; `x` and `to` are its left and right edges. */
  const paragraph = (text: string, face: Face, size: number, x = MARGIN, to = right): void => {
    for (const line of page.wrap(text, to - x, face, size * scale)) {
      y -= size * scale * LEADING;
      page.write({ text: line, face, size: size * scale, x, baseline: y });
    }
  };
  const gap = (points: number): void => {
    y -= points * scale;
  };

  if (letter.date !== undefined) {
    const date = printable(letter.date);
    page.write({
      text: date,
      face: 'regular',
      size: 10 * scale,
      x: right - page.widthOf(date, 'regular', 10 * scale),
      baseline: y,
    });
  }
  gap(10);
  paragraph(
    `Two-factor log-on for ${label}`,
    'bold',
    fittingSize(page, `Two-factor log-on for ${label}`, right - MARGIN),
  );
  gap(4);
  paragraph(`User: ${user}`, 'regular', 12);
  gap(12);
  paragraph(LETTER_INTRODUCTION, 'regular', 11);
  gap(8);
  for (const [index, step] of (letter.instructions ?? LETTER_STEPS).entries()) {
    gap(5);
    page.write({
      text: `${index + 1}.`,
      face: 'bold',
      size: 11 * scale,
      x: MARGIN,
      baseline: y - 11 * scale * LEADING,
    });
    paragraph(printable(step), 'regular', 11, MARGIN + 20);
  }

  gap(18);
  const qrTop = y;
  page.fillRectangles(moduleRectangles(matrix, { left: MARGIN, top: qrTop, side: QR_SIDE }));
  const besideQr = MARGIN + QR_SIDE + 8 * MM;
  gap(10);
  paragraph('Account name', 'bold', 10, besideQr);
  paragraph(user, 'regular', 11, besideQr);
  gap(6);
  paragraph('System', 'bold', 10, besideQr);
  paragraph(label, 'regular', 11, besideQr);
  gap(6);
  paragraph('Key to type, if you cannot scan', 'bold', 10, besideQr);
  gap(3);
  for (const line of keyLines(printable(letter.key), KEY_COLUMNS)) paragraph(line, 'fixed', 14, besideQr);
  gap(3);
  paragraph('Spaces and capitals do not matter. Time-based, 6 digits.', 'regular', 9, besideQr);
  y = Math.min(y, qrTop - QR_SIDE);

  gap(14);
  page.rule(y, MARGIN, right);
  for (const { heading, text } of LETTER_CLOSING) {
    gap(5);
    paragraph(heading, 'bold', 10.5);
    paragraph(text, 'regular', 10.5);
  }
  if (![letter.label, letter.user, ...(letter.instructions ?? [])].every(isAllPrintable)) {
    gap(8);
    paragraph(UNDRAWABLE_NOTE, 'regular', 8.5);
  }
  return y;
}

/** One line in large type, else two lines as large as may be. */
function fittingSize(page: LetterPage, title: string, width: number): number {
  const linesAt = (size: number): number => page.wrap(title, width, 'bold', size).length;
  return [20, 18, 16].find((size) => linesAt(size) === 1) ?? [18, 16, 14, 12].find((size) => linesAt(size) <= 2) ?? 10;
}

/** The dark modules, runs of a row joined, in a square with the quiet zone around them. */
export function moduleRectangles(
  matrix: QrMatrix,
  square: { readonly left: number; readonly top: number; readonly side: number },
): readonly Rectangle[] {
  const module = square.side / (matrix.size + 2 * QUIET_ZONE);
  const rectangles: Rectangle[] = [];
  for (let row = 0; row < matrix.size; row++) {
    for (let column = 0; column < matrix.size; column++) {
      if (!isDark(matrix, row, column)) continue;
      const first = column;
      while (isDark(matrix, row, column + 1)) column++;
      rectangles.push({
        x: square.left + (first + QUIET_ZONE) * module,
        y: square.top - (row + QUIET_ZONE + 1) * module,
        width: (column + 1 - first) * module,
        height: module,
      });
    }
  }
  return rectangles;
}
