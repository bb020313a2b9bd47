/** Writes of every kind, chosen by chance. What one does hangs on the database and on chance alone, so that it can be done again. */

import { userCounter } from '../../src/core/lockout.ts';
import type { NewUser } from '../../src/core/ports.ts';
import type { Pairing } from '../../src/core/two-factor.ts';
import { nameKey, type UserId } from '../../src/core/user.ts';
import type { PlainStore } from '../../test/support/plain-store.ts';
import type { Random } from '../random.ts';
import { NOON } from './engines.ts';

export const PEOPLE = ['alice', 'bob', 'carol', 'dave'] as const;
export const RULES = {
  passwordFailures: 1e6,
  codeFailures: 1e6,
  firstDelaySeconds: 30,
  longestDelaySeconds: 900,
  hardLimit: 1e6,
};

export function idOf(name: string): UserId {
  return `id-${name}` as UserId;
}

export function person(name: string): NewUser {
  return {
    id: idOf(name),
    name,
    nameKey: nameKey(name),
    display: `${name} of St Elsewhere`,
    group: 'wards',
    role: 'user',
    passwordHash: '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaHNvbWVoYXNoc29tZWhhc2g',
    mustChangePassword: false,
    passwordExpiresAt: null,
  };
}

export function pairing(id: string): Pairing {
  const sealedSecret = `v1.0123abcd.bm9uY2Vub25jZW5v.sealed-secret-of-${id}`;
  return { id, sealedSecret, issuedAt: NOON, expiresAt: null, pairedAt: null, lastStep: null };
}

const storedCode = (id: string) => ({ id, sealedHash: `v1.0123abcd.bm9uY2U.sealed-hash-of-${id}`, expiresAt: null });

/** The people, each with a pairing and ten recovery codes. */
export async function settle(store: PlainStore): Promise<void> {
  await store.addUsers(PEOPLE.map(person));
  await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
  for (const name of PEOPLE) await pairAgain(store, name, 1);
}

async function pairAgain(store: PlainStore, name: string, step: number): Promise<void> {
  const userId = idOf(name);
  await store.issueByAdmin({ userId, pairing: pairing(`p-${name}`) });
  await store.claimTimeStep({ userId, pairingId: `p-${name}`, step, rules: RULES });
  const codes = Array.from({ length: 10 }, (_, number) => storedCode(`r${number}`));
  await store.replaceRecoveryCodes({ userId, codes });
}

export type StoreWrite = (store: PlainStore) => Promise<unknown>;

export type PlannedWrite = {
  readonly change: StoreWrite;
  /** Behind it, the records are copied to the files. */
  readonly drained: boolean;
};

export function plannedWrites(random: Random, count: number): readonly PlannedWrite[] {
  return Array.from({ length: count }, () => ({ change: anyWrite(random), drained: random.chance(0.4) }));
}

/** One transaction, or none where the database has nothing for it to do. */
export function anyWrite(random: Random): StoreWrite {
  const name = random.pick(PEOPLE);
  const userId = idOf(name);
  const number = random.below(1e6);
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      return (store) => store.claimTimeStep({ userId, pairingId: `p-${name}`, step: number, rules: RULES });
    case 3:
      return (store) => store.claimTimeStep({ userId, pairingId: `p-${name}`, step: null, rules: RULES });
    case 4: {
      const counter = random.chance(0.5) ? userCounter(userId) : `unknown:${random.below(50)}`;
      const known = counter === userCounter(userId);
      // A name that nobody has is never right.
      const right = random.chance(0.3) && known;
      return (store) => store.settlePassword({ counter, known, right, rules: RULES });
    }
    case 5: {
      const people = Array.from({ length: 1 + random.below(30) }, (_, index) => person(`new-${number}-${index}`));
      return (store) => store.addUsers(people);
    }
    case 6:
      return (store) => store.editUser({ id: userId, changes: { display: `edit ${number}`, group: `g${number % 7}` } });
    case 7:
      return (store) => store.deactivate(userId);
    case 8:
      return (store) => store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    case 9:
      return (store) => store.issueByAdmin({ userId, pairing: pairing(`p-${name}`) });
    case 10: {
      const codes = Array.from({ length: 10 }, (_, index) => storedCode(`r${number % 10}${index}`));
      return (store) => store.replaceRecoveryCodes({ userId, codes });
    }
    default:
      return (store) => store.consumeRecoveryCode({ userId, codeId: `r${number % 10}`, rules: RULES });
  }
}
