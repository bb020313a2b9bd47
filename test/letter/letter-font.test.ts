import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { asWideAs, glyphName, isAllPrintable, LATIN_LETTERS, printable, runsOf } from '../../src/letter/letter-font.ts';
import fc from '../support/properties.ts';

/** Adobe's own measures of the standard fonts, as pdf-lib carries them. */
type Metrics = { load(name: string): { readonly CharMetrics: readonly { readonly N: string; readonly WX: number }[] } };
const { Font } = createRequire(createRequire(import.meta.url).resolve('pdf-lib'))('@pdf-lib/standard-fonts') as {
  readonly Font: Metrics;
};

/** Half of them where the letters are; lone surrogates too. */
const ANY_CHARACTER = fc
  .oneof(fc.integer({ min: 0, max: 0x180 }), fc.integer({ min: 0, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code));

describe('what the letter can print', () => {
  it.each(['Helvetica', 'Helvetica-Bold', 'Courier-Bold'])('has a glyph of every further letter in %s', (name) => {
    const widths = new Map(Font.load(name).CharMetrics.map(({ N, WX }) => [N, WX]));
    expect(LATIN_LETTERS.filter((letter) => !widths.has(glyphName(letter)))).toEqual([]);
    const tooNarrow = LATIN_LETTERS.filter(
      (letter) => (widths.get(glyphName(letter)) ?? 0) > (widths.get(asWideAs(letter)) ?? 0) + 25,
    );
    expect(tooNarrow).toEqual([]);
  });

  it('prints names of Western, Central and Baltic Europe, Turkey and Aotearoa as they are', () => {
    for (const name of [
      'Zoë Müller',
      'Łukasz Żółć',
      'Dvořák ďábel',
      'Őrsi Ű',
      'Şule Iğdır',
      'Ģirts Ķēniņš',
      'Ngā Māhanga',
      'Đặc'.normalize('NFD').slice(0, 1),
    ]) {
      expect(printable(name)).toBe(name);
      expect(isAllPrintable(name)).toBe(true);
    }
    expect(printable('Zoe\u0308')).toBe('Zoë');
  });

  it('spells out what it cannot print, and what nobody can see', () => {
    expect(printable('病人')).toBe('<U+75C5><U+4EBA>');
    expect(printable('Мария')).toMatch(/^(<U\+04[0-9A-F]{2}>){5}$/);
    expect(printable('🏥')).toBe('<U+1F3E5>');
    expect(printable('a\u202eb\u001b[31m\u0000')).toBe('a<U+202E>b<U+001B>[31m<U+0000>');
    expect(printable('a\nb\u00adc')).toBe('a<U+000A>b<U+00AD>c');
    expect(isAllPrintable('病人')).toBe(false);
  });

  it('cuts any text into runs that together are the text, each of one encoding', () => {
    fc.assert(
      fc.property(fc.string({ unit: ANY_CHARACTER }), (text) => {
        const runs = runsOf(printable(text));
        expect(runs.map((run) => run.text).join('')).toBe(printable(text));
        for (const run of runs) {
          if (run.kind === 'latin')
            expect([...run.bytes].map((byte) => LATIN_LETTERS[byte - 128]).join('')).toBe(run.text);
          else expect([...run.text].filter((character) => LATIN_LETTERS.includes(character))).toEqual([]);
        }
      }),
    );
  });
});
