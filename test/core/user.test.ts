import { describe, expect, it } from 'vitest';
import { nameKey, nameProblem, tidyName } from '../../src/core/user.ts';
import { inert, visibleProblem } from '../../src/core/visible-text.ts';
import fc from '../support/properties.ts';

describe('a user name', () => {
  it.each([
    ['case', 'Alice', 'aLICE'],
    ['NFC and NFD', 'Zo\u00eb', 'Zoe\u0308'],
    ['trailing space', 'alice', 'alice  '],
    ['full-width letters', 'alice', '\uff41lice'],
    ['inner spaces', 'mary smith', 'Mary   Smith'],
    ['sharp s', 'stra\u00dfe', 'STRASSE'],
    [
      'final sigma',
      '\u03bf\u03b4\u03c5\u03c3\u03c3\u03b5\u03c5\u03c2',
      '\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3',
    ],
  ])('is one user whatever its %s', (_, one, other) => {
    expect(nameKey(one)).toBe(nameKey(other));
  });

  it('has one key however often it is tidied', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (typed) => {
        expect(nameKey(nameKey(typed))).toBe(nameKey(typed));
        expect(nameKey(tidyName(typed))).toBe(nameKey(typed));
        expect(nameKey(typed.normalize('NFD'))).toBe(nameKey(typed.normalize('NFC')));
      }),
      { numRuns: 20_000, seed: 7 },
    );
  });

  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['a:b', 'colon'],
    ['-rf', 'unsafe'],
    ['\uff04(id)', 'unsafe'],
    ['x'.repeat(65), 'too-long'],
    ['a\u001b[31mb', 'invisible-character'],
    ['a\u202eb', 'invisible-character'],
    ['a\u200bb', 'invisible-character'],
    ['a\nb', 'invisible-character'],
  ])('%j is refused: %s', (typed, problem) => {
    expect(nameProblem(typed)).toBe(problem);
  });

  it.each(['alice', 'Mary Smith', 'o\u2019neill', '\u5f20\u4f1f', 'a@b.example', 'x'.repeat(64)])(
    '%j is taken',
    (typed) => {
      expect(nameProblem(typed)).toBeUndefined();
    },
  );
});

describe('text from outside', () => {
  it('cannot steer the terminal', () => {
    expect(inert('a\u001b]52;c;aGk=\u0007b')).toBe('a<U+001B>]52;c;aGk=<U+0007>b');
    expect(inert('\u009b31m')).toBe('<U+009B>31m');
    expect(inert('left\u202eright')).toBe('left<U+202E>right');
  });

  it('has nothing invisible left, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(visibleProblem(inert(text))).toBe(false);
      }),
      { numRuns: 20_000, seed: 7 },
    );
  });
});
