/**
 * Two decoders that share no code with each other or with the encoders: jsQR (JavaScript) and ZXing-C++ (WebAssembly). Neither
 * may turn colours round: a picture that only decodes inverted is a failure, for many phones don't try that.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import jsqr from 'jsqr';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import type { Pixels } from './terminal-picture.ts';

export type Decoder = { readonly name: string; readonly decode: (pixels: Pixels) => Promise<string | undefined> };

export const DECODERS: readonly Decoder[] = [
  { name: 'jsQR', decode: decodeByJsqr },
  { name: 'ZXing', decode: decodeByZxing },
];

/** What each decoder reads, by its name. */
export async function decodeByAll(pixels: Pixels): Promise<Readonly<Record<string, string | undefined>>> {
  return Object.fromEntries(
    await Promise.all(DECODERS.map(async ({ name, decode }) => [name, await decode(pixels)] as const)),
  );
}

/** What decodeByAll answers where every decoder reads `text`. */
export function readAs(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(DECODERS.map(({ name }) => [name, text]));
}

/** An SVG document as pixels on white paper. */
export function pixelsOfSvg(svg: string, width: number): Pixels {
  const image = new Resvg(svg, {
    background: '#ffffff',
    fitTo: { mode: 'width', value: width },
    font: { loadSystemFonts: false },
  }).render();
  return { width: image.width, height: image.height, rgba: new Uint8ClampedArray(image.pixels) };
}

/** A PNG file as pixels, by a PNG reader that is not the writer. */
export function pixelsOfPng(png: Uint8Array): Pixels {
  const file = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  const href = `data:image/png;base64,${file.toString('base64')}`;
  const image = `<image width="${width}" height="${height}" href="${href}" image-rendering="optimizeSpeed"/>`;
  return pixelsOfSvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${image}</svg>`,
    width,
  );
}

async function decodeByJsqr(pixels: Pixels): Promise<string | undefined> {
  return jsqr.default(pixels.rgba, pixels.width, pixels.height, { inversionAttempts: 'dontInvert' })?.data;
}

let zxing: Promise<unknown> | undefined;

async function decodeByZxing(pixels: Pixels): Promise<string | undefined> {
  zxing ??= loadZxing();
  await zxing;
  const image = { data: new Uint8ClampedArray(pixels.rgba), width: pixels.width, height: pixels.height };
  const results = await readBarcodes({ ...image, colorSpace: 'srgb' }, { formats: ['QRCode'], tryInvert: false });
  return results[0]?.text;
}

/** Out of the package: by itself it would ask a content network for its binary. */
async function loadZxing(): Promise<void> {
  const file = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
  const binary = await readFile(file);
  const wasmBinary = binary.buffer.slice(binary.byteOffset, binary.byteOffset + binary.byteLength) as ArrayBuffer;
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
}
