/** A facility with people in it, for tests and measurements of the console: one password for all, hashed once. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { type Facility, openFacility } from '../../src/core/node/facility.ts';
import { createKeyFile } from '../../src/core/node/key-file.ts';
import { systemRandom } from '../../src/core/node/random.ts';
import { systemClock } from '../../src/core/node/system-clock.ts';
import type { Clock, NewUser } from '../../src/core/ports.ts';
import { shellActor } from '../../src/core/roles.ts';
import { nameKey, type Role, type UserId } from '../../src/core/user.ts';

export const CONSOLE_PASSWORD = 'correct horse battery';

export type Person = {
  readonly name: string;
  readonly display?: string;
  readonly group?: string;
  readonly role?: Role;
};

/** Writes config.ini, key and database into `folder`, and opens them. Two-factor is off for everybody. */
export async function consoleFacility(from: {
  readonly folder: string;
  readonly people: readonly Person[];
  readonly settings?: string;
  readonly clock?: Clock;
}): Promise<Facility> {
  const { folder, people, settings = '2FA=Auto:Codectomy St Elsewhere LIVE', clock = systemClock } = from;
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  const file = join(folder, 'config.ini');
  writeFileSync(file, `${settings}\n[Password]\nArgon2MemoryMiB=19\nArgon2Passes=2\n`, { mode: 0o600 });
  const { config } = readConfigFile(file);
  await createKeyFile({ path: config.store.keyFile, random: systemRandom, clock });
  const facility = await openFacility(config, { database: 'create', clock });
  const passwordHash = await facility.hasher.hash(CONSOLE_PASSWORD);
  const outcome = await facility.store
    .by({})
    .addUsers(people.map((person, index) => newUser(person, index, passwordHash)));
  if (outcome.kind !== 'added') throw new Error(`names twice: ${outcome.keys.join(' ')}`);
  return facility;
}

/** `count` people with Latin names in a few groups; the first is the admin `ada`. */
export function manyPeople(count: number): readonly Person[] {
  const people = Array.from({ length: count - 1 }, (_, index) => {
    const first = FIRST[index % FIRST.length] ?? '';
    const last = LAST[Math.floor(index / FIRST.length) % LAST.length] ?? '';
    const number = Math.floor(index / (FIRST.length * LAST.length));
    const name = `${first}.${last}${number === 0 ? '' : number}`.toLowerCase();
    return { name, display: `${first} ${last}`, group: GROUPS[index % GROUPS.length] ?? '' };
  });
  return [{ name: 'ada', display: 'Ada Lovelace', group: 'IT', role: 'admin' }, ...people];
}

export const CONSOLE_ACTOR = shellActor('tester');

const FIRST = ['Alice', 'Bruno', 'Chen', 'Dora', 'Emil', 'Fatima', 'Goran', 'Hana', 'Ivo', 'Jana', 'Karim', 'Lena'];
const LAST = [
  'Adler',
  'Brandt',
  'Castro',
  'Dimov',
  'Eriksen',
  'Fischer',
  'Garcia',
  'Horvat',
  'Ito',
  'Jansen',
  'Kovacs',
];
const GROUPS = ['Ward 1', 'Ward 2', 'Theatre', 'Pharmacy', 'IT'];

function newUser(person: Person, index: number, passwordHash: string): NewUser {
  return {
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}` as UserId,
    name: person.name,
    nameKey: nameKey(person.name),
    display: person.display ?? '',
    group: person.group ?? '',
    role: person.role ?? 'user',
    passwordHash,
    mustChangePassword: false,
    passwordExpiresAt: null,
  };
}
