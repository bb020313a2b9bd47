/** A facility on disk for a torment: real key file, database and audit trail, people whose phones we hold, and a hash that costs nothing. */

import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pairingBinding } from '../src/core/binding.ts';
import { beginLogin, type LoginOptions } from '../src/core/login/begin-login.ts';
import type { Conversation } from '../src/core/login/message.ts';
import { readConfigFile } from '../src/core/node/config-file.ts';
import { type Facility, openFacility } from '../src/core/node/facility.ts';
import { createKeyFile } from '../src/core/node/key-file.ts';
import { systemRandom } from '../src/core/node/random.ts';
import type { PasswordHasher } from '../src/core/ports.ts';
import { timeStepAt } from '../src/core/time-step.ts';
import { codeAt } from '../src/core/totp.ts';
import { nameKey, type Role, type UserId } from '../src/core/user.ts';
import { loginDeps } from '../src/gate/login-world.ts';
import { plainStore } from '../test/support/plain-store.ts';

export const PASSWORD = 'correct horse battery';

export type TorturedPerson = {
  readonly name: string;
  readonly id: UserId;
  readonly pairingId: string;
  readonly secret: Uint8Array;
};

export type TorturedFacility = {
  readonly facility: Facility;
  readonly configFile: string;
  readonly people: readonly TorturedPerson[];
  /** Stands still but for this. */
  setNow(epochMs: number): void;
  now(): number;
  /** Of the time step that the facility's clock is in. */
  code(person: TorturedPerson): string;
  converse(options?: LoginOptions): Conversation;
};

export const START = Date.UTC(2026, 10, 24, 12, 0, 0);

/** Each paired. `roles` in the order of `names`; whoever has none is a user. */
export async function torturedFacility(made: {
  readonly folder: string;
  readonly names: readonly string[];
  readonly roles?: readonly Role[];
  readonly hasher?: PasswordHasher;
  readonly settings?: string;
}): Promise<TorturedFacility> {
  const { folder, names, roles = [], hasher = QUICK_HASHER, settings = '' } = made;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const configFile = join(folder, 'config.ini');
  writeFileSync(configFile, `2FA=Auto:Ward TORTURE\n${LIGHT}${settings}`, { mode: 0o600 });
  const { config } = readConfigFile(configFile);
  let now = START;
  const clock = { now: () => now };
  await createKeyFile({ path: config.store.keyFile, random: systemRandom, clock });
  const facility: Facility = { ...(await openFacility(config, { database: 'create', clock })), hasher };
  const passwordHash = await hasher.hash(PASSWORD);
  const ids = names.map((name) => `id-${name}` as UserId);
  await facility.store.by({}).addUsers(
    names.map((name, index) => ({
      id: `id-${name}` as UserId,
      name,
      nameKey: nameKey(name),
      display: `${name} of St Elsewhere`,
      group: 'wards',
      role: roles[index] ?? 'user',
      passwordHash,
      mustChangePassword: false,
      passwordExpiresAt: null,
    })),
  );
  await facility.store.by({}).requireTwoFactor({ selection: { kind: 'users', ids }, from: null });
  const people: TorturedPerson[] = [];
  for (const name of names) people.push(await paired(facility, name));
  return {
    facility,
    configFile,
    people,
    setNow(epochMs) {
      now = epochMs;
    },
    now: () => now,
    code: ({ secret }) => codeAt(secret, timeStepAt(now)),
    converse: (options = {}) => beginLogin(loginDeps(facility), options),
  };
}

/** Passwords are not what is tortured. */
export const QUICK_HASHER: PasswordHasher = {
  hash: async (password) => quickHash(password),
  verify: async (password, hash) => hash === quickHash(password),
  needsRehash: () => false,
};

const LIGHT = '[Password]\nArgon2MemoryMiB=19\nArgon2Passes=2\n';

function quickHash(password: string): string {
  return `quick:${createHash('sha256').update(password).digest('base64url')}`;
}

async function paired({ store, secretBox }: Facility, name: string): Promise<TorturedPerson> {
  const id = `id-${name}` as UserId;
  const pairingId = `p-${name}`;
  const secret = systemRandom.bytes(20);
  const sealedSecret = secretBox.seal(secret, pairingBinding(id, pairingId));
  const pairing = { id: pairingId, sealedSecret, issuedAt: START, expiresAt: null, pairedAt: null, lastStep: null };
  await store.by({}).issueByAdmin({ userId: id, pairing });
  const rules = {
    passwordFailures: 5,
    codeFailures: 5,
    firstDelaySeconds: 30,
    longestDelaySeconds: 900,
    hardLimit: 100,
  };
  await plainStore(store).claimTimeStep({ userId: id, pairingId, step: 1, rules });
  return { name, id, pairingId, secret };
}
