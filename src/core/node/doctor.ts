/**
 * Looks a facility over and says what is amiss: config.ini, files, key, store, audit trail, people, clock. Reads only. Each check
 * stands alone: one that cannot be made is a failed one, and the others go on.
 */
import { dirname } from 'node:path';
import { hostClock, hostClockText, LEAST_USERS } from '../clock-drift.ts';
import { labelAdvice } from '../config/label.ts';
import type { Config } from '../config/model.ts';
import { isoTime } from '../directory/user-summary.ts';
import { ENGINE_COMMAND, engineAdvice } from '../engine-advice.ts';
import { toFault } from '../errors.ts';
import { LOCKED_FOR_GOOD } from '../lockout.ts';
import type { User } from '../ports.ts';
import { timeStepAt } from '../time-step.ts';
import type { EpochMs } from '../user.ts';
import { inert } from '../visible-text.ts';
import { recentCodeMatches } from './code-matches.ts';
import { readConfigFile } from './config-file.ts';
import { auditChecks } from './doctor-audit.ts';
import { folderChecks } from './doctor-folders.ts';
import { type Facility, openFacility } from './facility.ts';
import { readKeyRing } from './key-file.ts';
import { nativeParts } from './native-check.ts';
import { checkSeals } from './seal-check.ts';
import { systemClock } from './system-clock.ts';

export type CheckLevel = 'ok' | 'warn' | 'fail';
export type Check = { readonly name: string; readonly level: CheckLevel; readonly text: string };

export async function examine(configFile: string): Promise<readonly Check[]> {
  const checks: Check[] = [];
  const config = await tried(checks, 'config', async () => {
    const read = readConfigFile(configFile).config;
    checks.push(ok('config', `${inert(configFile)} is in order.`));
    return read;
  });
  if (config === undefined) return checks;
  await tried(checks, 'folders', async () => checks.push(...(await folderChecks({ configFile, config }))));
  await tried(checks, 'native', async () => checks.push(await nativeCheck(config)));
  await tried(checks, 'key', async () => checks.push(keyCheck(config)));
  await tried(checks, 'audit', async () => checks.push(...(await auditChecks(config, configFile))));
  if (config.store.engine === 'postgres') {
    const { postgresChecks } = await import('./doctor-postgres.ts');
    await tried(checks, 'server', async () =>
      checks.push(...(await postgresChecks(config.store, configFile, systemClock))),
    );
  }
  const facility = await tried(checks, 'store', () => openFacility(config));
  if (facility === undefined) return checks;
  try {
    await tried(checks, 'store', async () => checks.push(await storeCheck(facility)));
    await tried(checks, 'secrets', async () => checks.push(await secretsCheck(facility)));
    await tried(checks, 'people', async () => {
      const { store, config } = facility;
      checks.push(...peopleChecks(await store.users(), config, await store.now()));
    });
    await tried(checks, 'phones', async () => checks.push(await phonesCheck(facility)));
  } finally {
    await facility.close();
  }
  return checks;
}

/** What `work` answers; a fault becomes a failed check. */
async function tried<T>(checks: Check[], name: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    const { message, hint } = toFault(thrown);
    checks.push(fail(name, hint === undefined ? message : `${message} ${hint}`));
    return undefined;
  }
}

async function nativeCheck({ password }: Config): Promise<Check> {
  return ok('native', await nativeParts({ memoryMiB: password.argon2MemoryMiB, passes: password.argon2Passes }));
}

function keyCheck({ store }: Config): Check {
  const { sealing } = readKeyRing(store.keyFile);
  if (sealing.length > 1) {
    return warn('key', 'A key rotation was not finished. Run: gatehouse key rotate');
  }
  const beside = store.engine !== 'postgres' && dirname(store.keyFile) === dirname(store.path);
  const advice = beside ? ' It lies beside the database: never keep both in one backup.' : '';
  return ok('key', `The key file is for this account alone.${advice}`);
}

async function storeCheck({ store }: Facility): Promise<Check> {
  const found = await store.integrity();
  return found.length === 1 && found[0] === 'ok'
    ? ok('store', 'The database is whole.')
    : fail(
        'store',
        `The database is damaged (${inert(found.slice(0, 3).join('; '))}). Restore a backup: gatehouse restore`,
      );
}

async function secretsCheck(facility: Facility): Promise<Check> {
  const { opened, broken } = await checkSeals(facility);
  return broken === 0
    ? ok('secrets', `The key opens all ${opened} sealed values.`)
    : fail(
        'secrets',
        `${broken} sealed values do not open: they were changed, or another key file belongs to this database.`,
      );
}

