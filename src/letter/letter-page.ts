/** A PDF page one writes on from the top: wrapped text in points, filled rectangles. Coordinates are PDF's, from below. */
import {
  beginText,
  endText,
  fill,
  grayscale,
  PageSizes,
  PDFDocument,
  type PDFFont,
  PDFHexString,
  type PDFName,
  type PDFPage,
  popGraphicsState,
  pushGraphicsState,
  rectangle,
  StandardFonts,
  setFillingGrayscaleColor,
  setFontAndSize,
  setTextMatrix,
  showText,
} from 'pdf-lib';
import { asWideAs, glyphName, LATIN_FIRST_CODE, LATIN_LETTERS, runsOf } from './letter-font.ts';

export type Face = 'regular' | 'bold' | 'fixed';

export type Text = {
  readonly text: string;
  readonly face: Face;
  /** Points. */
  readonly size: number;
  readonly x: number;
};

export type LetterPage = {
  readonly width: number;
  readonly height: number;
  /** Lines of printable text that are at most `width` points wide. */
  wrap(text: string, width: number, face: Face, size: number): readonly string[];
  widthOf(text: string, face: Face, size: number): number;
  /** `baseline`: points from the lower edge. */
  write(text: Text & { readonly baseline: number }): void;
  /** Black rectangles as one shape, so that no seam shows where two of them touch. */
  fillRectangles(rectangles: readonly Rectangle[]): void;
  rule(baseline: number, from: number, to: number): void;
};

export type Rectangle = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** A document with one empty A4 page. No date and no random id goes into it. */
export async function newLetter(title: string): Promise<{ readonly document: PDFDocument; readonly page: LetterPage }> {
  const document = await PDFDocument.create({ updateMetadata: false });
  document.setTitle(title, { showInWindowTitleBar: true });
  document.setProducer('Gatehouse');
  document.setCreator('Gatehouse');
  document.setLanguage('en');
  const page = document.addPage(PageSizes.A4);
  const faces: Readonly<Record<Face, FaceFonts>> = {
    regular: await addFace(document, page, StandardFonts.Helvetica),
    bold: await addFace(document, page, StandardFonts.HelveticaBold),
    fixed: await addFace(document, page, StandardFonts.CourierBold),
  };
  return { document, page: letterPage(page, faces) };
}

/** One face: its Windows-1252 font, and the name in the page's resources of its font of further Latin letters. */
type FaceFonts = { readonly font: PDFFont; readonly latin: PDFName };

async function addFace(document: PDFDocument, page: PDFPage, name: StandardFonts): Promise<FaceFonts> {
  const font = await document.embedFont(name);
  const latin = document.context.obj({
    Type: 'Font',
    Subtype: 'Type1',
    BaseFont: name,
    FirstChar: LATIN_FIRST_CODE,
    LastChar: LATIN_FIRST_CODE + LATIN_LETTERS.length - 1,
    Widths: LATIN_LETTERS.map((letter) => font.widthOfTextAtSize(asWideAs(letter), 1000)),
    Encoding: {
      Type: 'Encoding',
      BaseEncoding: 'WinAnsiEncoding',
      Differences: [LATIN_FIRST_CODE, ...LATIN_LETTERS.map(glyphName)],
    },
  });
  return { font, latin: page.node.newFontDictionary(`${name}-Latin`, document.context.register(latin)) };
}

function letterPage(page: PDFPage, faces: Readonly<Record<Face, FaceFonts>>): LetterPage {
  // Character by character: pdf-lib measures with kerning, and draws without.
  const widthOf = (text: string, face: Face, size: number): number =>
    [...text].reduce((sum, character) => sum + faces[face].font.widthOfTextAtSize(asWideAs(character), size), 0);

  return {
    width: page.getWidth(),
    height: page.getHeight(),
    widthOf,
    wrap: (text, width, face, size) => wrapBy(text, (line) => widthOf(line, face, size) <= width),
    write({ text, face, size, x, baseline }) {
      let at = x;
      for (const run of runsOf(text)) {
        if (run.kind === 'latin') {
          page.pushOperators(
            pushGraphicsState(),
            setFillingGrayscaleColor(0),
            beginText(),
            setFontAndSize(faces[face].latin, size),
            setTextMatrix(1, 0, 0, 1, at, baseline),
            showText(PDFHexString.of(Buffer.from(run.bytes).toString('hex'))),
            endText(),
            popGraphicsState(),
          );
        } else {
          page.drawText(run.text, { x: at, y: baseline, size, font: faces[face].font, color: grayscale(0) });
        }
        at += widthOf(run.text, face, size);
      }
    },
    fillRectangles(rectangles) {
      page.pushOperators(
        pushGraphicsState(),
        setFillingGrayscaleColor(0),
        ...rectangles.map(({ x, y, width, height }) => rectangle(x, y, width, height)),
        fill(),
        popGraphicsState(),
      );
    },
    rule(baseline, from, to) {
      page.drawLine({
        start: { x: from, y: baseline },
        end: { x: to, y: baseline },
        thickness: 0.6,
        color: grayscale(0.5),
      });
    },
  };
}

function wrapBy(text: string, fits: (line: string) => boolean): readonly string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    const joined = current === '' ? word : `${current} ${word}`;
    if (fits(joined)) {
      current = joined;
      continue;
    }
    if (current !== '') lines.push(current);
    current = '';
    for (const character of word) {
      if (current !== '' && !fits(current + character)) {
        lines.push(current);
        current = '';
      }
      current += character;
    }
  }
  return [...lines, current];
}
