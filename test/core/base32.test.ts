import { ScureBase32Plugin } from 'otplib';
import { describe, expect, it } from 'vitest';
import { decodeBase32, encodeBase32 } from '../../src/core/base32.ts';
import fc from '../support/properties.ts';

describe('encodeBase32', () => {
  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('writes %j as RFC 4648 §10 does, without padding', (text, expected) => {
    expect(encodeBase32(new TextEncoder().encode(text))).toBe(expected);
  });

  it('is read back to the same bytes by another implementation', () => {
    const other = new ScureBase32Plugin();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect([...other.decode(encodeBase32(bytes))]).toEqual([...bytes]);
      }),
    );
  });
});

describe('decodeBase32', () => {
  const bytesOf = (text: string) => {
    const reading = decodeBase32(text);
    return reading.kind === 'bytes' ? new TextDecoder().decode(reading.bytes) : reading.why;
  };

  it.each([
    ['', ''],
    ['MY======', 'f'],
    ['MZXQ====', 'fo'],
    ['MZXW6===', 'foo'],
    ['MZXW6YQ=', 'foob'],
    ['MZXW6YTB', 'fooba'],
    ['MZXW6YTBOI======', 'foobar'],
    ['MZXW6YTBOI', 'foobar'],
    ['mzxw6ytboi', 'foobar'],
  ])('reads %j as RFC 4648 §10 does, with or without padding', (text, expected) => {
    expect(bytesOf(text)).toBe(expected);
  });

  it.each([
    ['a digit that looks like a letter', 'MZXW0YTB', 'character 5'],
    ['a blank', 'MZXW 6YTB', 'character 5'],
    ['another script', 'MZXW６YTB', 'character 5'],
    ['the dotless i, whose capital is I', 'MZXW6YTB\u0131', 'character 9'],
    ['a length that no bytes have', 'MZXW6Y', 'missing'],
    ['one character', 'M', 'missing'],
    ['bits left over', 'MZXW6YTBOJ', 'last character'],
    ['too little padding', 'MZXW6YTBOI=====', '='],
    ['too much padding', 'MZXW6YTB========', '='],
    ['padding inside', 'MY==MZXQ', 'end'],
    ['nothing but padding', '========', '='],
  ])('refuses %s', (_, text, why) => {
    const reading = decodeBase32(text);
    expect(reading).toEqual({ kind: 'not-base32', why: expect.stringContaining(why) });
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(decodeBase32(encodeBase32(bytes))).toEqual({ kind: 'bytes', bytes });
      }),
    );
  });

  it('takes any text without throwing, and reads no two spellings but small letters and padding as one secret', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567abcz=018 '), maxLength: 40 });
    let read = 0;
    fc.assert(
      fc.property(fc.oneof(letters, fc.string({ unit: 'binary' })), (text) => {
        const reading = decodeBase32(text);
        if (reading.kind !== 'bytes') return;
        read += 1;
        expect(encodeBase32(reading.bytes)).toBe(text.replace(/=+$/, '').toUpperCase());
      }),
      { numRuns: 1500 },
    );
    expect(read).toBeGreaterThan(10);
  });
});
