/** The pictures are evidence in other tests, so they are tested themselves: pixel by pixel, where it can be said what must be there. */
import { describe, expect, it } from 'vitest';
import { rectanglesOf } from './terminal-glyphs.ts';
import { type PictureOptions, THEMES, terminalPixels, terminalShowing } from './terminal-picture.ts';

/** The colour at a place of a cell, as `#rrggbb`; across and down in shares of the cell. */
async function colourAt(
  bytes: string,
  place: { readonly column: number; readonly row?: number; readonly across?: number; readonly down?: number },
  options: PictureOptions = {},
): Promise<string> {
  const terminal = await terminalShowing(bytes, { columns: 10, rows: 3 });
  const { rgba, width } = terminalPixels(terminal, { ...options, columnPixels: 10 });
  const x = 10 + Math.floor((place.column + (place.across ?? 0.5)) * 10);
  const y = 10 + Math.floor(((place.row ?? 0) + (place.down ?? 0.5)) * 20);
  const at = 4 * (y * width + x);
  return `#${[...rgba.slice(at, at + 3)].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

describe('a picture of a terminal', () => {
  it('has the colours of the palette, the cube, the greys and the sixteen million', async () => {
    expect(await colourAt('\u001b[41m ', { column: 0 })).toBe(THEMES.dark.palette[1]);
    expect(await colourAt('\u001b[103m ', { column: 0 })).toBe(THEMES.dark.palette[11]);
    expect(await colourAt('\u001b[48;5;208m ', { column: 0 })).toBe('#ff8700');
    expect(await colourAt('\u001b[48;5;244m ', { column: 0 })).toBe('#808080');
    expect(await colourAt('\u001b[48;2;10;90;200m ', { column: 0 })).toBe('#0a5ac8');
  });

  it('takes background and foreground of the theme where nothing else is said', async () => {
    for (const theme of [THEMES.dark, THEMES.light]) {
      expect(await colourAt(' ', { column: 5 }, { theme })).toBe(theme.background);
      expect(await colourAt('█', { column: 0 }, { theme })).toBe(theme.foreground);
    }
  });

  it('turns reverse video round, with colours and without', async () => {
    expect(await colourAt('\u001b[7m ', { column: 0 })).toBe(THEMES.dark.foreground);
    expect(await colourAt('\u001b[7;31m ', { column: 0 })).toBe(THEMES.dark.palette[1]);
    expect(await colourAt('\u001b[7;44m█', { column: 0 })).toBe(THEMES.dark.palette[4]);
  });

  it('draws each half of a half block in its colour, up to its edges', async () => {
    const halves = '\u001b[38;5;16;48;5;231m▀▄';
    expect(await colourAt(halves, { column: 0, across: 0, down: 0 })).toBe('#000000');
    expect(await colourAt(halves, { column: 0, across: 0.95, down: 0.45 })).toBe('#000000');
    expect(await colourAt(halves, { column: 0, down: 0.55 })).toBe('#ffffff');
    expect(await colourAt(halves, { column: 1, down: 0.45 })).toBe('#ffffff');
    expect(await colourAt(halves, { column: 1, across: 0, down: 0.95 })).toBe('#000000');
  });

  it('shows no text that is hidden, and shows the cursor where asked', async () => {
    expect(await colourAt('\u001b[8m█', { column: 0 })).toBe(THEMES.dark.background);
    expect(await colourAt('ab', { column: 2 }, { cursor: 'block' })).toBe(THEMES.dark.foreground);
    expect(await colourAt('ab', { column: 2 })).toBe(THEMES.dark.background);
  });

  it('draws text with the font from the registry, bold thicker than regular', async () => {
    const inked = async (bytes: string): Promise<number> => {
      const { rgba } = terminalPixels(await terminalShowing(bytes, { columns: 10, rows: 3 }));
      return rgba.filter((value, index) => index % 4 === 0 && value > 100).length;
    };
    const regular = await inked('Gatehouse');
    expect(regular).toBeGreaterThan(100);
    expect(await inked('\u001b[1mGatehouse')).toBeGreaterThan(regular);
    expect(await inked('         ')).toBe(0);
  });

  it('joins box lines at the edges of cells', () => {
    const reaches = (character: string, side: 'left' | 'right' | 'top' | 'bottom'): boolean =>
      (rectanglesOf(character) ?? []).some(({ x, y, width, height }) => {
        const edges = { left: x === 0, top: y === 0, right: x + width >= 1, bottom: y + height >= 1 };
        return edges[side];
      });
    const sides = ['top', 'right', 'bottom', 'left'] as const;
    const shape = (character: string): string => sides.filter((side) => reaches(character, side)).join(' ');
    expect(['─', '│', '┌', '╯', '├', '╬', '┻', '╴'].map(shape)).toEqual([
      'right left',
      'top bottom',
      'right bottom',
      'top left',
      'top right bottom',
      'top right bottom left',
      'top right left',
      'left',
    ]);
  });
});
