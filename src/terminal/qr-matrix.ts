/**
 * A key URI as the modules of a QR code (ISO/IEC 18004), made by `qrcode`, which mixes alphanumeric and byte segments and so
 * needs a version less than other encoders for a key URI. The URI holds the secret: a matrix is as secret as the key.
 */

/** Error correction: L mends 7 %, M 15 %, Q 25 %, H 30 % of the codewords. */
export type QrLevel = 'L' | 'M' | 'Q' | 'H';

export type QrMatrix = {
  /** Modules on a side: 21, 25 ... 177. */
  readonly size: number;
  readonly level: QrLevel;
  /** Row by row from the top, without a quiet zone; true is dark. */
  readonly rows: readonly (readonly boolean[])[];
};

/** The same text at the two levels a screen chooses between. */
export type QrCodes = { readonly M: QrMatrix; readonly L: QrMatrix };

/** Loads the encoder when first called. Throws where `text` is longer than a QR code holds (2,331 bytes at level M). */
export async function qrMatrix(text: string, level: QrLevel): Promise<QrMatrix> {
  const { default: qrcode } = await import('qrcode');
  const { size, data } = qrcode.create(text, { errorCorrectionLevel: level }).modules;
  const rows = Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) => data[row * size + column] === 1),
  );
  return { size, level, rows };
}

export async function qrCodes(text: string): Promise<QrCodes> {
  return { M: await qrMatrix(text, 'M'), L: await qrMatrix(text, 'L') };
}

/** True for a dark module; everything outside the matrix is light, so a quiet zone of any width comes by itself. */
export function isDark(matrix: QrMatrix, row: number, column: number): boolean {
  return matrix.rows[row]?.[column] ?? false;
}
