/** Pixels as a PNG file with a palette: a picture of a terminal has few colours, and so a quarter of the bytes of a full one. */
import { crc32, deflateSync } from 'node:zlib';
import type { Pixels } from '../test/support/terminal-picture.ts';

/** Opaque; colours are told apart in as many bits as 256 of them allow. */
export function indexedPng({ width, height, rgba }: Pixels): Buffer {
  for (const mask of [0xff, 0xfc, 0xf8, 0xf0, 0xe0, 0xc0]) {
    const palette = new Map<number, number>();
    const rows = Buffer.alloc((width + 1) * height);
    for (let pixel = 0; pixel < width * height && palette.size <= 256; pixel += 1) {
      const colour = colourAt(rgba, pixel * 4, mask);
      const index = palette.get(colour) ?? palette.size;
      palette.set(colour, index);
      // A byte before each row names its filter: none.
      rows[Math.floor(pixel / width) + 1 + pixel] = index;
    }
    if (palette.size <= 256) return png({ width, height, palette: [...palette.keys()], rows });
  }
  throw new Error('64 colours are fewer than 256');
}

function colourAt(rgba: Uint8ClampedArray, at: number, mask: number): number {
  return (((rgba[at] ?? 0) & mask) << 16) | (((rgba[at + 1] ?? 0) & mask) << 8) | ((rgba[at + 2] ?? 0) & mask);
}

/** PNG (third edition) §11.2: IHDR, PLTE, IDAT, IEND; colour type 3, 8 bits an index. */
function png(from: {
  readonly width: number;
  readonly height: number;
  readonly palette: readonly number[];
  readonly rows: Buffer;
}): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(from.width, 0);
  header.writeUInt32BE(from.height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const palette = Buffer.from(from.palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(from.rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8 + body.length);
  frame.writeUInt32BE(data.length, 0);
  frame.set(body, 4);
  frame.writeUInt32BE(crc32(body), 4 + body.length);
  return frame;
}
