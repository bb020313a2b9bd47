import { describe, expect, it } from 'vitest';
import { keyUri } from '../../src/core/key-uri.ts';
import { qrPng, qrSvg } from '../../src/letter/qr-image.ts';
import { decodeByAll, pixelsOfPng, pixelsOfSvg, readAs } from '../support/qr-decoders.ts';

const secret = Uint8Array.from({ length: 20 }, (_, index) => (index * 77 + 3) % 256);
const uris = [
  { label: 'QGH', user: 'alice' },
  { label: 'Codectomy St Elsewhere LIVE', user: 'alice' },
  { label: 'x'.repeat(64), user: 'y'.repeat(64) },
  { label: 'Spitäler & Söhne? 100 % #1', user: 'Zoë Müller' },
].map((account) => keyUri({ ...account, secret }));

describe('a QR code as an image', () => {
  it('decodes to the exact URI as a PNG', async () => {
    for (const uri of uris) expect(await decodeByAll(pixelsOfPng(await qrPng(uri)))).toEqual(readAs(uri));
  });

  it('decodes to the exact URI as an SVG, at any size', async () => {
    for (const uri of uris) {
      const svg = await qrSvg(uri);
      for (const width of [300, 451, 600]) expect(await decodeByAll(pixelsOfSvg(svg, width))).toEqual(readAs(uri));
    }
  });

  it('has the scale and the quiet zone that were asked for', async () => {
    const uri = uris[0] ?? '';
    const { width } = pixelsOfPng(await qrPng(uri, { scale: 1, quiet: 0 }));
    expect(pixelsOfPng(await qrPng(uri, { scale: 3, quiet: 2 })).width).toBe(3 * (width + 4));
    expect(pixelsOfPng(await qrPng(uri)).width).toBe(8 * (width + 8));
  });

  it('says the secret nowhere in clear text', async () => {
    const uri = uris[1] ?? '';
    const key = new URL(uri).searchParams.get('secret') ?? '';
    expect(key).toHaveLength(32);
    expect(await qrSvg(uri)).not.toContain(key);
    expect(Buffer.from(await qrPng(uri)).includes(key)).toBe(false);
  });
});
