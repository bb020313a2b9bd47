import fc from 'fast-check';
import { ScureBase32Plugin } from 'otplib';
import { describe, expect, it } from 'vitest';
import { encodeBase32 } from '../../src/core/base32.ts';

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
