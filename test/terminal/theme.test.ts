import { describe, expect, it } from 'vitest';
import { COLOURED, type Sgr, type Tone, themeOf } from '../../src/terminal/theme.ts';
import { THEMES, type Theme } from '../support/terminal-picture.ts';

const tones = Object.entries(COLOURED) as readonly (readonly [Tone, Sgr])[];

describe.each(Object.entries(THEMES))('on the palette %s', (_, palette) => {
  it.each(tones.filter(([tone]) => tone !== 'bar'))('%s can be read', (_tone, { on }) => {
    const { foreground, background } = coloursOf(on, palette);
    // WCAG 2.2 §1.4.3: 3 to 1 for text that is large or bold; ours stand beside a mark or word that says the same.
    expect(contrast(foreground, background)).toBeGreaterThanOrEqual(3);
  });
});

it('has no colour where there is none', () => {
  const { paint } = themeOf({ colour: 'none', unicode: true });
  for (const [tone] of tones) {
    const parameters = [...paint(tone, 'x').matchAll(/\x1b\[([\d;]*)m/g)].flatMap(([, list = '']) => list.split(';'));
    for (const parameter of parameters) expect(Number(parameter)).toBeLessThan(30);
  }
});

it('ends a tone without ending the one around it', () => {
  const { paint } = themeOf({ colour: '16', unicode: true });
  expect(paint('selected', `a${paint('error', 'b')}c`)).toBe('\x1b[7ma\x1b[1;91mb\x1b[22;39mc\x1b[27m');
});

it('has glyphs of one column each, 7-bit where the locale is', () => {
  for (const glyph of Object.values(themeOf({ colour: 'none', unicode: false }).glyphs)) {
    expect(glyph).toMatch(/^[\x20-\x7e]$/);
  }
  for (const glyph of Object.values(themeOf({ colour: 'none', unicode: true }).glyphs)) {
    expect([...glyph]).toHaveLength(1);
  }
});

function coloursOf(on: string, palette: Theme): { readonly foreground: string; readonly background: string } {
  let { foreground, background } = palette;
  for (const parameter of on.split(';').map(Number)) {
    if (parameter >= 30 && parameter < 38) foreground = palette.palette[parameter - 30] ?? '';
    if (parameter >= 90 && parameter < 98) foreground = palette.palette[parameter - 82] ?? '';
    if (parameter >= 40 && parameter < 48) background = palette.palette[parameter - 40] ?? '';
  }
  return { foreground, background };
}

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
