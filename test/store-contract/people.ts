/** Users and pairings for store tests, and the rules they live under. */
import type { LockoutRules } from '../../src/core/lockout.ts';
import type { NewUser, StoredCode } from '../../src/core/ports.ts';
import { type Pairing, UNCONFIRMED_PAIRING_MS } from '../../src/core/two-factor.ts';
import { nameKey, type UserId } from '../../src/core/user.ts';

export const NOON = Date.UTC(2026, 10, 24, 12, 0, 0);

export const RULES: LockoutRules = {
  passwordFailures: 5,
  codeFailures: 5,
  firstDelaySeconds: 30,
  longestDelaySeconds: 900,
  hardLimit: 100,
};

export function idOf(name: string): UserId {
  return `id-${name}` as UserId;
}

export function person(name: string, more: Partial<NewUser> = {}): NewUser {
  return {
    id: idOf(name),
    name,
    nameKey: nameKey(name),
    display: `${name} of St Elsewhere`,
    group: 'wards',
    role: 'user',
    passwordHash: `hash of ${name}`,
    mustChangePassword: false,
    passwordExpiresAt: null,
    ...more,
  };
}

/** As an admin hands it out; `expiring` is what a log-on makes. */
export function pairing(id: string, more: Partial<Pairing> = {}): Pairing {
  return {
    id,
    sealedSecret: `v1.key-1.nonce.sealed-secret-of-${id}`,
    issuedAt: NOON,
    expiresAt: null,
    pairedAt: null,
    lastStep: null,
    ...more,
  };
}

export function expiring(id: string, from = NOON): Pairing {
  return pairing(id, { expiresAt: from + UNCONFIRMED_PAIRING_MS });
}

export function code(id: string, expiresAt: number | null = null): StoredCode {
  return { id, sealedHash: `v1.key-1.nonce.sealed-hash-of-${id}`, expiresAt };
}