function peopleChecks(users: readonly User[], config: Config, now: EpochMs): readonly Check[] {
  return [
    modeCheck(users, config),
    adminCheck(users),
    clockCheck(users, config, now),
    lockCheck(users),
    engineCheck(users, config),
  ];
}

function engineCheck({ length }: readonly User[], { store }: Config): Check {
  const advice = engineAdvice(store.engine, length);
  return advice === undefined
    ? ok('engine', `The store engine ${store.engine} fits ${length.toLocaleString('en')} users.`)
    : warn('engine', `${advice} Run: ${ENGINE_COMMAND}`);
}

function modeCheck(users: readonly User[], { mode }: Config): Check {
  const on = users.filter((user) => user.twoFactor.state !== 'off').length;
  if (mode === undefined) {
    const text = 'config.ini has no 2FA setting';
    return on > 0
      ? fail(
          'mode',
          `${text}: the ${on} users with two-factor on cannot log on. Run: gatehouse config set 2FA "Auto:<label>"`,
        )
      : warn('mode', `${text}.`);
  }
  if (mode.kind === 'off') {
    return on > 0
      ? fail(
          'mode',
          `TWO-FACTOR IS SWITCHED OFF by 2FA=Off: ${on} users who have it on log on with the password alone.`,
        )
      : warn('mode', 'Two-factor is switched off by 2FA=Off: everybody logs on with the password alone.');
  }
  const advice = labelAdvice(mode.label);
  return advice === undefined
    ? ok(
        'mode',
        `${mode.kind === 'auto' ? 'Auto' : 'Central'}, "${inert(mode.label)}"; two-factor is on for ${on} of ${users.length} users.`,
      )
    : warn('mode', `The label is "${inert(mode.label)}". ${advice}`);
}

function adminCheck(users: readonly User[]): Check {
  const admins = users.filter((user) => user.role === 'admin' && !user.disabled);
  if (admins.length === 0)
    return fail('admins', 'No administrator can log on. Run: gatehouse user set NAME --role admin');
  const bare = admins.filter((user) => user.twoFactor.state === 'off');
  if (bare.length > 0) {
    return warn('admins', `Administrators without two-factor: ${bare.map((user) => inert(user.name)).join(', ')}.`);
  }
  if (admins.length === 1)
    return warn('admins', 'There is one administrator only: nobody can help when that phone is lost.');
  return ok('admins', `${admins.length} administrators, all with two-factor.`);
}

/** A step that was accepted lies in the past, but for the window: else the clock was set back (ACCEPTANCE C5). */
function clockCheck(users: readonly User[], config: Config, now: EpochMs): Check {
  const latest = users.reduce((step, user) => Math.max(step, user.twoFactor.pairing?.lastStep ?? 0), 0);
  const ahead = latest - timeStepAt(now) - config.login.codeWindow;
  return ahead > 0
    ? warn(
        'clock',
        `The clock is behind the last accepted code: it was set back, by ${Math.ceil(ahead / 2)} minutes at least. Codes are refused until it has caught up.`,
      )
    : ok('clock', `The clock says ${isoTime(now)}.`);
}

/** The phones of many users know the time; what their codes say of ours needs no network. */
async function phonesCheck({ config, store, trail }: Facility): Promise<Check> {
  const reading = hostClock(await recentCodeMatches(trail, await store.now()));
  const wrong = hostClockText(reading, config.store.engine);
  if (wrong !== undefined) return warn('phones', `${wrong}. Set it by a time server: timedatectl set-ntp true`);
  return reading.kind === 'unknown'
    ? ok(
        'phones',
        `Codes of ${LEAST_USERS} users are needed to tell whether the clock is right; ${reading.users} gave one of late.`,
      )
    : ok('phones', `The codes of ${reading.users} users agree with the clock.`);
}

function lockCheck(users: readonly User[]): Check {
  const locked = users.filter((user) => user.lockedUntil === LOCKED_FOR_GOOD);
  return locked.length === 0
    ? ok('lockouts', 'Nobody is locked out for good.')
    : warn('lockouts', `${locked.length} users are locked out until somebody unlocks them: gatehouse user unlock NAME`);
}

function ok(name: string, text: string): Check {
  return { name, level: 'ok', text };
}

function warn(name: string, text: string): Check {
  return { name, level: 'warn', text };
}

function fail(name: string, text: string): Check {
  return { name, level: 'fail', text };
}
