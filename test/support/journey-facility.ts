/**
 * Where the journeys begin: a small hospital on disk, made once a file and mode, then copied. `root` is an admin and `hana` of the help
 * desk, both with a phone; `bob` has a phone, of `alice` one is required, `carol` and `dan` have no two-factor yet.
 */
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { beginLogin } from '../../src/core/login/begin-login.ts';
import type { AuditRecord } from '../../src/core/node/audit-record.ts';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { type Facility, openFacility } from '../../src/core/node/facility.ts';
import { createKeyFile } from '../../src/core/node/key-file.ts';
import { systemRandom } from '../../src/core/node/random.ts';
import { systemClock } from '../../src/core/node/system-clock.ts';
import { shellActor } from '../../src/core/roles.ts';
import { stateAt } from '../../src/core/two-factor.ts';
import { loginDeps } from '../../src/gate/login-world.ts';
import { JOURNEY_CODE_WINDOW, type JourneyPhone, journeyPhone } from './journey-phone.ts';
import { doneOf, logOn } from './temporary-facility.ts';
import { recordsIn } from './trail-records.ts';

/** A journey is several log-ons, on a machine that may have more to do. */
vi.setConfig({ testTimeout: 180_000 });

export const JOURNEY_PASSWORD = 'correct horse battery';
export const JOURNEY_LABEL = 'Codectomy St Elsewhere LIVE';

export type JourneyFacility = {
  readonly folder: string;
  readonly configFile: string;
  phone(name: string): JourneyPhone;
  /** What the audit trail has more than when the journey began. */
  events(): Promise<readonly AuditRecord[]>;
  /** The two-factor state that counts now. */
  stateOf(name: string): Promise<string>;
};

export async function journeyFacility(mode: 'Auto' | 'Central' = 'Auto'): Promise<JourneyFacility> {
  const template = await (templates.get(mode) ?? remember(mode));
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(template.folder, folder, { recursive: true });
  // Copied without their modes.
  for (const inner of ['data', 'data/audit']) chmodSync(join(folder, inner), 0o700);
  return facilityIn(folder, template);
}

/** A folder in which nothing is yet. */
export function emptyFolder(folder: string): JourneyFacility {
  return facilityIn(folder, { records: 0, phones: new Map() });
}

/** `event user (detail)`, the same whatever front end asked and on which terminal. */
export function eventText({ event, user, detail }: AuditRecord): string {
  return [event, ...(user === undefined ? [] : [user]), ...(detail === undefined ? [] : [`(${detail})`])].join(' ');
}

function facilityIn(folder: string, template: Pick<Template, 'records' | 'phones'>): JourneyFacility {
  const configFile = join(folder, 'config.ini');
  const phones = new Map<string, JourneyPhone>();
  return {
    folder,
    configFile,
    phone(name) {
      const phone = phones.get(name) ?? journeyPhone(template.phones.get(name));
      phones.set(name, phone);
      return phone;
    },
    events: async () => (await recordsIn(folder)).slice(template.records),
    async stateOf(name) {
      const facility = await openFacility(readConfigFile(configFile).config);
      try {
        const user = await (await facility.directory()).find(name);
        return user === undefined ? 'gone' : stateAt(user.twoFactor, Date.now());
      } finally {
        await facility.close();
      }
    },
  };
}

type Template = {
  readonly folder: string;
  readonly records: number;
  readonly phones: ReadonlyMap<string, { readonly secret: string; readonly lastStep: number }>;
};

const templates = new Map<string, Promise<Template>>();

const PEOPLE = [
  { name: 'root', display: 'Ruth Root', group: 'IT', role: 'admin' },
  { name: 'hana', display: 'Hana Novak', group: 'IT', role: 'helpdesk' },
  { name: 'alice', display: 'Alice Moss', group: 'Ward 3', role: 'user' },
  { name: 'bob', display: 'Bob Keller', group: 'Ward 3', role: 'user' },
  { name: 'carol', display: 'Carol Ito', group: 'Theatre', role: 'user' },
  { name: 'dan', display: 'Dan Brandt', group: 'Theatre', role: 'user' },
] as const;

function remember(mode: string): Promise<Template> {
  const made = makeTemplate(mode);
  templates.set(mode, made);
  return made;
}

async function makeTemplate(mode: string): Promise<Template> {
  const folder = temporaryFolder();
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const configFile = join(folder, 'config.ini');
  writeFileSync(configFile, `2FA=${mode}:${JOURNEY_LABEL}\n${SETTINGS}`, { mode: 0o600 });
  const { config } = readConfigFile(configFile);
  await createKeyFile({ path: config.store.keyFile, random: systemRandom, clock: systemClock });
  const facility = await openFacility(config, { database: 'create' });
  try {
    await facility.audit.append({ event: 'facility.created', actor: ADMIN.name, detail: mode.toLowerCase() });
    await engage(facility);
    const phones = new Map<string, { readonly secret: string; readonly lastStep: number }>();
    for (const name of ['root', 'hana', 'bob']) phones.set(name, await pair(facility, name));
    // The audit folder is part of the template.
    await facility.trail.drain();
    return { folder, records: (await recordsIn(folder)).length, phones };
  } finally {
    await facility.close();
  }
}

const ADMIN = shellActor('tester');

/** Cheap argon2id: what is tested is not its cost. */
const SETTINGS = `
[Login]
CodeWindow=${JOURNEY_CODE_WINDOW}
[Password]
Argon2MemoryMiB=19
Argon2Passes=2
`;

async function engage(facility: Facility): Promise<void> {
  const directory = await facility.directory();
  for (const person of PEOPLE) {
    const password = { kind: 'given', password: JOURNEY_PASSWORD, thereafter: 'stays' } as const;
    const added = await directory.addUser(ADMIN, { ...person, password });
    if (added.kind === 'refused') throw new Error(added.text);
    if (person.group === 'Theatre') continue;
    const selection = { kind: 'users', ids: [added.user.id] } as const;
    await directory.requireTwoFactor(ADMIN, { selection, from: null });
  }
}

async function pair(facility: Facility, name: string): Promise<{ readonly secret: string; readonly lastStep: number }> {
  const directory = await facility.directory();
  const user = await directory.find(name);
  if (user === undefined) throw new Error(`there is no ${name}`);
  const shown = await directory.showQr(ADMIN, user.id);
  if (shown.kind === 'refused') throw new Error(shown.text);
  const phone = journeyPhone();
  phone.scan(shown.uri);
  const said = await logOn(beginLogin(loginDeps(facility), { user: name }), {
    password: JOURNEY_PASSWORD,
    code: phone.next,
  });
  if (doneOf(said).outcome !== 'granted') throw new Error(`${name} was not paired`);
  const lastStep = (await directory.find(name))?.twoFactor.pairing?.lastStep ?? 0;
  return { secret: phone.secret(), lastStep };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-journey-'));
  chmodSync(folder, 0o700);
  return folder;
}
