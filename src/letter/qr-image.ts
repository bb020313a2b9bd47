/** A key URI as an image file. It holds the secret: whoever gets the file can make the user's codes. */

/** PNG file: `scale` pixels a module (8), `quiet` light modules around it (4, as ISO/IEC 18004 wants), black on white. */
export async function qrPng(
  uri: string,
  { scale = 8, quiet = 4 }: { readonly scale?: number; readonly quiet?: number } = {},
): Promise<Uint8Array> {
  const { default: qrcode } = await import('qrcode');
  return qrcode.toBuffer(uri, { type: 'png', errorCorrectionLevel: 'M', scale, margin: quiet });
}

/** SVG document, one unit a module, quiet zone 4, black on white; it scales to what it is put into. */
export async function qrSvg(uri: string): Promise<string> {
  const { default: qrcode } = await import('qrcode');
  return qrcode.toString(uri, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 });
}
