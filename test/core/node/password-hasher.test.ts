import { hash as argon2 } from '@node-rs/argon2';
import { describe, expect, it, vi } from 'vitest';
import { Fault } from '../../../src/core/errors.ts';
import { createPasswordHasher } from '../../../src/core/node/password-hasher.ts';
import fc from '../../support/properties.ts';

/** The parameters of each run of the real argon2, in turn. */
const runs = vi.hoisted((): string[] => []);
vi.mock('@node-rs/argon2', async (original) => {
  const real = await original<typeof import('@node-rs/argon2')>();
  return {
    ...real,
    verify: (phc: string, password: string) => {
      runs.push(phc.split('$').slice(0, 4).join('$'));
      return real.verify(phc, password);
    },
  };
});

const hasher = createPasswordHasher({ memoryMiB: 1, passes: 1 });

describe('the password hasher', () => {
  it('makes argon2id hashes with the parameters in force and a salt for each', async () => {
    const hashes = await Promise.all(Array.from({ length: 20 }, () => hasher.hash('correct horse battery')));
    for (const phc of hashes) expect(phc).toMatch(/^\$argon2id\$v=19\$m=1024,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(new Set(hashes.map((phc) => phc.split('$')[4])).size).toBe(20);
  });

  it.each([
    ['64 characters', 'x7-'.repeat(21).concat('z')],
    ['73 bytes', 'k'.repeat(72).concat('1')],
    ['emoji', '👩‍⚕️🏥🩺'.repeat(20)],
    ['Arabic', 'كلمة المرور الطويلة جدا'],
    ['Chinese', '密码短语非常安全可靠的东西'],
    ['Hindi', 'पासवर्ड बहुत लंबा है'],
    ['Thai', 'รหัสผ่านที่ยาวมาก'],
    ['Hebrew', 'סיסמה ארוכה מאוד'],
    ['spaces at both ends', '  quiet lamp post  '],
    ['a NUL inside', 'quiet\0lamp post'],
    ['nothing', ''],
    ['1,000 characters', 'quiet lamp '.repeat(90).concat('0123456789')],
  ])('matches a password of %s exactly: not a shorter, a longer or another one', async (_, password) => {
    const phc = await hasher.hash(password);
    expect(await hasher.verify(password, phc)).toBe(true);
    const others = [
      `${password}x`,
      [...password].slice(0, -1).join(''),
      `x${password}`,
      `${password}\0`,
      ` ${password}`,
    ];
    for (const other of others.filter((candidate) => candidate !== password)) {
      expect(await hasher.verify(other, phc)).toBe(false);
    }
  });

  it('tells any two different passwords apart', async () => {
    const phc = await hasher.hash('quiet lamp post');
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 30 }), async (password) => {
        expect(await hasher.verify(password, phc)).toBe(password.normalize('NFKC') === 'quiet lamp post');
      }),
    );
  });

  it('takes the same password typed in another Unicode form', async () => {
    const phc = await hasher.hash('Zoë Ångström ﬁne'.normalize('NFC'));
    for (const form of ['NFD', 'NFKC', 'NFKD'] as const) {
      expect(await hasher.verify('Zoë Ångström ﬁne'.normalize(form), phc)).toBe(true);
    }
  });

  it.each([
    ['an unknown user', undefined],
    ['a user without a password', null],
    ['an empty hash', ''],
    ['text', 'password'],
    ['a bcrypt hash', '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'],
    ['argon2i', '$argon2i$v=19$m=1024,t=1,p=1$YvSVEA8H2dGgoWyl32uYEQ$hCGnhnSh5jbJq0GikFzDkoBXKVgxqCCHqr6cCvECBhk'],
    ['a cut hash', '$argon2id$v=19$m=1024,t=1,p=1$YvSVEA8H2dGgoWyl32uYEQ$hCGnhnSh5jbJq0GikFzD'],
    ['no hash', '$argon2id$v=19$m=1024,t=1,p=1$YvSVEA8H2dGgoWyl32uYEQ$'],
    ['spare bits', `$argon2id$v=19$m=1024,t=1,p=1$YvSVEA8H2dGgoWyl32uYEB$${'A'.repeat(42)}B`],
    ['4 TiB', `$argon2id$v=19$m=4294967295,t=1,p=1$YvSVEA8H2dGgoWyl32uYEQ$${'A'.repeat(43)}`],
    ['no memory', `$argon2id$v=19$m=1,t=1,p=1$YvSVEA8H2dGgoWyl32uYEQ$${'A'.repeat(43)}`],
    ['no passes', `$argon2id$v=19$m=1024,t=0,p=1$YvSVEA8H2dGgoWyl32uYEQ$${'A'.repeat(43)}`],
    ['a line behind', `$argon2id$v=19$m=1024,t=1,p=1$YvSVEA8H2dGgoWyl32uYEQ$${'A'.repeat(43)}\n`],
  ])('answers false for %s, whatever is typed', async (_, phc) => {
    for (const password of ['', 'password', 'x'.repeat(5000)]) expect(await hasher.verify(password, phc)).toBe(false);
    if (phc) expect(hasher.needsRehash(phc)).toBe(true);
  });

  it.each([
    ['a wrong password', 'quiet lamp', '$argon2id$v=19$m=1024,t=1,p=1$YvSVEA8H2dGgoWyl32uYEQ$'.concat('A'.repeat(43))],
    ['an unknown user', 'quiet lamp', undefined],
    ['a user without a password', 'quiet lamp', null],
    ['a damaged hash', 'quiet lamp', 'no hash'],
    ['a password that is too long', 'x'.repeat(100_000), undefined],
  ])('does one argon2 run with the parameters in force for %s', async (_, password, phc) => {
    runs.length = 0;
    expect(await hasher.verify(password, phc)).toBe(false);
    expect(runs).toEqual(['$argon2id$v=19$m=1024,t=1,p=1']);
  });

  it('neither cuts nor takes a password longer than any can be', async () => {
    const phc = await hasher.hash('quiet lamp post');
    expect(await hasher.verify('quiet lamp post'.padEnd(1_000_000, 'x'), phc)).toBe(false);
    await expect(hasher.hash('x'.repeat(10_000))).rejects.toThrow(Fault);
    await expect(hasher.hash('\ufdfa'.repeat(4000))).rejects.toThrow(Fault);
  });

  it('wants a new hash when memory or passes have risen, and none when they have not', async () => {
    const phc = await createPasswordHasher({ memoryMiB: 2, passes: 2 }).hash('quiet lamp post');
    const wants = (memoryMiB: number, passes: number) => createPasswordHasher({ memoryMiB, passes }).needsRehash(phc);
    expect([wants(2, 2), wants(1, 1), wants(3, 2), wants(2, 3)]).toEqual([false, false, true, true]);
  });

  it('still takes a password whose hash was made under other parameters', async () => {
    const phc = await createPasswordHasher({ memoryMiB: 2, passes: 3 }).hash('quiet lamp post');
    expect(await hasher.verify('quiet lamp post', phc)).toBe(true);
    expect(await hasher.verify('quiet lamp pos', phc)).toBe(false);
  });

  it('does not take the hash of the same password made with several lanes', async () => {
    const phc = await argon2('quiet lamp post', { memoryCost: 1024, timeCost: 1, parallelism: 2 });
    expect(await hasher.verify('quiet lamp post', phc)).toBe(false);
  });
});
