/**
 * Facilities to measure on: real files with default settings, every user with a password and a paired phone, rows as long as real ones. Made
 * once a size. What is not measured is done in bulk: one password hash for all, pairings in one transaction.
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
import type { NewUser } from '../src/core/ports.ts';
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
        // Spread over the table, so that no page of it stays warmer than the others.
        const index = (next * STRIDE) % count;
        next += 1;
        const user = users[index];
        const secret = secrets[index];
        if (user === undefined || secret === undefined) throw new Error(`There is no user ${index}.`);
        return { name: user.name, code: () => codeAt(secret, timeStepAt(Date.now())) };
      },
    };
  } finally {
    await facility.close();
  }
}

/** A prime, so that every user comes before one comes again. */
const STRIDE = 7919;
const GROUPS = 40;

function newUser(index: number, passwordHash: string): NewUser {
  const number = String(index).padStart(6, '0');
  const name = `user-${number}`;
  return {
    id: newUserId(systemRandom),
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

/** Paired and last seen yesterday. The secrets, in the order of the users. */
async function pairAll(facility: Facility, users: readonly NewUser[]): Promise<readonly Uint8Array[]> {
  const yesterday = Date.now() - DAY_MS;
  const secrets = users.map(() => systemRandom.bytes(SECRET_BYTES));
  const lists = users.map(({ id }, index) => {
    const pairingId = newId(systemRandom);
    const sealedSecret = facility.secretBox.seal(secrets[index] ?? new Uint8Array(), pairingBinding(id, pairingId));
    const lastStep = timeStepAt(yesterday);
    const times = { issuedAt: yesterday, expiresAt: null, pairedAt: yesterday, lastStep };
    return [yesterday, yesterday, ...pairingValues({ id: pairingId, sealedSecret, ...times }), id];
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
