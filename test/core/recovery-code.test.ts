import { describe, expect, it } from 'vitest';
import { drawCharacters } from '../../src/core/draw-characters.ts';
import { Fault } from '../../src/core/errors.ts';
import { systemRandom } from '../../src/core/node/random.ts';
import { classifyCode, generateOneTimeCode, generateRecoveryCodes } from '../../src/core/recovery-code.ts';
import fc from '../support/properties.ts';

/** Mostly what looks like a code, now and then anything that can be typed or sent. */
const typedText = fc.string({
  unit: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...'0123456789 ') },
    { weight: 2, arbitrary: fc.constantFrom(...'aZoIl-+\t\n\0') },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point)) },
  ),
  maxLength: 20,
});

describe('classifyCode', () => {
  it.each([
    ['123456', { kind: 'totp', code: '123456' }],
    ['123 456', { kind: 'totp', code: '123456' }],
    ['ABCDE-FGHJK', { kind: 'recovery', code: 'ABCDEFGHJK' }],
    ['abcde fghjk', { kind: 'recovery', code: 'ABCDEFGHJK' }],
    ['  ab-cdefg hjk ', { kind: 'recovery', code: 'ABCDEFGHJK' }],
    ['OIL0U-1VVVV', { kind: 'recovery', code: '0110V1VVVV' }],
    ['AB2D-EF3H', { kind: 'one-time', code: 'AB2DEF3H' }],
    ['12345678', { kind: 'one-time', code: '12345678' }],
  ])('knows %j', (typed, expected) => {
    expect(classifyCode(typed)).toEqual(expected);
  });

  it.each([
    '',
    ' ',
    '-',
    '12345',
    '1234567',
    '123-456',
    'ABCDE',
    'ABCDE-FGHJK-X',
    'ÄBCDE-FGHJK',
    'ABCDE_FGHJK',
    '123456\n',
  ])('takes %j for no code at all', (typed) => {
    expect(classifyCode(typed)).toEqual({ kind: 'malformed' });
  });

  it('is done at once with 10 KB and with any other text', () => {
    expect(classifyCode('1'.repeat(10_240))).toEqual({ kind: 'malformed' });
    expect(classifyCode(`${'-'.repeat(10_240)}ABCDEFGHJK`)).toEqual({ kind: 'malformed' });
    fc.assert(
      fc.property(typedText, (typed) => {
        const known = classifyCode(typed);
        if (known.kind !== 'malformed') expect(known.code).toMatch(/^[0-9A-Z]{6}$|^[0-9A-Z]{8}$|^[0-9A-Z]{10}$/);
      }),
    );
  });
});

describe('generated codes', () => {
  it('are ten different recovery codes of 50 bits each that are known again when typed', () => {
    const codes = generateRecoveryCodes(systemRandom);
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) {
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
      expect(classifyCode(code)).toEqual({ kind: 'recovery', code: code.replace('-', '') });
      expect(classifyCode(code.toLowerCase())).toEqual(classifyCode(code));
    }
  });

  it('are one-time codes of 40 bits that are known again when typed', () => {
    const code = generateOneTimeCode(systemRandom);
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(classifyCode(code)).toEqual({ kind: 'one-time', code: code.replace('-', '') });
  });
});

describe('drawCharacters', () => {
  it('makes every character of any alphabet equally likely', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 94 }), (size) => {
        const alphabet = String.fromCharCode(...Array.from({ length: size }, (_, index) => 33 + index));
        // Every byte once: the fair ones give every character as often as any other.
        const everyByte = { bytes: (count: number) => new Uint8Array(count).map((_, index) => index % 256) };
        const fair = 256 - (256 % size);
        const drawn = drawCharacters(everyByte, alphabet, fair);
        const counts = [...alphabet].map((character) => drawn.split(character).length - 1);
        expect(new Set(counts)).toEqual(new Set([fair / size]));
      }),
    );
  });

  it('says so, instead of running for ever, when the random numbers are stuck', () => {
    const stuck = { bytes: (count: number) => new Uint8Array(count).fill(255) };
    expect(() => drawCharacters(stuck, 'abc', 4)).toThrow(Fault);
  });
});
