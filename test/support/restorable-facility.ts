/** A facility on disk that is opened for each piece of work and closed again, so that it can be backed up, damaged and restored in between. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { pairingBinding } from '../../src/core/binding.ts';
import type { Config } from '../../src/core/config/model.ts';
import type { Directory } from '../../src/core/directory/directory.ts';
import { beginLogin } from '../../src/core/login/begin-login.ts';
import { backUp } from '../../src/core/node/backup.ts';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { type Facility, openFacility } from '../../src/core/node/facility.ts';
import { createKeyFile } from '../../src/core/node/key-file.ts';
import { systemRandom } from '../../src/core/node/random.ts';
import { restore } from '../../src/core/node/restore.ts';
import type { Restored, RestoreRequest } from '../../src/core/node/restore-rules.ts';
import type { Clock, User } from '../../src/core/ports.ts';
import { shellActor } from '../../src/core/roles.ts';
import { timeStepAt } from '../../src/core/time-step.ts';
import { codeAt } from '../../src/core/totp.ts';
import { nameKey } from '../../src/core/user.ts';
import { loginDeps } from '../../src/gate/login-world.ts';
import { doneOf, logOn, START, type SteppedClock, steppedClock } from './temporary-facility.ts';

export const ACTOR = shellActor('tester');

export type RestorableFacility = {
  readonly folder: string;
  readonly config: Config;
  readonly clock: SteppedClock;
  inside<T>(work: (parts: { readonly facility: Facility; readonly directory: Directory }) => Promise<T>): Promise<T>;
  user(name: string): Promise<User>;
  add(name: string, role?: User['role']): Promise<void>;
  setPassword(name: string, password: string): Promise<void>;
  require(...names: readonly string[]): Promise<void>;
  /** Requires, issues, and confirms by a login. */
  pair(name: string): Promise<void>;
  /** What the app of that user shows now, by the secret in the database. */
  code(name: string, stepsAhead?: number): Promise<string>;
  /** How a login ends; each answer to password and code in turn. */
  login(name: string, ...answers: readonly string[]): Promise<string>;
  /** A new backup; its path. */
  backUp(): Promise<string>;
  restore(file: string, more?: Partial<RestoreRequest>): Promise<Restored>;
};

export function passwordOf(name: string): string {
  return `${name} and the first snow`;
}

/** `url`: in that database; the clock is its own then. */
export async function restorableFacility(
  engine: 'sqljs' | 'sqlite' | { readonly url: string },
): Promise<RestorableFacility> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-restore-'));
  chmodSync(folder, 0o700);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'config.ini');
  const store = typeof engine === 'string' ? `Engine=${engine}\n` : `Engine=postgres\nUrl=${engine.url}\n`;
  writeFileSync(file, `2FA=Auto:Ward LIVE\n[Password]\nArgon2MemoryMiB=19\nArgon2Passes=2\n[Store]\n${store}`, {
    mode: 0o600,
  });
  const { config } = readConfigFile(file);
  const clock = steppedClock(START);
  const decides: Clock = typeof engine === 'string' ? clock : { now: () => Date.now() };
  await createKeyFile({ path: config.store.keyFile, random: systemRandom, clock: decides });
  let backups = 0;

  async function inside<T>(
    work: (parts: { readonly facility: Facility; readonly directory: Directory }) => Promise<T>,
    database: 'existing' | 'create' = 'existing',
  ): Promise<T> {
    const facility = await openFacility(config, { database, clock: decides });
    try {
      return await work({ facility, directory: await facility.directory() });
    } finally {
      await facility.close();
    }
  }

  const made: RestorableFacility = {
    ...{ folder, config, clock, inside },
    user: (name) => inside(({ directory }) => found(directory, name)),
    add: (name, role = 'user') =>
      inside(async ({ directory }) => {
        const password = { kind: 'given', password: passwordOf(name), thereafter: 'stays' } as const;
        const added = await directory.addUser(ACTOR, { name, role, password });
        if (added.kind === 'refused') throw new Error(added.text);
      }),
    setPassword: (name, password) =>
      inside(async ({ directory }) => {
        const { id } = await found(directory, name);
        const set = await directory.setPassword(ACTOR, {
          id,
          password: { kind: 'given', password, thereafter: 'stays' },
        });
        if (set.kind === 'refused') throw new Error(set.text);
      }),
    require: (...names) =>
      inside(async ({ directory }) => {
        const ids = await Promise.all(names.map(async (name) => (await found(directory, name)).id));
        await directory.requireTwoFactor(ACTOR, { selection: { kind: 'users', ids }, from: null });
      }),
    async pair(name) {
      await made.require(name);
      await inside(async ({ directory }) => directory.showQr(ACTOR, (await found(directory, name)).id));
      const outcome = await made.login(name, passwordOf(name), await made.code(name));
      if (outcome !== 'granted') throw new Error(`${name} is not paired: ${outcome}`);
    },
    code: (name, stepsAhead = 0) =>
      inside(async ({ facility, directory }) => {
        const { id, twoFactor } = await found(directory, name);
        if (twoFactor.pairing === null) throw new Error(`${name} has no pairing`);
        const secret = facility.secretBox.open(
          twoFactor.pairing.sealedSecret,
          pairingBinding(id, twoFactor.pairing.id),
        );
        return codeAt(secret, timeStepAt(decides.now()) + stepsAhead);
      }),
    login: (name, ...answers) =>
      inside(async ({ facility }) => {
        const left = [...answers];
        const asked = { password: () => left.shift() ?? 'x', code: () => left.shift() ?? '000000' };
        return doneOf(await logOn(beginLogin(loginDeps(facility), { user: name }), asked)).outcome;
      }),
    backUp: () =>
      inside(async ({ facility }) => {
        backups += 1;
        const path = join(folder, `copy-${backups}.db`);
        await backUp(facility, ACTOR, path);
        return path;
      }),
    restore: (path, more = {}) =>
      restore({ config, actor: ACTOR, file: path, unknown: 'refuse', clock: decides, ...more }),
  };
  await inside(async ({ facility }) => facility.audit.append({ event: 'facility.created' }), 'create');
  await made.add('root', 'admin');
  return made;
}

async function found(directory: Directory, name: string): Promise<User> {
  const user = await directory.find(nameKey(name));
  if (user === undefined) throw new Error(`there is no ${name}`);
  return user;
}
