import { execFileSync, spawnSync } from 'node:child_process';
import { generateSync } from 'otplib/functional';
import { describe, expect, it } from 'vitest';
import { secondsLeftInStep, timeStepAt } from '../../src/core/time-step.ts';
import { codeAt, matchingTimeStep } from '../../src/core/totp.ts';
import fc from '../support/properties.ts';

const ascii = (text: string) => new TextEncoder().encode(text);
const SECRET = ascii('12345678901234567890');

/** RFC 6238 appendix B: time in seconds, and the eight digits for each hash. */
const RFC_6238 = [
  { epoch: 59, sha1: '94287082', sha256: '46119246', sha512: '90693936' },
  { epoch: 1111111109, sha1: '07081804', sha256: '68084774', sha512: '25091201' },
  { epoch: 1111111111, sha1: '14050471', sha256: '67062674', sha512: '99943326' },
  { epoch: 1234567890, sha1: '89005924', sha256: '91819424', sha512: '93441116' },
  { epoch: 2000000000, sha1: '69279037', sha256: '90698825', sha512: '38618901' },
  { epoch: 20000000000, sha1: '65353130', sha256: '77737706', sha512: '47863826' },
] as const;

/** RFC 4226 appendix D: the codes of counters 0 to 9. */
const RFC_4226 = ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'];

/** Mostly what looks like a code, now and then anything that can be typed or sent. */
const typedText = fc.string({
  unit: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...'0123456789 ') },
    { weight: 2, arbitrary: fc.constantFrom(...'aZoIl-+\t\n\0') },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point)) },
  ),
  maxLength: 20,
});

describe('codes of RFC 6238 and RFC 4226', () => {
  it.each(RFC_6238)('are those of appendix B at $epoch seconds, for all three hashes', ({ epoch, ...codes }) => {
    const secrets = {
      sha1: SECRET,
      sha256: ascii('12345678901234567890123456789012'),
      sha512: ascii('1234567890123456789012345678901234567890123456789012345678901234'),
    };
    for (const algorithm of ['sha1', 'sha256', 'sha512'] as const) {
      expect(generateSync({ secret: secrets[algorithm], epoch, digits: 8, algorithm })).toBe(codes[algorithm]);
    }
    expect(codeAt(SECRET, timeStepAt(epoch * 1000))).toBe(codes.sha1.slice(-6));
  });

  it.each(RFC_4226.map((code, counter) => ({ code, counter })))('are those of appendix D at $counter', (vector) => {
    expect(codeAt(SECRET, vector.counter)).toBe(vector.code);
  });

  const oathtool = spawnSync('oathtool', ['--version']).status === 0;
  it.skipIf(!oathtool)(`are those of oathtool${oathtool ? '' : ' (skipped: needs oathtool)'}`, () => {
    const times = fc.integer({ min: 0, max: 4_000_000_000 });
    const secrets = fc.uint8Array({ minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(secrets, times, (secret, epoch) => {
        const hex = Buffer.from(secret).toString('hex');
        const said = execFileSync('oathtool', ['--totp', '--now', `@${epoch}`, hex], { encoding: 'utf8' });
        expect(codeAt(secret, timeStepAt(epoch * 1000))).toBe(said.trim());
      }),
      { numRuns: 40 },
    );
  });
});

describe('matchingTimeStep', () => {
  const epochMs = 1_700_000_010_000;
  const present = timeStepAt(epochMs);
  const check = (code: string, window = 1, notBefore?: number) =>
    matchingTimeStep({ secret: SECRET, code, epochMs, window, ...(notBefore === undefined ? {} : { notBefore }) });

  it('answers the step of the code, each side of the present as far as the window goes and no further', () => {
    for (const window of [0, 1, 2]) {
      for (let offset = -4; offset <= 4; offset += 1) {
        const expected = Math.abs(offset) <= window ? present + offset : null;
        expect(check(codeAt(SECRET, present + offset), window)).toBe(expected);
      }
    }
  });

  it('takes no step before the one it is told to begin with', () => {
    expect(check(codeAt(SECRET, present), 1, present + 1)).toBe(null);
    expect(check(codeAt(SECRET, present), 1, present)).toBe(present);
  });

  it('answers no negative step at the beginning of time', () => {
    const code = codeAt(SECRET, 0);
    expect(matchingTimeStep({ secret: SECRET, code, epochMs: 0, window: 3 })).toBe(0);
  });

  it('drops spaces inside a typed code', () => {
    const code = codeAt(SECRET, present);
    expect(check(`${code.slice(0, 3)} ${code.slice(3)}`)).toBe(present);
    expect(check(` ${code} `)).toBe(present);
  });

  const code = codeAt(SECRET, present);
  it.each([
    ['full-width digits', [...code].map((digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)).join('')],
    ['Arabic digits', [...code].map((digit) => String.fromCharCode(digit.charCodeAt(0) - 0x30 + 0x660)).join('')],
    ['a plus sign', `+${code}`],
    ['a minus sign', `-${code}`],
    ['a NUL behind', `${code}\0`],
    ['a NUL before', `\0${code}`],
    ['a line end', `${code}\n`],
    ['a tab inside', `${code.slice(0, 3)}\t${code.slice(3)}`],
    ['a no-break space', `${code.slice(0, 3)}\u00a0${code.slice(3)}`],
    ['a dot behind', `${code}.0`],
    ['an exponent', `${code}e0`],
    ['a seventh digit', `0${code}`],
    ['five digits', code.slice(1)],
    ['nothing', ''],
    ['10 KB of spaces around it', `${' '.repeat(10_240)}${code}`],
    ['10 KB of digits', code.repeat(1_700)],
  ])('takes a code with %s for a wrong code', (_, typed) => {
    expect(check(typed)).toBe(null);
  });

  it('matches nothing that is not six ASCII digits, whatever is typed', () => {
    fc.assert(
      fc.property(typedText, (typed) => {
        const digits = typed.replaceAll(' ', '');
        fc.pre(!/^[0-9]{6}$/.test(digits) || digits.length !== 6);
        expect(check(typed, 10)).toBe(null);
      }),
    );
  });

  it('refuses a window that is no whole number instead of checking nothing or everything', () => {
    for (const window of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => check(code, window)).toThrow();
  });
});

describe('secondsLeftInStep', () => {
  it('counts 30 to 1 within a step', () => {
    expect([0, 29_999, 30_000, 59_000].map(secondsLeftInStep)).toEqual([30, 1, 30, 1]);
  });
});
