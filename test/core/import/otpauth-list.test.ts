import { describe, expect, it } from 'vitest';
import { encodeBase32 } from '../../../src/core/base32.ts';
import { readOtpauthList } from '../../../src/core/import/otpauth-list.ts';
import { keyUri } from '../../../src/core/key-uri.ts';
import fc from '../../support/properties.ts';

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

const read = (text: string) => readOtpauthList({ file: 'list.txt', text });

/** `line: user or text` of each that was read or refused. */
function outcomeOf(text: string): readonly string[] {
  const { secrets, problems } = read(text);
  return [
    ...secrets.map(({ place, userName }) => `${place.line}: ${userName}`),
    ...problems.map((problem) => `${problem.place.line}: ${problem.text}`),
  ];
}

describe('a list of key URIs', () => {
  it('is read line by line over comments, blank lines, a byte order mark and any line end', () => {
    const uri = (user: string) => `otpauth://totp/${user}?secret=${SECRET}`;
    const text = `\ufeff# of ward 3\r\n\r\n${uri('alice')}\r\n  ${uri('bob')}  \n\n#${uri('carol')}\n${uri('dave')}`;
    expect(outcomeOf(text)).toEqual(['3: alice', '4: bob', '7: dave']);
  });

  it.each([
    ['a plain label', 'alice?', 'alice'],
    ['an issuer before it', 'St%20Elsewhere:alice?issuer=St%20Elsewhere&', 'alice'],
    ['a colon spelled out and blanks behind it', 'St%20Elsewhere%3A%20%20alice?', 'alice'],
    ['what stands in a name', 'Ward:m%C3%BCller%2F%23%3F@host?', 'müller/#?@host'],
    ['the defaults said aloud', 'alice?algorithm=SHA1&digits=6&period=30&', 'alice'],
    ['another spelling of the algorithm', 'alice?algorithm=HmacSHA1&', 'alice'],
    ['parameters that change nothing', 'alice?image=https%3A%2F%2Fx&color=1&issuer=&', 'alice'],
  ])('takes %s', (_, uri, user) => {
    expect(outcomeOf(`otpauth://totp/${uri}secret=${SECRET}`)).toEqual([`1: ${user}`]);
  });

  it.each([
    ['OTPAUTH://TOTP/alice', 'no secret'],
    ['alice,secret', 'not a key URI'],
    ['https://totp/alice?secret=x', 'not a key URI'],
    [`otpauth://totp/alice?secret=${SECRET}#more`, 'written %23'],
    [`otpauth://totp/alice&secret=${SECRET}`, 'not a key URI'],
    ['otpauth-migration://offline?data=CjEKCkhlbGxv', 'several accounts'],
    [`otpauth://hotp/alice?secret=${SECRET}&counter=1`, 'HOTP'],
    [`otpauth://steam/alice?secret=${SECRET}`, 'type'],
    [`otpauth://totp/?secret=${SECRET}`, 'names no user'],
    [`otpauth://totp/Ward:%20?secret=${SECRET}`, 'names no user'],
    [`otpauth://totp/a:b:c?secret=${SECRET}`, 'several colons'],
    [`otpauth://totp/al%ZZce?secret=${SECRET}`, '%XX'],
    [`otpauth://totp/al%FFce?secret=${SECRET}`, '%XX'],
    ['otpauth://totp/alice?secret=', 'no secret'],
    [`otpauth://totp/alice?secret=${SECRET}&secret=${SECRET}`, 'secret twice'],
    [`otpauth://totp/alice?secret=${SECRET}&digits=6&digits=8`, 'digits twice'],
    [`otpauth://totp/alice?secret=${SECRET}&algorithm=SHA256`, 'another algorithm than SHA1'],
    [`otpauth://totp/alice?secret=${SECRET}&digits=8`, 'another number of digits than 6'],
    [`otpauth://totp/alice?secret=${SECRET}&period=60`, 'another period than 30'],
    [`otpauth://totp/alice?secret=${SECRET}&period=`, 'another period than 30'],
    ['otpauth://totp/alice?secret=JBSWY3DPEHPK3PX0', 'not base32'],
    ['otpauth://totp/alice?secret=JBSW+3DPEHPK3PXP', 'not base32'],
    ['otpauth://totp/alice?secret=JBSWY3DPEHPK3PXP', '80 bits'],
    [`otpauth://totp/alice?secret=${'A'.repeat(104)}`, 'longer than 64 bytes'],
    [`otpauth://totp/alice?secret=${SECRET}&x=${'y'.repeat(5000)}`, 'too long'],
  ])('refuses %s with its line, and says nothing of the secret', (uri, words) => {
    const { secrets, problems } = read(`\n${uri}\n`);
    expect(secrets).toEqual([]);
    expect(problems).toEqual([
      expect.objectContaining({ place: { file: 'list.txt', line: 2 }, text: expect.stringContaining(words) }),
    ]);
    expect(JSON.stringify(problems)).not.toMatch(/JBSW|AAAA/);
  });

  it('names whose secret is wrong where that much can be read', () => {
    const [problem] = read(`otpauth://totp/Ward:alice?secret=${SECRET}&digits=8`).problems;
    expect(problem?.userName).toBe('alice');
  });

  it('reads our own key URIs back, whatever label, user and secret', () => {
    const part = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      .filter((text) => !text.includes(':') && text.trim() === text && !/secret=/i.test(text));
    const secret = fc.uint8Array({ minLength: 16, maxLength: 64 });
    let tried = 0;
    fc.assert(
      fc.property(part, part, secret, (label, user, bytes) => {
        tried += 1;
        const { secrets, problems } = read(keyUri({ label, user, secret: bytes }));
        expect(problems).toEqual([]);
        expect(secrets).toMatchObject([{ userName: user, secret: bytes }]);
      }),
      { numRuns: 200 },
    );
    console.log(`key URIs: ${tried} of ours read back`);
  });

  it('takes any text without throwing, and every line of it is read, refused or passed over', () => {
    const piece = fc.constantFrom(
      'otpauth://totp/',
      'otpauth://hotp/',
      'alice',
      ':',
      '?secret=',
      SECRET,
      '&digits=',
      '8',
      '%',
      '%41',
      '#',
      '\n',
      '\r',
      '\0',
      '\ufeff',
      '&',
      '=',
      ' ',
    );
    const pieces = fc.array(piece, { maxLength: 30 }).map((some) => some.join(''));
    const text = fc.oneof(
      pieces,
      pieces.map((some) => `otpauth://totp/alice?secret=${SECRET}${some}`),
      fc.string({ unit: 'binary', maxLength: 200 }),
    );
    let taken = 0;
    fc.assert(
      fc.property(text, (list) => {
        const { secrets, problems } = read(list);
        for (const { secret, userName } of secrets) {
          expect(encodeBase32(secret).length).toBeGreaterThanOrEqual(26);
          expect(userName).not.toBe('');
        }
        const lines = list
          .replace(/^\ufeff/, '')
          .split(/\r\n|\n|\r/)
          .map((line) => line.trim());
        expect(secrets.length + problems.length).toBe(
          lines.filter((line) => line !== '' && !line.startsWith('#')).length,
        );
        expect(problems.map((problem) => problem.text).join()).not.toContain(SECRET);
        taken += secrets.length;
      }),
      { numRuns: 1000 },
    );
    expect(taken).toBeGreaterThan(10);
    console.log(`key URIs: 1000 texts tried, ${taken} secrets in them`);
  });
});
