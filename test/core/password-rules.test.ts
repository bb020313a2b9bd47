import { describe, expect, it } from 'vitest';
import { isCommonPassword } from '../../src/core/node/blocklist.ts';
import { newPasswordProblem, newPasswordProblemText } from '../../src/core/password-rules.ts';
import fc from '../support/properties.ts';

const problemOf = async (password: string, asked: { minLength?: number; userName?: string; label?: string } = {}) =>
  (
    await newPasswordProblem({
      password,
      userName: 'alice',
      label: 'Codectomy St Elsewhere LIVE',
      minLength: 8,
      isBlocked: isCommonPassword,
      ...asked,
    })
  )?.code;

describe('a new password', () => {
  it.each([
    'kx9-4mvq',
    'correct horse battery',
    'xK3!xK3?',
    'pelican umbrella 7',
    'отличный пароль',
    '👩‍⚕️🏥🩺🚑💊🦠🧬🔬',
    'a'.repeat(6).concat('Quiet lamp post'),
    'mountain lagoon '.repeat(6),
  ])('may be %s', async (password) => {
    expect(await problemOf(password)).toBeUndefined();
  });

  it('is as long as it is in characters after NFKC, not in bytes', async () => {
    expect(await problemOf('🦠🧬🔬🏥🩺🚑💊')).toBe('too-short');
    expect(await problemOf('🦠🧬🔬🏥🩺🚑💊🐙')).toBeUndefined();
    expect(await problemOf('éèêëüöä'.normalize('NFD'))).toBe('too-short');
  });

  it('has 15 characters at least where it is the only factor', async () => {
    expect(await problemOf('quietlamppostx', { minLength: 15 })).toBe('too-short');
    expect(await problemOf('quietlamppostxy', { minLength: 15 })).toBeUndefined();
  });

  it('may have 1,000 characters and no more', async () => {
    const long = 'quiet lamp post, '.repeat(58);
    expect(await problemOf(`${long}${'0123456789abcdef'.slice(0, 1000 - long.length)}`)).toBeUndefined();
    expect(await problemOf(`${long}0123456789abcdefgh`)).toBe('too-long');
    expect(await problemOf('\ufdfa'.repeat(60))).toBe('too-long');
    expect(await problemOf('x'.repeat(10_000_000))).toBe('too-long');
  });

  it.each(['quiet\0lamp post', 'quiet\u001b[31mlamp', 'quiet\nlamp post', 'quiet lamp \ud800'])(
    'has no control characters and no half characters: %j',
    async (password) => {
      expect(await problemOf(password)).toBe('not-text');
    },
  );

  it.each([
    ['alice.smith', 'alice.smith'],
    ['alice.smith', 'Alice_Smith1'],
    ['alice.smith', 'smith2024'],
    ['alice.smith', 'alicealice'],
    ['alice', '@L1ce123'],
    ['bo', 'bobobobo'],
  ])('is not made of the user name: %s, %s', async (userName, password) => {
    expect(await problemOf(password, { userName })).toBe('user-name');
  });

  it.each(['codectomy', 'Elsewhere1', 'elsewhere-LIVE', 'CodectomyStElsewhereLive'])(
    "is not made of the system's name: %s",
    async (password) => {
      expect(await problemOf(password)).toBe('label');
    },
  );

  it('may have the user name inside a longer text', async () => {
    expect(await problemOf('alice likes umbrellas')).toBeUndefined();
    expect(await problemOf('bookshelf lantern', { userName: 'bo' })).toBeUndefined();
  });

  it.each([
    'password',
    'PASSWORD',
    'P@ssw0rd!!',
    'passw0rd2024',
    'password-password',
    'Dragon 123',
    'monkey2024!',
    '1q2w3e4r5t6y',
    '12345678',
    '876543210',
    'abcdefghijklmno',
    'qwertyuiopasdfg',
    'zzzzzzzzzzzz',
    'abcabcabcabcabc',
    'letmeinletmein',
  ])('is none of the common ones or a simple variant: %s', async (password) => {
    expect(await problemOf(password)).toBe('too-common');
  });

  it('is never refused for which characters it is composed of', async () => {
    const letters = fc.constantFrom(...'bcdfghjkmnpqrtvwxz');
    const onlyLetters = fc.array(letters, { minLength: 16, maxLength: 16 }).map((drawn) => drawn.join(''));
    await fc.assert(
      fc.asyncProperty(onlyLetters, async (password) => {
        fc.pre(new Set(password).size > 6);
        expect(await problemOf(password)).toBeUndefined();
      }),
    );
  });

  it('gets a sentence that does not repeat it', async () => {
    for (const password of ['short', 'alice123', 'password', 'x'.repeat(2000), 'quiet\0lamp post', 'codectomy']) {
      const problem = await newPasswordProblem({
        password,
        userName: 'alice',
        label: 'Codectomy',
        minLength: 8,
        isBlocked: isCommonPassword,
      });
      expect(problem).toBeDefined();
      if (problem) expect(newPasswordProblemText(problem)).toMatch(/^[A-Z].*\.$/);
    }
  });
});
