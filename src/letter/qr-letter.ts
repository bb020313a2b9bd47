/**
 * The letter that brings a QR code to a user: one A4 page with the account, what to do, the code and the key to type. It
 * holds the secret in the clear, as a letter must: whoever reads it can make the user's codes. Nothing of it is kept here.
 */
import { qrMatrix } from '../terminal/qr-matrix.ts';

export type QrLetter = {
  readonly label: string;
  readonly user: string;
  /** The key URI that goes into the QR code. */
  readonly uri: string;
  /** The secret in base32, in groups of four. */
  readonly key: string;
  /** As it is to be printed. */
  readonly date?: string | undefined;
  /** The numbered steps; those of Gatehouse where left out. */
  readonly instructions?: readonly string[] | undefined;
};

/**
 * A PDF file of one page. Loads pdf-lib when first called. The same letter gives the same bytes. Throws a Fault `bad-data`
 * where instructions of one's own do not fit on the page.
 */
export async function qrLetterPdf(letter: QrLetter): Promise<Uint8Array> {
  const [{ drawLetter }, matrix] = await Promise.all([import('./draw-letter.ts'), qrMatrix(letter.uri, 'M')]);
  return drawLetter(letter, matrix);
}
