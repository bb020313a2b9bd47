/** What a PDF page holds, read off its content streams: the rectangles it fills and the strings it shows. */
import { inflateSync } from 'node:zlib';
import { decodePDFRawStream, PDFArray, PDFDocument, type PDFObject, PDFRawStream } from 'pdf-lib';
import { LATIN_FIRST_CODE, LATIN_LETTERS } from '../../src/letter/letter-font.ts';

export type PdfPage = {
  readonly width: number;
  readonly height: number;
  /** x, y, width, height in points from the lower left corner. */
  readonly rectangles: readonly (readonly [number, number, number, number])[];
  readonly texts: readonly string[];
};

/** The only page of a PDF file; throws where there are more. */
export async function onlyPageOf(pdf: Uint8Array): Promise<PdfPage> {
  const document = await PDFDocument.load(pdf, { updateMetadata: false });
  const [page, ...others] = document.getPages();
  if (page === undefined || others.length > 0) throw new Error('not exactly one page');
  const contents = page.node.Contents();
  const streams: readonly (PDFObject | undefined)[] =
    contents instanceof PDFArray ? contents.asArray().map((part) => document.context.lookup(part)) : [contents];
  const code = streams
    .map((stream) =>
      stream instanceof PDFRawStream ? Buffer.from(decodePDFRawStream(stream).decode()).toString('latin1') : '',
    )
    .join('\n');
  return {
    width: page.getWidth(),
    height: page.getHeight(),
    rectangles: [...code.matchAll(/^([\d.-]+) ([\d.-]+) ([\d.-]+) ([\d.-]+) re$/gm)].map(
      ([, x, y, width, height]) => [Number(x), Number(y), Number(width), Number(height)] as const,
    ),
    texts: [...code.matchAll(/\/(\S+) [\d.]+ Tf[\s\S]*?<([0-9A-Fa-f]*)> Tj/g)].map(([, font = '', hex = '']) =>
      textOf(font, Buffer.from(hex, 'hex')),
    ),
  };
}

/** Every stream of the file inflated, and the file itself: where a word might hide. */
export function everythingIn(pdf: Uint8Array): string {
  const file = Buffer.from(pdf).toString('latin1');
  const streams = [...file.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)].map(([, body = '']) => {
    try {
      return inflateSync(Buffer.from(body, 'latin1')).toString('latin1');
    } catch {
      return '';
    }
  });
  return [file, ...streams].join('\n');
}

function textOf(font: string, bytes: Uint8Array): string {
  if (font.includes('Latin')) return [...bytes].map((byte) => LATIN_LETTERS[byte - LATIN_FIRST_CODE]).join('');
  return new TextDecoder('windows-1252').decode(bytes);
}
