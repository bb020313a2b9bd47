import { ScureBase32Plugin } from 'otplib';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/core/errors.ts';
import { keyUri, typedKey } from '../../src/core/key-uri.ts';
import fc from '../support/properties.ts';

const SECRET = new TextEncoder().encode('12345678901234567890');
const BASE32 = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

type Parsed = { readonly label: string; readonly user: string; readonly issuer: string; readonly secret: string };

/** As an app does it that has a URL class. */
function parseByUrl(uri: string): Parsed {
  const url = new URL(uri);
  expect([url.protocol, url.host]).toEqual(['otpauth:', 'totp']);
  expect([...url.searchParams.keys()].sort()).toEqual(['issuer', 'secret']);
  const [label = '', user = ''] = url.pathname.slice(1).split(':').map(decodeURIComponent);
  return { label, user, issuer: url.searchParams.get('issuer') ?? '', secret: url.searchParams.get('secret') ?? '' };
}

/** As an app does it by hand: bytes, one at a time. */
function parseByHand(uri: string): Parsed {
  const prefix = 'otpauth://totp/';
  expect(uri.startsWith(prefix)).toBe(true);
  const questionMark = uri.indexOf('?');
  const colon = uri.indexOf(':', prefix.length);
  const fields = new Map<string, string>();
  for (const pair of uri.slice(questionMark + 1).split('&')) {
    const equals = pair.indexOf('=');
    fields.set(pair.slice(0, equals), unescapeBytes(pair.slice(equals + 1)));
  }
  expect(fields.size).toBe(2);
  return {
    label: unescapeBytes(uri.slice(prefix.length, colon)),
    user: unescapeBytes(uri.slice(colon + 1, questionMark)),
    issuer: fields.get('issuer') ?? '',
    secret: fields.get('secret') ?? '',
  };
}

function unescapeBytes(text: string): string {
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const escaped = text[index] === '%';
    bytes.push(escaped ? Number.parseInt(text.slice(index + 1, index + 3), 16) : text.charCodeAt(index));
    if (escaped) index += 2;
  }
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(new Uint8Array(bytes));
}

describe('keyUri', () => {
  it('is to the letter what SPEC §3 says', () => {
    expect(keyUri({ label: 'Codectomy St Elsewhere LIVE', user: 'alice', secret: SECRET })).toBe(
      `otpauth://totp/Codectomy%20St%20Elsewhere%20LIVE:alice?secret=${BASE32}&issuer=Codectomy%20St%20Elsewhere%20LIVE`,
    );
  });

  it('has one plain colon between label and user, whatever they are', () => {
    const uri = keyUri({ label: 'A & B? #1 100% + /x', user: 'søren@ward 3', secret: SECRET });
    expect(uri.slice('otpauth://'.length).split(':')).toHaveLength(2);
  });

  it.each([
    ['Ward & Lab', 'a&b=c'],
    ['What?', 'who?'],
    ['No #1', '#root'],
    ['100% LIVE', '%41lice'],
    ['A+B', 'a+b c'],
    ['North/South', '../alice'],
    ['.', '..'],
    ['Klinikum Münster', 'Зоя'],
    ['東京病院', '👩‍⚕️'],
    ["O'Hara (LIVE) *!", "o'hara"],
  ])('comes out of two independent parsers as it went in: %s, %s', (label, user) => {
    const uri = keyUri({ label, user, secret: SECRET });
    const expected = { label, user, issuer: label, secret: BASE32 };
    expect(parseByUrl(uri)).toEqual(expected);
    expect(parseByHand(uri)).toEqual(expected);
  });

  it('comes out as it went in for any text without a colon, and the secret never changes', () => {
    const texts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 64 }).filter((text) => !text.includes(':'));
    const secrets = fc.uint8Array({ minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(texts, texts, secrets, (label, user, secret) => {
        const uri = keyUri({ label, user, secret });
        expect(uri).toMatch(/^[\x21-\x7e]+$/);
        for (const parsed of [parseByUrl(uri), parseByHand(uri)]) {
          expect({ ...parsed, secret: undefined }).toEqual({ label, user, issuer: label, secret: undefined });
          expect([...new ScureBase32Plugin().decode(parsed.secret)]).toEqual([...secret]);
        }
      }),
    );
  });

  it.each([
    ['a colon in the label', 'St Elsewhere: LIVE', 'alice'],
    ['a colon in the user name', 'LIVE', 'a:b'],
    ['no label', '', 'alice'],
    ['no user name', 'LIVE', ''],
    ['half a surrogate pair', 'LIVE', '\ud800'],
  ])('refuses %s', (_, label, user) => {
    expect(() => keyUri({ label, user, secret: SECRET })).toThrow(Fault);
  });
});

describe('typedKey', () => {
  it('stands in groups of four', () => {
    expect(typedKey(SECRET)).toBe('GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ');
  });
});
