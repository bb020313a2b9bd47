/**
 * Facilities to measure on: real files with default settings, every user with a password and a paired phone, rows as long as real ones. Made
 * once a size. What is not measured is done in bulk: one password hash for all, pairings in one transaction, and only so many
 * phones as will be used.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pairingBinding } from '../src/core/binding.ts';
import type { Config } from '../src/core/config/model.ts';
import { newId, newUserId } from '../src/core/directory/new-id.ts';
import { SECRET_BYTES } from '../src/core/key-uri.ts';
import { readConfigFile } from '../src/core/node/config-file.ts';
import { type Facility, openFacility } from '../src/core/node/facility.ts';
import { createKeyFile } from '../src/core/node/key-file.ts';
import { systemRandom } from '../src/core/node/random.ts';
import { systemClock } from '../src/core/node/system-clock.ts';
import type { NewUser, Random } from '../src/core/ports.ts';
import { openSqljs } from '../src/core/store/engines/sqljs.ts';
import { PAIRING_COLUMNS, pairingValues } from '../src/core/store/user-row.ts';
import { timeStepAt } from '../src/core/time-step.ts';
import { codeAt } from '../src/core/totp.ts';
import { nameKey } from '../src/core/user.ts';

export const PASSWORD = 'correct horse battery';

export type BenchUser = {
  readonly name: string;
  /** The code of the time step that the host's clock is in. */
  code(): string;
};

export type BenchFacility = {
  readonly folder: string;
  readonly configFile: string;
  readonly config: Config;
  readonly users: number;
  /** Argon2id with the default parameters. */
  readonly passwordHash: string;
  /** Somebody who has not logged on today: a time step is accepted once. */
  nextUser(): BenchUser;
};

export type Facilities = { ofUsers(count: number): Promise<BenchFacility> };

export function facilitiesIn(folder: string): Facilities {
  const made = new Map<number, Promise<BenchFacility>>();
  return {
    ofUsers(count) {
      const there = made.get(count) ?? makeFacility(join(folder, `facility-${count}`), count);
      made.set(count, there);
      return there;
    },
  };
}

const DAY_MS = 24 * 60 * 60 * 1000;

async function makeFacility(folder: string, count: number): Promise<BenchFacility> {
  mkdirSync(folder, { mode: 0o700 });
  const configFile = join(folder, 'config.ini');
  writeFileSync(configFile, '2FA=Auto:Gatehouse BENCH\n', { mode: 0o600 });
  const { config } = readConfigFile(configFile);
  await createKeyFile({ path: config.store.keyFile, random: systemRandom, clock: systemClock });
  const facility = await openFacility(config, { database: 'create' });
  try {
    const passwordHash = await facility.hasher.hash(PASSWORD);
    const users = Array.from({ length: count }, (_, index) => newUser(index, passwordHash));
    await facility.store.addUsers(users);
    const secrets = await pairAll(facility, users);
    let next = 0;
    return {
      folder,
      configFile,
      config,
      users: count,
      passwordHash,
      nextUser() {
        const index = phoneOwner(next, count);
        next = (next + 1) % phones(count);
        const user = users[index];
        const secret = secrets.get(index);
        if (user === undefined || secret === undefined) throw new Error(`User ${index} has no phone.`);
        return { name: user.name, code: () => codeAt(secret, timeStepAt(Date.now())) };
      },
    };
  } finally {
    await facility.close();
  }
}

/** How many users can log on. */
function phones(count: number): number {
  return Math.min(count, 5000);
}

/** They are spread over the table. */
function phoneOwner(phone: number, count: number): number {
  return phone * Math.floor(count / phones(count));
}

const GROUPS = 40;

function newUser(index: number, passwordHash: string): NewUser {
  const number = String(index).padStart(6, '0');
  const name = `user-${number}`;
  return {
    id: newUserId(pooledRandom),
    name,
    nameKey: nameKey(name),
    display: `Employee Number ${number}`,
    group: `ward-${index % GROUPS}`,
    role: index === 0 ? 'admin' : 'user',
    passwordHash,
    mustChangePassword: false,
    passwordExpiresAt: null,
  };
}

/** Paired and last seen yesterday. The secrets of those who can log on, by the index of the user; the others have a copy that nobody opens. */
async function pairAll(facility: Facility, users: readonly NewUser[]): Promise<ReadonlyMap<number, Uint8Array>> {
  const yesterday = Date.now() - DAY_MS;
  const secrets = new Map<number, Uint8Array>();
  for (let phone = 0; phone < phones(users.length); phone += 1) {
    secrets.set(phoneOwner(phone, users.length), systemRandom.bytes(SECRET_BYTES));
  }
  let copy = '';
  const lists = users.map(({ id }, index) => {
    const pairingId = newId(pooledRandom);
    const secret = secrets.get(index);
    if (secret !== undefined) copy = facility.secretBox.seal(secret, pairingBinding(id, pairingId));
    const times = { issuedAt: yesterday, expiresAt: null, pairedAt: yesterday, lastStep: timeStepAt(yesterday) };
    return [yesterday, yesterday, ...pairingValues({ id: pairingId, sealedSecret: copy, ...times }), id];
  });
  const engine = await openSqljs({ path: facility.config.store.path, clock: systemClock, absent: 'refuse' });
  try {
    const sql = `UPDATE users SET two_factor = 'paired', required_at = ?, last_login_at = ?, ${PAIRING_COLUMNS} WHERE id = ?`;
    await engine.write((tx) => tx.runMany(sql, lists));
  } finally {
    await engine.close();
  }
  return secrets;
}

/** Ids of a hundred thousand users by as many system calls would take seconds. */
const pooledRandom: Random = (() => {
  let pool: Uint8Array = new Uint8Array(0);
  return {
    bytes(count) {
      if (pool.length < count) pool = systemRandom.bytes(65_536);
      const taken = pool.subarray(0, count);
      pool = pool.subarray(count);
      return taken;
    },
  };
})();
