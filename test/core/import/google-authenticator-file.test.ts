import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeBase32 } from '../../../src/core/base32.ts';
import { readGoogleAuthenticatorFile, secretsOfFiles } from '../../../src/core/import/google-authenticator-file.ts';
import fc from '../../support/properties.ts';

const SECRET = 'BCQCAHWH2SJJFGZXVHKUQQYVAU';
const OPTIONS = '" RATE_LIMIT 3 30 1764000000\n" WINDOW_SIZE 17\n" DISALLOW_REUSE 58800000 58800001\n" TOTP_AUTH\n';

/** `line: text` of each problem. */
function problemsOf(text: string): readonly string[] {
  const reading = readGoogleAuthenticatorFile(text);
  return reading.kind === 'read' ? [] : reading.problems.map((problem) => `${problem.line}: ${problem.text}`);
}

const tool = spawnSync('google-authenticator', ['--help']).error === undefined;

describe('a google-authenticator file', () => {
  it('gives its secret, and says how much of it stays behind', () => {
    const text = `${SECRET}\n${OPTIONS}" TIME_SKEW -3\n" LAST0 10.0.0.1 1764000000\n43800628\n90530276\n`;
    const reading = readGoogleAuthenticatorFile(text);
    if (reading.kind !== 'read') throw new Error(JSON.stringify(reading));
    expect(encodeBase32(reading.secret)).toBe(SECRET);
    expect(reading.leftBehind).toEqual({ scratchCodes: 2, skewSteps: -3 });
  });

  it.each([
    ['carriage returns, blank lines and blanks at the ends', `${SECRET} \r\n\r\n" TOTP_AUTH \r\n12345678\r\n`],
    ['no line end at the end', `${SECRET}\n" TOTP_AUTH`],
    ['a step of 30 seconds said aloud', `${SECRET}\n" STEP_SIZE 30\n" TOTP_AUTH\n`],
  ])('is read with %s', (_, text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  it.each([
    ['', '1: the secret is missing'],
    ['\n', '1: the secret is missing'],
    [`${SECRET}\n`, '1: it has no line " TOTP_AUTH'],
    ['" TOTP_AUTH\n', '1: the secret is not base32'],
    ['2SH3V3GDW7ZNMGYE\n" TOTP_AUTH\n', '1: the secret has 80 bits'],
    [`${SECRET.slice(0, -1)}\n" TOTP_AUTH\n`, '1: the secret is not base32'],
    [`${SECRET}\n" TOTP_AUTH\n" STEP_SIZE 60\n`, '3: its STEP_SIZE is not 30'],
    [`${SECRET}\n" HOTP_COUNTER 1\n`, '2: its codes count log-ons (HOTP)'],
    [`${SECRET}\n" TOTP_AUTH\n" OTP_DISABLED\n`, '3: two-factor is switched off'],
    [`${SECRET}\n" TOTP_AUTH\n" TIME_SKEW x\n`, '3: its TIME_SKEW'],
    [`${SECRET}\n" TOTP_AUTH\n" SHINY 1\n`, '3: google-authenticator has no such option'],
    [`${SECRET}\n" TOTP_AUTH\n1234567\n`, '3: it is neither an option nor a scratch code'],
    [`${SECRET}\n" TOTP_AUTH\n12345678 \u0000\n`, '3: it is neither'],
    [`${SECRET}\n"TOTP_AUTH\n`, '2: it is neither'],
  ])('%j is refused with the line', (text, words) => {
    const [problem] = problemsOf(text);
    expect(problem?.slice(0, words.length)).toBe(words);
  });

  it.skipIf(!tool)(
    `is what google-authenticator itself writes${tool ? '' : ' (skipped: needs google-authenticator)'}`,
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'gatehouse-ga-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const file = join(folder, 'alice');
      execFileSync('google-authenticator', [
        '-t',
        '-d',
        '-f',
        '-r',
        '3',
        '-R',
        '30',
        '-w',
        '3',
        '-q',
        '-Q',
        'NONE',
        '-s',
        file,
      ]);
      const text = readFileSync(file, 'utf8');
      const reading = readGoogleAuthenticatorFile(text);
      if (reading.kind !== 'read') throw new Error(JSON.stringify(reading));
      expect(encodeBase32(reading.secret)).toBe(text.split('\n')[0]);
      expect(reading.leftBehind.scratchCodes).toBe(5);
    },
  );

  it('is told apart from the others by its path, and by its user', () => {
    const { secrets, problems, origin } = secretsOfFiles(
      [
        { path: '/home/alice/.google_authenticator', userName: 'alice', text: `${SECRET}\n${OPTIONS}` },
        { path: '/home/bob/.google_authenticator', userName: 'bob', text: `${SECRET}\n${OPTIONS}x\ny\n` },
      ],
      [{ place: { file: '/home/carol', line: null }, userName: 'carol', text: 'it is a symbolic link' }],
    );
    expect(origin).toBe('google-authenticator');
    expect(secrets).toMatchObject([
      { userName: 'alice', place: { file: '/home/alice/.google_authenticator', line: null } },
    ]);
    expect(problems.map(({ userName, place }) => `${userName} ${place.line}`)).toEqual([
      'carol null',
      'bob 6',
      'bob 7',
    ]);
  });

  it('takes any text without throwing, and tells nothing of secret and scratch codes', () => {
    const piece = fc.constantFrom(
      SECRET,
      '" ',
      'TOTP_AUTH',
      'HOTP_COUNTER 1',
      'STEP_SIZE ',
      '60',
      'TIME_SKEW ',
      '9',
      '43800628',
      '\n',
      '\r\n',
      '\0',
      'é',
      ' ',
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 30 }).map((pieces) => `${SECRET}\n" TOTP_AUTH\n${pieces.join('')}`),
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
      fc.string({ unit: 'binary', maxLength: 200 }),
    );
    let taken = 0;
    fc.assert(
      fc.property(text, (file) => {
        const reading = readGoogleAuthenticatorFile(file);
        if (reading.kind === 'read') {
          taken += 1;
          expect(reading.secret.length).toBeGreaterThanOrEqual(16);
          expect(Number.isSafeInteger(reading.leftBehind.skewSteps)).toBe(true);
        } else {
          expect(reading.problems.length).toBeGreaterThan(0);
          expect(JSON.stringify(reading)).not.toContain(SECRET);
          expect(JSON.stringify(reading)).not.toContain('43800628');
        }
      }),
      { numRuns: 1000 },
    );
    expect(taken).toBeGreaterThan(10);
    console.log(`google-authenticator files: 1000 tried, ${taken} read`);
  });
});
