import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/core/errors.ts';
import { systemRandom } from '../../src/core/node/random.ts';
import { createSecretBox } from '../../src/core/node/secret-box.ts';
import type { StoredCode } from '../../src/core/ports.ts';
import { classifyCode, generateOneTimeCode, generateRecoveryCodes } from '../../src/core/recovery-code.ts';
import { matchStoredCode, sealCodes } from '../../src/core/stored-code.ts';
import type { UserId } from '../../src/core/user.ts';

const key = { id: 'k1', key: systemRandom.bytes(32) };
const box = createSecretBox({ current: () => key, byId: (id) => (id === key.id ? key : undefined) }, systemRandom);
const [ALICE, BOB] = ['a1' as UserId, 'b2' as UserId];
const NOW = 1_700_000_000_000;

const codes = generateRecoveryCodes(systemRandom);
const seal = (userId: UserId, expiresAt: number | null = null) =>
  sealCodes({ box, random: systemRandom, table: 'recovery', userId, codes, expiresAt });
const match = (stored: readonly StoredCode[], typed: string, userId: UserId = ALICE, now = NOW) => {
  const known = classifyCode(typed);
  if (known.kind === 'malformed') throw new Error('not a code');
  return matchStoredCode({ box, table: 'recovery', userId, stored, code: known.code, now });
};

describe('stored codes', () => {
  it('are found again by what was shown, each under its own id, however it is typed', async () => {
    const stored = await seal(ALICE);
    expect(new Set(stored.map(({ id }) => id)).size).toBe(10);
    for (const [index, code] of codes.entries()) {
      expect(await match(stored, code)).toBe(stored[index]?.id);
      expect(await match(stored, code.toLowerCase().replace('-', ' '))).toBe(stored[index]?.id);
    }
  });

  it('match no other code', async () => {
    const stored = await seal(ALICE);
    for (const other of generateRecoveryCodes(systemRandom)) expect(await match(stored, other)).toBe(null);
    expect(await match([], codes[0] ?? '')).toBe(null);
  });

  it('hold neither the code nor a hash that is the same twice', async () => {
    const stored = [...(await seal(ALICE)), ...(await seal(ALICE))];
    const everything = JSON.stringify(stored);
    for (const code of codes) {
      expect(everything).not.toContain(code);
      expect(everything).not.toContain(code.replace('-', ''));
    }
    const opened = stored.map(({ id, sealedHash }) => {
      const bytes = Buffer.from(box.open(sealedHash, `gatehouse:recovery:a1:${id}`));
      expect(bytes.length).toBe(48);
      return bytes.subarray(16).toString('hex');
    });
    expect(new Set(opened).size).toBe(20);
  });

  it('match nothing once their time is over', async () => {
    const stored = await seal(ALICE, NOW + 1000);
    const code = codes[3] ?? '';
    expect(await match(stored, code, ALICE, NOW + 999)).toBe(stored[3]?.id);
    expect(await match(stored, code, ALICE, NOW + 1000)).toBe(null);
  });

  it('do not open for another user, in another row or as another kind', async () => {
    const stored = await seal(ALICE);
    const code = codes[0] ?? '';
    await expect(match(stored, code, BOB)).rejects.toThrow(Fault);
    const swapped = stored.map((entry, index) => ({ ...entry, id: stored[(index + 1) % 10]?.id ?? '' }));
    await expect(match(swapped, code)).rejects.toThrow(Fault);
    const asOneTime = matchStoredCode({ box, table: 'one-time', userId: ALICE, stored, code, now: NOW });
    await expect(asOneTime).rejects.toThrow(Fault);
  });

  it('are not stored as another kind than they are', async () => {
    const code = generateOneTimeCode(systemRandom);
    const sealing = { box, random: systemRandom, userId: ALICE, codes: [code], expiresAt: null };
    await expect(sealCodes({ ...sealing, table: 'recovery' })).rejects.toThrow(Fault);
    expect(await sealCodes({ ...sealing, table: 'one-time' })).toHaveLength(1);
  });
});
