import { createCipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bindingOf, pairingBinding } from '../../../src/core/binding.ts';
import { Fault } from '../../../src/core/errors.ts';
import { systemRandom } from '../../../src/core/node/random.ts';
import { createSecretBox, type SealingKey } from '../../../src/core/node/secret-box.ts';
import type { UserId } from '../../../src/core/user.ts';
import fc from '../../support/properties.ts';

const key = (id: string): SealingKey => ({ id, key: systemRandom.bytes(32) });
const boxWith = (current: SealingKey, ...older: readonly SealingKey[]) =>
  createSecretBox(
    { current: () => current, byId: (id) => [current, ...older].find((candidate) => candidate.id === id) },
    systemRandom,
  );

const SECRET = systemRandom.bytes(20);
const BINDING = 'gatehouse:pairing:u1:p1';

function faultOf(open: () => unknown): string {
  try {
    open();
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.code;
    throw thrown;
  }
  return 'opened';
}

describe('the secret box', () => {
  it('opens what it sealed, any bytes under any binding', () => {
    const box = boxWith(key('k1'));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (plaintext, binding) => {
        expect([...box.open(box.seal(plaintext, binding), binding)]).toEqual([...plaintext]);
      }),
    );
  });

  it('names version and key in the envelope, and never seals twice alike', () => {
    const box = boxWith(key('k1'));
    const envelopes = Array.from({ length: 1000 }, () => box.seal(SECRET, BINDING));
    for (const envelope of envelopes) expect(envelope).toMatch(/^v1\.k1\.[\w-]{16}\.[\w-]{48}$/);
    expect(new Set(envelopes.map((envelope) => envelope.split('.')[2])).size).toBe(1000);
  });

  it('refuses the envelope with any one of its bits flipped', () => {
    const box = boxWith(key('k1'), key('k0'));
    const envelope = Buffer.from(box.seal(SECRET, BINDING), 'latin1');
    let refused = 0;
    for (let bit = 0; bit < envelope.length * 8; bit += 1) {
      const flipped = Buffer.from(envelope);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (faultOf(() => box.open(flipped.toString('latin1'), BINDING)) === 'unavailable') refused += 1;
    }
    expect(refused).toBe(envelope.length * 8);
  });

  it('refuses the envelope with any one bit of nonce, ciphertext or tag flipped', () => {
    const box = boxWith(key('k1'));
    const [version, id, nonce = '', sealed = ''] = box.seal(SECRET, BINDING).split('.');
    const bytes = Buffer.concat([Buffer.from(nonce, 'base64url'), Buffer.from(sealed, 'base64url')]);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const envelope = [
        version,
        id,
        flipped.subarray(0, 12).toString('base64url'),
        flipped.subarray(12).toString('base64url'),
      ].join('.');
      expect(faultOf(() => box.open(envelope, BINDING))).toBe('unavailable');
    }
  });

  it('refuses a tag of less than 16 bytes, though it is a right one', () => {
    const sealing = key('k1');
    for (const tagBytes of [4, 8, 12, 15]) {
      const nonce = systemRandom.bytes(12);
      const cipher = createCipheriv('aes-256-gcm', sealing.key, nonce, { authTagLength: tagBytes });
      cipher.setAAD(Buffer.from(JSON.stringify(['v1', 'k1', BINDING])));
      const sealed = Buffer.concat([cipher.update(SECRET), cipher.final(), cipher.getAuthTag()]);
      const envelope = `v1.k1.${Buffer.from(nonce).toString('base64url')}.${sealed.toString('base64url')}`;
      expect(faultOf(() => boxWith(sealing).open(envelope, BINDING))).toBe('unavailable');
    }
  });

  it('refuses an envelope cut anywhere, or with something added', () => {
    const box = boxWith(key('k1'));
    const envelope = box.seal(SECRET, BINDING);
    for (let length = 0; length < envelope.length; length += 1) {
      expect(faultOf(() => box.open(envelope.slice(0, length), BINDING))).toBe('unavailable');
    }
    for (const added of ['=', 'A', 'AAAA', '.', '.x', ' ', '\n']) {
      expect(faultOf(() => box.open(envelope + added, BINDING))).toBe('unavailable');
    }
  });

  it('refuses what was moved to another user, row or column', () => {
    const box = boxWith(key('k1'));
    const [alice, bob] = ['a1' as UserId, 'b2' as UserId];
    const envelope = box.seal(SECRET, pairingBinding(alice, 'p1'));
    for (const binding of [
      pairingBinding(bob, 'p1'),
      pairingBinding(alice, 'p2'),
      bindingOf({ table: 'recovery', userId: alice, rowId: 'p1' }),
      '',
    ]) {
      expect(faultOf(() => box.open(envelope, binding))).toBe('unavailable');
    }
    expect([...box.open(envelope, pairingBinding(alice, 'p1'))]).toEqual([...SECRET]);
  });

  it('refuses ids with which two places could be bound alike', () => {
    for (const id of ['', 'a:b', 'a b', 'ä', 'x'.repeat(65), 'a\n']) {
      expect(faultOf(() => pairingBinding(id as UserId, 'p1'))).toBe('unavailable');
      expect(faultOf(() => pairingBinding('a1' as UserId, id))).toBe('unavailable');
    }
  });

  it('refuses another key under the same id, the same key under another id, and an unknown id', () => {
    const first = key('k1');
    const envelope = boxWith(first).seal(SECRET, BINDING);
    expect(faultOf(() => boxWith(key('k1')).open(envelope, BINDING))).toBe('unavailable');
    expect(faultOf(() => boxWith(key('k2')).open(envelope, BINDING))).toBe('unavailable');
    const renamed = { id: 'k2', key: first.key };
    expect(faultOf(() => boxWith(renamed).open(envelope.replace('.k1.', '.k2.'), BINDING))).toBe('unavailable');
  });

  it('seals under the first key and opens what older keys sealed', () => {
    const [older, newer] = [key('k1'), key('k2')];
    const envelope = boxWith(older).seal(SECRET, BINDING);
    const box = boxWith(newer, older);
    expect(box.keyId).toBe('k2');
    expect(box.seal(SECRET, BINDING)).toMatch(/^v1\.k2\./);
    expect([...box.open(envelope, BINDING)]).toEqual([...SECRET]);
  });
});
