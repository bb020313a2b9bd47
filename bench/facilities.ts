/**
 * Facilities to measure on: real files with default settings, every user with a password and a paired phone. Made once a size and store
 * engine; the users come in bulk, since they are not what is measured.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, StoreEngine } from '../src/core/config/model.ts';
import { readConfigFile } from '../src/core/node/config-file.ts';
import { openFacility } from '../src/core/node/facility.ts';
import { createKeyFile } from '../src/core/node/key-file.ts';
import { systemRandom } from '../src/core/node/random.ts';
import { systemClock } from '../src/core/node/system-clock.ts';
import { timeStepAt } from '../src/core/time-step.ts';
import { codeAt } from '../src/core/totp.ts';
import type { Databases } from './databases.ts';
import { fillUsers } from './fill-users.ts';

export const PASSWORD = 'correct horse battery';

export type BenchUser = {
  readonly name: string;
  /** The code of the time step that the host's clock is in. */
  code(): string;
};

export type EmptyFacility = {
  readonly folder: string;
  readonly configFile: string;
  readonly config: Config;
};

export type BenchFacility = EmptyFacility & {
  readonly users: number;
  /** Argon2id with the default parameters. */
  readonly passwordHash: string;
  /** Somebody who has not logged on today: a time step is accepted once. */
  nextUser(): BenchUser;
};

export type Facilities = {
  /** The same one each time. */
  ofUsers(count: number, engine?: StoreEngine): Promise<BenchFacility>;
  /** A new one, with nobody in it. */
  empty(engine: StoreEngine): Promise<EmptyFacility>;
};

export function facilitiesIn(folder: string, databases: Databases): Facilities {
  const made = new Map<string, Promise<BenchFacility>>();
  let emptied = 0;

  async function prepare(name: string, engine: StoreEngine): Promise<EmptyFacility> {
    return emptyFacility(join(folder, name), await databases.section(engine));
  }

  async function fill(name: string, engine: StoreEngine, count: number): Promise<BenchFacility> {
    const filled = await filledFacility(await prepare(name, engine), count);
    await databases.settle(engine);
    return filled;
  }

  return {
    ofUsers(count, engine = 'sqljs') {
      const name = `facility-${engine}-${count}`;
      const there = made.get(name) ?? fill(name, engine, count);
      made.set(name, there);
      return there;
    },
    empty(engine) {
      emptied += 1;
      return prepare(`empty-${engine}-${emptied}`, engine);
    },
  };
}

/** Without a database yet. `store`: lines of the section `[Store]`. */
async function emptyFacility(folder: string, store: string): Promise<EmptyFacility> {
  mkdirSync(folder, { mode: 0o700 });
  const configFile = join(folder, 'config.ini');
  writeFileSync(configFile, `2FA=Auto:Gatehouse BENCH\n[Store]\n${store}`, { mode: 0o600 });
  const { config } = readConfigFile(configFile);
  await createKeyFile({ path: config.store.keyFile, random: systemRandom, clock: systemClock });
  const facility = await openFacility(config, { database: 'create' });
  await facility.close();
  return { folder, configFile, config };
}

async function filledFacility(empty: EmptyFacility, count: number): Promise<BenchFacility> {
  const facility = await openFacility(empty.config);
  try {
    const passwordHash = await facility.hasher.hash(PASSWORD);
    const phones = await fillUsers(facility, count, passwordHash);
    let next = 0;
    return {
      ...empty,
      users: count,
      passwordHash,
      nextUser() {
        const phone = phones[next];
        if (phone === undefined) throw new Error('Nobody here has a phone.');
        next = (next + 1) % phones.length;
        return { name: phone.name, code: () => codeAt(phone.secret, timeStepAt(Date.now())) };
      },
    };
  } finally {
    await facility.close();
  }
}
