/** What `doctor` says of the users: two-factor, administrators, locks, names. */
import { labelAdvice } from '../config/label.ts';
import type { Config } from '../config/model.ts';
import { shutOutText } from '../directory/shut-out.ts';
import { ENGINE_COMMAND, engineAdvice } from '../engine-advice.ts';
import { LOCKED_FOR_GOOD } from '../lockout.ts';
import type { User } from '../ports.ts';
import type { EpochMs } from '../user.ts';
import { shellUnsafe, someNames } from '../user-name.ts';
import { inert } from '../visible-text.ts';
import { isVoidPassword } from '../void-password.ts';
import { type Check, fail, ok, warn } from './doctor-check.ts';
import { clockCheck } from './doctor-clock.ts';
import type { Facility } from './facility.ts';

export async function peopleChecks({ facility }: { readonly facility: Facility }): Promise<readonly Check[]> {
  const { store, config } = facility;
  const users = await store.users();
  return [
    modeCheck(users, config),
    adminCheck(users, config, await store.now()),
    clockCheck(users, config, await store.now()),
    lockCheck(users),
    nameCheck(users),
    engineCheck(users, config),
  ];
}

function modeCheck(users: readonly User[], { mode }: Config): Check {
  const on = users.filter((user) => user.twoFactor.state !== 'off').length;
  if (mode === undefined) {
    const text = 'config.ini has no 2FA setting';
    return on > 0
      ? fail(
          'mode',
          `${text}: the ${on} users with two-factor on cannot log in. Run: gatehouse config set 2FA "Auto:<label>"`,
        )
      : warn('mode', `${text}.`);
  }
  if (mode.kind === 'off') {
    return on > 0
      ? fail(
          'mode',
          `TWO-FACTOR IS SWITCHED OFF by 2FA=Off: ${on} users who have it on log in with the password alone.`,
        )
      : warn('mode', 'Two-factor is switched off by 2FA=Off: everybody logs in with the password alone.');
  }
  const advice = labelAdvice(mode.label);
  return advice === undefined
    ? ok(
        'mode',
        `${mode.kind === 'auto' ? 'Auto' : 'Central'}, "${inert(mode.label)}"; two-factor is on for ${on} of ${users.length} users.`,
      )
    : warn('mode', `The label is "${inert(mode.label)}". ${advice}`);
}

function adminCheck(users: readonly User[], config: Config, now: EpochMs): Check {
  const admins = users.filter((user) => user.role === 'admin' && !user.disabled);
  if (admins.length === 0)
    return fail('admins', 'No administrator can log in. Run: gatehouse user set NAME --role admin');
  if (admins.every(({ passwordHash }) => passwordHash === null || isVoidPassword(passwordHash))) {
    return warn(
      'admins',
      'No administrator has a password, so nobody can sign in to the console. Run: gatehouse user passwd NAME',
    );
  }
  const shutOut = shutOutText(admins, config, now);
  if (shutOut !== undefined) return warn('admins', shutOut);
  const bare = admins.filter((user) => user.twoFactor.state === 'off');
  if (bare.length > 0) {
    return warn('admins', `Administrators without two-factor: ${bare.map((user) => inert(user.name)).join(', ')}.`);
  }
  if (admins.length === 1)
    return warn('admins', 'There is only one administrator: nobody can help when that phone is lost.');
  return ok('admins', `${admins.length} administrators, all with two-factor.`);
}

function lockCheck(users: readonly User[]): Check {
  const locked = users.filter((user) => user.lockedUntil === LOCKED_FOR_GOOD);
  return locked.length === 0
    ? ok('lockouts', 'Nobody is locked out for good.')
    : warn('lockouts', `${locked.length} users are locked out until somebody unlocks them: gatehouse user unlock NAME`);
}

/** New users cannot have such a name; those who have one keep it. */
function nameCheck(users: readonly User[]): Check {
  const unsafe = users.filter(({ name }) => shellUnsafe(name));
  if (unsafe.length === 0) return ok('names', 'No user name means anything to a shell.');
  const whose = unsafe.length === 1 ? 'user has a name' : 'users have names';
  return warn(
    'names',
    `${unsafe.length} ${whose} that a shell would expand, or that are paths: ${someNames(unsafe.map(({ name }) => name))}. A program that puts ` +
      'GATEHOUSE_USER into a command line or a path has to quote it. Add these users again under other names.',
  );
}

function engineCheck({ length }: readonly User[], { store }: Config): Check {
  const advice = engineAdvice(store.engine, length);
  return advice === undefined
    ? ok('engine', `The store engine ${store.engine} fits ${length.toLocaleString('en')} users.`)
    : warn('engine', `${advice} Run: ${ENGINE_COMMAND}`);
}
