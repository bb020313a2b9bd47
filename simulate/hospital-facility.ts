/**
 * The facility of the simulation: real files in a folder of their own, the real store, key and audit trail, on the simulation's clock. Two things are
 * not real: a password is compared, not hashed, its time being the model's; and secrets come out of the seed, so that a day can be played again.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pairingBinding } from '../src/core/binding.ts';
import type { Config, StoreEngine } from '../src/core/config/model.ts';
import { newId, newUserId } from '../src/core/directory/new-id.ts';
import { keyUri, SECRET_BYTES } from '../src/core/key-uri.ts';
import { readConfigFile } from '../src/core/node/config-file.ts';
import { type Facility, openFacility } from '../src/core/node/facility.ts';
import { createKeyFile } from '../src/core/node/key-file.ts';
import { openEngine } from '../src/core/node/open-engine.ts';
import type { Clock, NewUser, PasswordHasher } from '../src/core/ports.ts';
import { PAIRING_COLUMNS, pairingValues } from '../src/core/store/user-row.ts';
import { timeStepAt } from '../src/core/time-step.ts';
import { nameKey } from '../src/core/user.ts';
import type { Phones } from '../tools/demo-phones.ts';
import { chanceOf } from './chance.ts';
import type { Hospital, Person } from './hospital.ts';

/** Everybody's: what is played is how people come and go, not what they choose. */
export const PASSWORD = 'tulips do not sing';

const LABEL = 'Codectomy Group LIVE';

export const HELPDESK = { name: 'helpdesk', role: 'helpdesk' } as const;
export const ADMIN = { name: 'admin', role: 'admin' } as const;

export type EngineInPlay = Exclude<StoreEngine, 'postgres'>;

export async function makeFacility(from: {
  readonly folder: string;
  readonly engine: EngineInPlay;
  readonly hospital: Hospital;
  readonly seed: number;
  readonly clock: Clock;
  readonly phones: Phones;
}): Promise<Config> {
  const { folder, engine, hospital, seed, clock, phones } = from;
  const configFile = join(folder, 'config.ini');
  writeFileSync(configFile, `2FA=Auto:${LABEL}\n[Store]\nEngine=${engine}\n`, { mode: 0o600 });
  mkdirSync(join(folder, 'data'), { mode: 0o700 });
  const { config } = readConfigFile(configFile);
  const chance = chanceOf(seed, 'secrets');
  await createKeyFile({ path: config.store.keyFile, random: chance, clock });
  const facility = await openFacility(config, { database: 'create', clock });
  try {
    const staff = [
      ...hospital.people.map(userOf),
      { name: ADMIN.name, group: 'IT' },
      { name: HELPDESK.name, group: 'IT' },
    ];
    const users = staff.map(({ name, group }): NewUser => {
      const texts = { name, nameKey: nameKey(name), display: `Employee ${name}`, group };
      const role = name === ADMIN.name ? 'admin' : name === HELPDESK.name ? 'helpdesk' : 'user';
      const password = { passwordHash: MODEL_HASH, mustChangePassword: false, passwordExpiresAt: null };
      return { id: newUserId(chance), ...texts, role, ...password };
    });
    await facility.store.by({}).addUsers(users);
    await setStages(facility, { hospital, users, phones, seed });
  } finally {
    await facility.close();
  }
  return config;
}

/** As the server opens it, in the morning and after an outage. */
export async function openInPlay(
  config: Config,
  play: { readonly clock: Clock; readonly seed: number },
): Promise<Facility> {
  const { clock, seed } = play;
  const opened = await openFacility(config, { clock });
  const facility: Facility = {
    ...opened,
    random: chanceOf(seed, `secrets from ${clock.now()}`),
    hasher: modelledHasher,
    directory: async () => (await import('../src/core/directory/directory.ts')).createDirectory(facility),
  };
  return facility;
}

/** As long as a real one. */
const MODEL_HASH = `compared, not hashed, in the simulation alone: ${'.'.repeat(50)}`;

const modelledHasher: PasswordHasher = {
  hash: async () => MODEL_HASH,
  verify: async (password, phc) => phc === MODEL_HASH && password === PASSWORD,
  needsRehash: () => false,
};

function userOf({ name, site }: Person): { readonly name: string; readonly group: string } {
  return { name, group: site.name };
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** What the days before have left: in one transaction, since it is not what is played. */
async function setStages(
  { config, clock, secretBox }: Facility,
  made: {
    readonly hospital: Hospital;
    readonly users: readonly NewUser[];
    readonly phones: Phones;
    readonly seed: number;
  },
): Promise<void> {
  const { hospital, users, phones, seed } = made;
  const chance = chanceOf(seed, 'pairings');
  const yesterday = clock.now() - DAY_MS;
  const required: (readonly [number, number | null, string])[] = [];
  const paired: (readonly (string | number | null)[])[] = [];
  const left: (readonly [string])[] = [];
  for (const [index, person] of hospital.people.entries()) {
    const id = users[index]?.id;
    if (id === undefined) continue;
    if (person.begins === 'left') left.push([id]);
    if (person.begins === 'required') {
      required.push([yesterday, person.site.stage === 'dated' ? clock.now() + 10 * DAY_MS : null, id]);
    }
    if (person.begins === 'paired') {
      const pairingId = newId(chance);
      const secret = chance.bytes(SECRET_BYTES);
      phones.scan(person.name, keyUri({ label: LABEL, user: person.name, secret }));
      const sealedSecret = secretBox.seal(secret, pairingBinding(id, pairingId));
      const times = { issuedAt: yesterday, expiresAt: null, pairedAt: yesterday, lastStep: timeStepAt(yesterday) };
      paired.push([yesterday, ...pairingValues({ id: pairingId, sealedSecret, ...times }), id]);
    }
  }
  const engine = await openEngine(config.store, { database: 'existing', clock });
  try {
    await engine.write(async (tx) => {
      await tx.runMany(
        "UPDATE users SET two_factor = 'required', required_at = ?, required_from = ? WHERE id = ?",
        required,
      );
      await tx.runMany(
        `UPDATE users SET two_factor = 'paired', required_at = ?, ${PAIRING_COLUMNS} WHERE id = ?`,
        paired,
      );
      await tx.runMany('UPDATE users SET disabled = 1 WHERE id = ?', left);
    });
  } finally {
    await engine.close();
  }
}
