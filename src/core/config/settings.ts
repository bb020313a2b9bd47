/**
 * Every setting of config.ini, once. Parsing, `config list/get/set/check`, the Config screen, config.ini.example and the
 * README's table are made from this; a new setting is one entry here and one field in `model.ts`.
 * Ranges keep an administrator from switching a protection off by a number; each floor has its source beside it.
 */
import { choice, modeSetting, path, postgresUrl, type SectionName, type Setting, wholeNumber } from './setting.ts';

export const SETTINGS = {
  '2FA': modeSetting({
    section: null,
    key: '2FA',
    help: 'How two-factor login works here, and the label that authenticator apps show: name facility and system type.',
    example: 'Auto:Codectomy St Elsewhere LIVE',
  }),
  'Login.Attempts': wholeNumber({
    section: 'Login',
    key: 'Attempts',
    help: 'Wrong passwords or codes in one log-on before it ends.',
    least: 1,
    most: 10,
    fallback: 3,
  }),
  'Login.TimeoutSeconds': wholeNumber({
    section: 'Login',
    key: 'TimeoutSeconds',
    help: 'A log-on that takes longer ends without entry.',
    least: 10,
    most: 3600,
    fallback: 120,
    unit: 'seconds',
  }),
  'Login.CodeWindow': wholeNumber({
    section: 'Login',
    key: 'CodeWindow',
    help: 'Time steps of 30 seconds accepted before and after the present one (RFC 6238 section 5.2 advises 1).',
    least: 0,
    // Ten steps are a clock five minutes off; a wider window makes guessing easier and mends nothing.
    most: 10,
    fallback: 1,
    unit: 'steps',
  }),
  'Login.AutoPairingWithinDays': wholeNumber({
    section: 'Login',
    key: 'AutoPairingWithinDays',
    help: 'Days after Require 2FA in which a user may pair at a log-on, then only an admin helps; 0 is no limit.',
    least: 0,
    most: 3650,
    fallback: 0,
    unit: 'days',
  }),
  'Lockout.PasswordFailures': wholeNumber({
    section: 'Lockout',
    key: 'PasswordFailures',
    help: 'Wrong passwords in a row before the user has to wait.',
    least: 1,
    most: 100,
    fallback: 5,
  }),
  'Lockout.CodeFailures': wholeNumber({
    section: 'Lockout',
    key: 'CodeFailures',
    help: 'Wrong codes in a row before the user has to wait.',
    least: 1,
    most: 100,
    fallback: 5,
  }),
  'Lockout.FirstDelaySeconds': wholeNumber({
    section: 'Lockout',
    key: 'FirstDelaySeconds',
    help: 'The first wait; each further failure doubles it.',
    least: 1,
    most: 86_400,
    fallback: 30,
    unit: 'seconds',
  }),
  'Lockout.LongestDelaySeconds': wholeNumber({
    section: 'Lockout',
    key: 'LongestDelaySeconds',
    help: 'The wait grows no longer than this.',
    least: 1,
    most: 86_400,
    fallback: 900,
    unit: 'seconds',
  }),
  'Lockout.HardLimit': wholeNumber({
    section: 'Lockout',
    key: 'HardLimit',
    help: 'Failures in a row after which only an admin can unlock the user (NIST SP 800-63B-4 section 3.2.2: at most 100).',
    least: 1,
    most: 100,
    fallback: 100,
  }),
  'Password.MinLength': wholeNumber({
    section: 'Password',
    key: 'MinLength',
    help: 'Shortest new password of a user with two-factor on (NIST SP 800-63B-4 section 3.1.1.2: at least 8).',
    least: 8,
    // Passwords of 64 characters must always be possible (the same section), so no minimum goes beyond.
    most: 64,
    fallback: 8,
    unit: 'characters',
  }),
  'Password.MinLengthWithout2FA': wholeNumber({
    section: 'Password',
    key: 'MinLengthWithout2FA',
    help: 'Shortest new password where it is the only factor (NIST SP 800-63B-4 section 3.1.1.2 asks for 15).',
    least: 8,
    most: 64,
    fallback: 15,
    unit: 'characters',
  }),
  'Password.Argon2MemoryMiB': wholeNumber({
    section: 'Password',
    key: 'Argon2MemoryMiB',
    help: 'Memory that hashing one password takes (OWASP password storage: at least 19 MiB).',
    least: 19,
    most: 1024,
    fallback: 64,
    unit: 'MiB',
  }),
  'Password.Argon2Passes': wholeNumber({
    section: 'Password',
    key: 'Argon2Passes',
    help: 'Passes over that memory (OWASP password storage: at least 2).',
    least: 2,
    most: 20,
    fallback: 3,
  }),
  'Store.Engine': choice({
    section: 'Store',
    key: 'Engine',
    help: 'sqljs needs no set-up, sqlite serves many users on one host, postgres serves several hosts.',
    choices: ['sqljs', 'sqlite', 'postgres'],
  }),
  'Store.Path': path({
    section: 'Store',
    key: 'Path',
    help: 'The database of sqljs and sqlite; relative paths count from the folder of this file.',
    names: 'file',
    fallback: 'data/gatehouse.db',
  }),
  'Store.Url': postgresUrl({
    section: 'Store',
    key: 'Url',
    help: 'Where the PostgreSQL server is, for Engine=postgres.',
    example: 'postgres://gatehouse@db.example/gatehouse',
  }),
  'Store.KeyFile': path({
    section: 'Store',
    key: 'KeyFile',
    help: 'The key that seals the secrets in the database; never keep it in the same back-up.',
    names: 'file',
    fallback: 'data/gatehouse.key',
  }),
  'Audit.Path': path({
    section: 'Audit',
    key: 'Path',
    help: 'Folder of the audit trail.',
    names: 'folder',
    fallback: 'data/audit',
  }),
  'Audit.QueueMax': wholeNumber({
    section: 'Audit',
    key: 'QueueMax',
    help: 'Audit records that may wait in the database while the folder cannot be written; then nobody can log in.',
    least: 100,
    most: 1_000_000,
    fallback: 10_000,
  }),
  'Audit.MaxMiB': wholeNumber({
    section: 'Audit',
    key: 'MaxMiB',
    help: 'Size of the audit trail from which `doctor` warns; 0 is no limit. Gatehouse deletes nothing by itself.',
    least: 0,
    most: 1_048_576,
    fallback: 0,
    unit: 'MiB',
  }),
  'Audit.KeepDays': wholeNumber({
    section: 'Audit',
    key: 'KeepDays',
    help: 'Days of the audit trail that `gatehouse audit archive` leaves where they are.',
    least: 0,
    most: 36_500,
    fallback: 0,
    unit: 'days',
  }),
  'Server.Socket': path({
    section: 'Server',
    key: 'Socket',
    help: 'Socket of `gatehouse serve`, which answers the log-ons of many terminals.',
    names: 'socket',
    fallback: '',
    example: '/run/gatehouse/gate.sock',
  }),
  'Server.HostSocket': path({
    section: 'Server',
    key: 'HostSocket',
    help: 'Socket for hosts that have checked the password themselves; give only them access to its folder.',
    names: 'socket',
    fallback: '',
    example: '/run/gatehouse-host/host.sock',
  }),
  'Terminal.QR': choice({
    section: 'Terminal',
    key: 'QR',
    help: 'How a QR code is drawn: half blocks, coloured cells, or the typed key alone; auto goes by the terminal.',
    choices: ['auto', 'blocks', 'ansi', 'key'],
  }),
  'Terminal.Colour': choice({
    section: 'Terminal',
    key: 'Colour',
    help: 'never draws without colour, as does NO_COLOR in the environment.',
    choices: ['auto', 'never'],
  }),
  'Terminal.QrSeconds': wholeNumber({
    section: 'Terminal',
    key: 'QrSeconds',
    help: 'A QR code on the screen is blanked after this time.',
    least: 10,
    most: 3600,
    fallback: 120,
    unit: 'seconds',
  }),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

/** `2FA` or `Section.Key`. */
export type SettingKey = keyof typeof SETTINGS;

/** In the order of the file. */
export const ALL_SETTINGS: readonly Setting<unknown>[] = Object.values(SETTINGS);

export const SECTIONS: readonly SectionName[] = [
  ...new Set(ALL_SETTINGS.flatMap((setting) => (setting.section === null ? [] : [setting.section]))),
];

const BY_KEY: ReadonlyMap<string, Setting<unknown>> = new Map(Object.entries(SETTINGS));

export function findSetting(fullKey: string): Setting<unknown> | undefined {
  return BY_KEY.get(fullKey);
}

/** `2FA` or `Section.Key`. */
export function fullKeyOf(place: { readonly section: string | null; readonly key: string }): string {
  return place.section === null ? place.key : `${place.section}.${place.key}`;
}
