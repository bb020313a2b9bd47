/**
 * Characters that a terminal draws edge to edge (blocks, box lines, braille dots) as rectangles of a unit cell, so that a
 * picture of a screen has neither a font's gaps nor its missing glyphs.
 */

/** In units of the cell: x and width of its width, y and height of its height. `opacity` for the shades. */
export type Rectangle = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly opacity?: number;
};

/** Undefined for characters that a font draws. */
export function rectanglesOf(character: string): readonly Rectangle[] | undefined {
  const code = character.codePointAt(0) ?? 0;
  if ([...character].length !== 1) return undefined;
  if (code >= 0x2580 && code <= 0x259f) return blockOf(code);
  if (code >= 0x2500 && code <= 0x257f) return linesOf(code);
  if (code >= 0x2800 && code <= 0x28ff) return dotsOf(code - 0x2800);
  return undefined;
}

const box = (x: number, y: number, width: number, height: number): Rectangle => ({ x, y, width, height });

function blockOf(code: number): readonly Rectangle[] {
  if (code === 0x2580) return [box(0, 0, 1, 0.5)];
  if (code <= 0x2588) return [box(0, 1 - (code - 0x2580) / 8, 1, (code - 0x2580) / 8)];
  if (code <= 0x258f) return [box(0, 0, (0x2590 - code) / 8, 1)];
  if (code === 0x2590) return [box(0.5, 0, 0.5, 1)];
  if (code <= 0x2593) return [{ ...box(0, 0, 1, 1), opacity: (code - 0x2590) / 4 }];
  if (code === 0x2594) return [box(0, 0, 1, 1 / 8)];
  if (code === 0x2595) return [box(7 / 8, 0, 1 / 8, 1)];
  const quadrants = QUADRANTS[code - 0x2596] ?? [];
  return quadrants.map((quadrant) => box((quadrant % 2) / 2, Math.floor(quadrant / 2) / 2, 0.5, 0.5));
}

/** U+2596 to U+259F; 0 upper left, 1 upper right, 2 lower left, 3 lower right. */
const QUADRANTS: readonly (readonly number[])[] = [
  [2],
  [3],
  [0],
  [0, 2, 3],
  [0, 3],
  [0, 1, 2],
  [0, 1, 3],
  [1],
  [1, 2],
  [1, 2, 3],
];

/** U+2500 to U+257F: arms up, right, down, left; 0 none, 1 light, 2 heavy, 3 double. Dashes and arcs are drawn plain. */
const ARMS = `
0101 0202 1010 2020 0101 0202 1010 2020 0101 0202 1010 2020
0110 0210 0120 0220 0011 0012 0021 0022 1100 1200 2100 2200 1001 1002 2001 2002
1110 1210 2110 1120 2120 2210 1220 2220 1011 1012 2011 1021 2021 2012 1022 2022
0111 0112 0211 0212 0121 0122 0221 0222 1101 1102 1201 1202 2101 2102 2201 2202
1111 1112 1211 1212 2111 1121 2121 2112 2211 1122 1221 2212 1222 2122 2221 2222
0101 0202 1010 2020 0303 3030 0310 0130 0330 0013 0031 0033 1300 3100 3300 1003 3001 3003
1310 3130 3330 1013 3031 3033 0313 0131 0333 1303 3101 3303 1313 3131 3333
0110 0011 1001 1100 0000 0000 0000 0001 1000 0100 0010 0002 2000 0200 0020 0201 1020 0102 2010`
  .trim()
  .split(/\s+/);

const THICK = [0, 0.1, 0.2, 0.1] as const;
/** A cell is twice as high as wide. */
const ASPECT = 0.5;

function linesOf(code: number): readonly Rectangle[] | undefined {
  const arms = ARMS[code - 0x2500];
  if (arms === undefined || arms === '0000') return undefined;
  return [...arms].flatMap((weight, side) => armOf(side, Number(weight)));
}

function armOf(side: number, weight: number): readonly Rectangle[] {
  if (weight === 0) return [];
  const thick = THICK[weight] ?? 0;
  const offsets = weight === 3 ? [-0.15, 0.15] : [0];
  // Each arm goes a little past the middle, so that corners close.
  const over = weight === 3 ? 0.15 + thick / 2 : thick / 2;
  return offsets.map((offset) => {
    switch (side) {
      case 0:
        return box(0.5 + offset - thick / 2, 0, thick, 0.5 + over * ASPECT);
      case 1:
        return box(0.5 - over, 0.5 + (offset - thick / 2) * ASPECT, 0.5 + over, thick * ASPECT);
      case 2:
        return box(0.5 + offset - thick / 2, 0.5 - over * ASPECT, thick, 0.5 + over * ASPECT);
      default:
        return box(0, 0.5 + (offset - thick / 2) * ASPECT, 0.5 + over, thick * ASPECT);
    }
  });
}

/** Bit n of a braille pattern: its column and row. */
const DOTS = [
  [0, 0],
  [0, 1],
  [0, 2],
  [1, 0],
  [1, 1],
  [1, 2],
  [0, 3],
  [1, 3],
] as const;

function dotsOf(bits: number): readonly Rectangle[] {
  return DOTS.filter((_, bit) => (bits >> bit) & 1).map(([column, row]) =>
    box(0.15 + 0.5 * column, 0.06 + 0.25 * row, 0.24, 0.12),
  );
}
