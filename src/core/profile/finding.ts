/**
 * What a rule of a standard says about a facility. Invariant: a requirement is `ok` only where Gatehouse or a setting meets all of it;
 * what Gatehouse lacks and what is the site's duty is a warning that says so. What a command can put right is a failure, with the command. PURE.
 */
import type { Config } from '../config/model.ts';
import { isLocal, parsePostgresUrl } from '../config/postgres-url.ts';
import type { SettingKey } from '../config/settings.ts';
import type { User } from '../ports.ts';
import { mayDefer, stateAt } from '../two-factor.ts';
import type { EpochMs } from '../user.ts';
import { someNames } from '../user-name.ts';

export type Finding = {
  /** As the standard numbers it. */
  readonly requirement: string;
  readonly level: 'ok' | 'warn' | 'fail';
  readonly text: string;
};

/** What is judged. */
export type Facts = { readonly config: Config; readonly users: readonly User[]; readonly now: EpochMs };

export function met(requirement: string, text: string): Finding {
  return { requirement, level: 'ok', text };
}

/** `text` says what Gatehouse has not, or has otherwise. */
export function lacking(requirement: string, text: string): Finding {
  return { requirement, level: 'warn', text: `Not met by Gatehouse: ${text}` };
}

/** `text` says what the site has to do. */
export function sitesDuty(requirement: string, text: string): Finding {
  return { requirement, level: 'warn', text: `For the site: ${text}` };
}

/** `text` says what is wrong. */
export function short(requirement: string, text: string, commands: readonly string[]): Finding {
  return { requirement, level: 'fail', text: `${text} Run: ${commands.map((call) => `gatehouse ${call}`).join('; ')}` };
}

/** `text` says what the standard leaves to the site's judgement. */
export function advice(requirement: string, text: string, commands: readonly string[]): Finding {
  return { ...short(requirement, text, commands), level: 'warn' };
}

export function setting(key: SettingKey, value: string | number): string {
  return `config set ${key} ${value}`;
}

export const SWITCH_ON = setting('2FA', '"Auto:<label>"');

/** Users who can log in, by what they are asked for. */
export type People = {
  readonly enabled: readonly User[];
  /** The password alone lets them in. */
  readonly byPassword: readonly User[];
  /** They may still put pairing off until a date. */
  readonly deferring: readonly User[];
  /** They have not logged in for DORMANT_DAYS. */
  readonly dormant: readonly User[];
};

export const DORMANT_DAYS = 90;

export function peopleOf({ config: { mode }, users, now }: Facts): People {
  const enabled = users.filter(({ disabled }) => !disabled);
  const before = now - DORMANT_DAYS * 86_400_000;
  return {
    enabled,
    byPassword: enabled.filter(({ twoFactor }) => mode?.kind === 'off' || stateAt(twoFactor, now) === 'off'),
    deferring: enabled.filter(({ twoFactor }) => stateAt(twoFactor, now) !== 'paired' && mayDefer(twoFactor, now)),
    dormant: enabled.filter(({ lastLoginAt, createdAt }) => (lastLoginAt ?? createdAt) < before),
  };
}

/** Undefined where each of `users` is asked for a second factor. */
export function oneFactorProblem(requirement: string, facts: Facts, users: readonly User[]): Finding | undefined {
  const { mode } = facts.config;
  const { byPassword, deferring } = peopleOf({ ...facts, users });
  if (mode === undefined || mode.kind === 'off') {
    const value = mode === undefined ? '2FA is not set' : '2FA is Off';
    return short(requirement, `${value}; Auto or Central is required.`, [SWITCH_ON]);
  }
  if (byPassword.length > 0) {
    const text = `${counted(byPassword, 'logs in', 'log in')} with the password alone: ${named(byPassword)}.`;
    return short(requirement, text, [users === facts.users ? '2fa require --all' : '2fa require NAME...']);
  }
  if (deferring.length === 0) return undefined;
  const text = `${counted(deferring, 'may', 'may')} put pairing off until a date: ${named(deferring)}.`;
  return short(requirement, text, ['2fa deactivate NAME --yes', '2fa require NAME']);
}

/** Undefined where there is no such connection, or it is encrypted and the server's certificate is checked. */
export function databaseLineProblem(requirement: string, { config: { store } }: Facts): Finding | undefined {
  if (store.engine !== 'postgres') return undefined;
  const address = parsePostgresUrl(store.url);
  if (!address.ok || isLocal(address.value.hosts)) return undefined;
  const { sslmode } = address.value;
  if (sslmode !== 'disable' && sslmode !== 'require') return undefined;
  // The address may hold a password: it is not shown.
  return short(requirement, `sslmode in Store.Url is ${sslmode}; verify-full is required.`, [
    setting('Store.Url', '"postgres://...?sslmode=verify-full"'),
  ]);
}

export function named(users: readonly User[]): string {
  return someNames(users.map(({ name }) => name));
}

/** `3 users log in`, `1 user logs in`. */
export function counted({ length }: readonly User[], one: string, many: string): string {
  return length === 1 ? `1 user ${one}` : `${length.toLocaleString('en')} users ${many}`;
}
