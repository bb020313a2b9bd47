/**
 * The demo's facility: real files, made by the program's own code on a clock that is stepped through the last six days, so that users,
 * audit trail and counters are what such days leave behind. For playing with, not for keeping: everybody has the same password.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeUsersCsv } from '../src/core/csv-users.ts';
import { createDirectory, type Directory } from '../src/core/directory/directory.ts';
import { readConfigFile } from '../src/core/node/config-file.ts';
import { type Facility, openFacility } from '../src/core/node/facility.ts';
import { createKeyFile } from '../src/core/node/key-file.ts';
import { systemRandom } from '../src/core/node/random.ts';
import type { PasswordHasher, Random } from '../src/core/ports.ts';
import type { EpochMs } from '../src/core/user.ts';
import { DAY_MS, HOUR_MS, playHistory } from './demo-history.ts';
import { DEMO_ADMIN, DEMO_PASSWORD, DEMO_PEOPLE } from './demo-people.ts';
import { createPhones, type Phones } from './demo-phones.ts';

export type DemoFacility = {
  readonly configFile: string;
  /** The authenticator apps of everybody who has one. */
  readonly phones: Phones;
  /** By user name, the pairing that the phone belongs to: with another one its codes are worth nothing. */
  readonly pairings: ReadonlyMap<string, string>;
};

/** Six days end at `now`. `folder` is there, empty and the caller's own. */
export async function makeDemoFacility(from: {
  readonly folder: string;
  readonly now: EpochMs;
  readonly label?: string;
  /** Of secrets; pictures want the same ones each time. */
  readonly random?: Random;
}): Promise<DemoFacility> {
  const { folder, now, label = 'Codectomy St Elsewhere DEMO', random = systemRandom } = from;
  const configFile = join(folder, 'config.ini');
  writeFileSync(configFile, `2FA=Auto:${label}\n${CONFIG}`, { mode: 0o600 });
  mkdirSync(join(folder, 'data'), { mode: 0o700 });
  const clock = steppedClock(now - 6 * DAY_MS - HOUR_MS);
  const { config } = readConfigFile(configFile);
  await createKeyFile({ path: config.store.keyFile, random, clock });
  const opened = await openFacility(config, { database: 'create', clock });
  try {
    const facility = { ...opened, random, hasher: await hasherOfOne(opened.hasher) };
    const directory = createDirectory(facility);
    const phones = createPhones();
    await engage(facility, directory);
    await playHistory({ facility, directory, phones, now, step: clock.step });
    clock.step(now);
    const users = await directory.users();
    const pairings = new Map(users.map(({ name, twoFactor }) => [name, twoFactor.pairing?.id ?? '']));
    return { configFile, phones, pairings };
  } finally {
    await opened.close();
  }
}

/** Codes are good for five minutes either way, so that there is time to play; passwords cost little, so that it begins soon. */
const CONFIG = `
[Login]
; Ten steps each side, so that the codes of the demo's sheet last. 1 is right for real.
CodeWindow=10

[Lockout]
FirstDelaySeconds=300
LongestDelaySeconds=3600

[Password]
; The least that is allowed, so that the demo begins soon.
Argon2MemoryMiB=19
Argon2Passes=2
`;

async function engage(facility: Facility, directory: Directory): Promise<void> {
  const actor = { name: 'os:root', role: 'admin' } as const;
  await facility.audit.append({ event: 'facility.created', actor: actor.name, detail: 'auto' });
  const csv = writeUsersCsv(DEMO_PEOPLE.map((person) => ({ ...person, password: DEMO_PASSWORD })));
  const imported = await directory.importUsers(actor, { csv, purpose: 'import', passwords: 'stay' });
  if (imported.kind !== 'imported') throw new Error(`The demo's ${DEMO_ADMIN} and colleagues were refused.`);
}

/** One hash for all who have one password, and no work where it is checked: days of log-ons go by in a second. */
async function hasherOfOne(hasher: PasswordHasher): Promise<PasswordHasher> {
  const hash = await hasher.hash(DEMO_PASSWORD);
  return {
    hash: async () => hash,
    verify: async (password) => password === DEMO_PASSWORD,
    needsRehash: () => false,
  };
}

function steppedClock(start: EpochMs) {
  let at = start;
  return {
    now: () => at,
    step(to: EpochMs) {
      at = Math.max(at, to);
    },
  };
}
