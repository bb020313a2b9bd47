/** What `doctor --profile` says of settings and users: what is met, what falls short and how to put it right, and what it does not claim. */
import { describe, expect, it } from 'vitest';
import type { Config } from '../../../src/core/config/model.ts';
import { parseConfig } from '../../../src/core/config/parse.ts';
import type { User } from '../../../src/core/ports.ts';
import type { Finding } from '../../../src/core/profile/finding.ts';
import { findingsOf, PROFILES, type Profile } from '../../../src/core/profile/profile.ts';
import { TWO_FACTOR_OFF, type TwoFactor } from '../../../src/core/two-factor.ts';
import { nameKey, type UserId } from '../../../src/core/user.ts';
import fc from '../../support/properties.ts';

const NOW = Date.parse('2026-06-01T08:00:00Z');
const DAY_MS = 86_400_000;

type Settings = Readonly<Record<string, string | number>>;

/** `Section.Key`, and `2FA`. */
function configOf(settings: Settings): Config {
  const lines = Object.entries({ '2FA': 'Auto:Ward LIVE', ...settings }).map(([key, value]) => {
    const [section, name] = key.split('.');
    return name === undefined ? { section: '', line: `${key}=${value}` } : { section, line: `${name}=${value}` };
  });
  const sections = Map.groupBy(lines, ({ section }) => section);
  const text = [...sections]
    .sort(([one = ''], [other = '']) => one.localeCompare(other))
    .map(([section, own]) => [...(section === '' ? [] : [`[${section}]`]), ...own.map(({ line }) => line)].join('\n'));
  const parsed = parseConfig({ text: `${text.join('\n')}\n`, file: 'config.ini', folder: '/srv/gatehouse' });
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

const PAIRED: TwoFactor = {
  state: 'paired',
  requiredAt: NOW - 9 * DAY_MS,
  requiredFrom: null,
  pairing: { id: 'p', sealedSecret: 's', issuedAt: NOW, expiresAt: null, pairedAt: NOW, lastStep: 1 },
};

function user(name: string, fields: Partial<User> = {}): User {
  return {
    id: name as UserId,
    name,
    nameKey: nameKey(name),
    display: '',
    group: '',
    role: 'user',
    disabled: false,
    passwordHash: 'x',
    mustChangePassword: false,
    passwordExpiresAt: null,
    twoFactor: PAIRED,
    lastLoginAt: NOW - DAY_MS,
    createdAt: NOW - 400 * DAY_MS,
    lockedUntil: null,
    version: 1,
    passwordVersion: 1,
    ...fields,
  };
}

const ADMINS = [user('root', { role: 'admin' }), user('deputy', { role: 'admin' })];

function findings(profile: Profile, settings: Settings = {}, users: readonly User[] = ADMINS): readonly Finding[] {
  return findingsOf(profile, { config: configOf(settings), users, now: NOW });
}

function failed(profile: Profile, settings: Settings = {}, users: readonly User[] = ADMINS): readonly string[] {
  return findings(profile, settings, users).flatMap(({ requirement, level }) =>
    level === 'fail' ? [requirement] : [],
  );
}

/** The settings after the commands that a finding names. */
function afterCommands(settings: Settings, text: string): Settings {
  const commands = [...text.matchAll(/gatehouse config set (\S+) ([^;]+)/g)];
  expect(commands).not.toEqual([]);
  let now = settings;
  for (const [, key = '', value = ''] of commands) {
    now = { ...now, [key]: value.replaceAll('"', '') };
    // Each of them is accepted by itself, in that order.
    configOf(now);
  }
  return now;
}

describe('each profile', () => {
  it.each([
    ['nist', []],
    ['pci', ['8.3.4', '8.3.6']],
    ['hipaa', []],
  ] as const)('%s: what the defaults fall short of', (profile, requirements) => {
    expect(failed(profile)).toEqual(requirements);
  });

  it.each(PROFILES)('%s: no requirement is met by settings alone where Gatehouse lacks something', (profile) => {
    const open = findings(profile).filter(({ level }) => level === 'warn');
    expect(open.length).toBeGreaterThan(3);
    for (const { text } of open) expect(text).toMatch(/^(For the site|Not met by Gatehouse): |Run: /);
  });

  it.each([
    ['pci', '8.3.7', /Not met by Gatehouse: it keeps no password history/],
    ['pci', '8.3.6', /Not met by Gatehouse: it does not require letters and digits/],
    ['pci', '8.3.3', /For the site: verify who asks/],
    ['nist', '2.2.2', /Not met by Gatehouse: it offers no phishing-resistant/],
    ['nist', '4.6', /Not met by Gatehouse: it cannot notify users/],
    ['hipaa', '164.312(a)(2)(iii)', /For the site: end idle sessions .*120 seconds \(Login\.TimeoutSeconds\)/],
  ] as const)('%s %s is not claimed', (profile, requirement, text) => {
    expect(findings(profile)).toContainEqual({ requirement, level: 'warn', text: expect.stringMatching(text) });
  });

  it('names the setting, its value, the value that meets it and the command', () => {
    expect(findings('pci')).toContainEqual({
      requirement: '8.3.6',
      level: 'fail',
      text: 'Password.MinLength is 8; at least 12 is required. Run: gatehouse config set Password.MinLength 12',
    });
    expect(findings('nist', { 'Password.MinLengthWithout2FA': 12 })).toContainEqual({
      requirement: '3.1.1.2',
      level: 'fail',
      text: 'Password.MinLengthWithout2FA is 12; at least 15 is required. Run: gatehouse config set Password.MinLengthWithout2FA 15',
    });
    expect(findings('nist', { 'Login.CodeWindow': 4 })).toContainEqual({
      requirement: '3.1.4.2',
      level: 'fail',
      text: expect.stringMatching(
        /^Login\.CodeWindow is 4, .* 270 seconds; .* Run: gatehouse config set Login\.CodeWindow 1$/,
      ),
    });
  });

  it.each(PROFILES)('%s: two-factor switched off, or never set', (profile) => {
    for (const mode of ['Off', undefined]) {
      const config = configOf({ '2FA': mode ?? 'Off' });
      const facts = { config: mode === undefined ? { ...config, mode: undefined } : config, users: ADMINS, now: NOW };
      const open = findingsOf(profile, facts).filter(({ text }) =>
        text.includes('gatehouse config set 2FA "Auto:<label>"'),
      );
      expect(open.map(({ level }) => level)).not.toContain('ok');
      expect(open.map(({ text }) => text).join('\n')).toContain(mode === undefined ? '2FA is not set' : '2FA is Off');
    }
  });
});

describe('users', () => {
  const off = user('carol', { twoFactor: TWO_FACTOR_OFF });

  it('who log in with the password alone fall short, each named up to five, but not those who are disabled', () => {
    const many = Array.from({ length: 7 }, (_, index) => ({ ...off, name: `user${index}` }));
    const found = findings('pci', {}, [...ADMINS, ...many]);
    expect(found.filter(({ level }) => level === 'fail').map(({ requirement }) => requirement)).toEqual([
      '8.3.4',
      '8.3.6',
      '8.3.9',
      '8.4.2',
      '8.5.1',
    ]);
    expect(found).toContainEqual({
      requirement: '8.4.2',
      level: 'fail',
      text: '7 users log in with the password alone: user0, user1, user2, user3, user4, and 2 more. Run: gatehouse 2fa require --all',
    });
    expect(failed('pci', {}, [...ADMINS, { ...off, disabled: true }])).toEqual(['8.3.4', '8.3.6']);
    expect(failed('nist', {}, [...ADMINS, off])).toEqual(['2.2.1']);
  });

  it('with a role are judged by themselves', () => {
    expect(failed('pci', {}, [{ ...off, role: 'helpdesk' }])).toContain('8.4.1');
    expect(failed('pci', {}, [...ADMINS, off])).not.toContain('8.4.1');
  });

  it('who may put pairing off fall short until the date has come', () => {
    const later = (requiredFrom: number): User =>
      user('dora', { twoFactor: { state: 'required', requiredAt: NOW, requiredFrom, pairing: null } });
    expect(failed('nist', {}, [...ADMINS, later(NOW + DAY_MS)])).toEqual(['2.2.1']);
    expect(failed('nist', {}, [...ADMINS, later(NOW - DAY_MS)])).toEqual([]);
  });

  it('who have not logged in for 90 days are named, and those who are new are not', () => {
    const idle = user('emil', { lastLoginAt: NOW - 91 * DAY_MS });
    const never = user('fred', { lastLoginAt: null, mustChangePassword: true });
    const fresh = user('gina', { lastLoginAt: null, mustChangePassword: true, createdAt: NOW - DAY_MS });
    expect(findings('pci', {}, [...ADMINS, idle, never, fresh])).toContainEqual({
      requirement: '8.2.6',
      level: 'fail',
      text: '2 users are enabled and have not logged in for 90 days: emil, fred. Run: gatehouse user disable NAME',
    });
    expect(findings('hipaa', {}, [...ADMINS, idle])).toContainEqual(
      expect.objectContaining({ requirement: '164.312(a)(1)', level: 'warn', text: expect.stringContaining('emil') }),
    );
  });

  it('who were given a password by hand have to change it', () => {
    const given = user('hans', { lastLoginAt: null, createdAt: NOW });
    expect(failed('pci', {}, [...ADMINS, given])).toContain('8.3.5');
    expect(failed('pci', {}, [...ADMINS, { ...given, mustChangePassword: true }])).not.toContain('8.3.5');
    expect(failed('pci', {}, [...ADMINS, { ...given, passwordHash: null }])).not.toContain('8.3.5');
  });

  it('need a second administrator for an emergency', () => {
    expect(findings('hipaa', {}, ADMINS.slice(0, 1))).toContainEqual(
      expect.objectContaining({ requirement: '164.312(a)(2)(ii)', text: expect.stringContaining('only one') }),
    );
  });
});

describe('settings', () => {
  it('are right after the commands that a finding names, whatever they were', () => {
    const settings = fc.record({
      'Lockout.PasswordFailures': fc.integer({ min: 1, max: 20 }),
      'Lockout.CodeFailures': fc.integer({ min: 1, max: 20 }),
      'Lockout.FirstDelaySeconds': fc.integer({ min: 1, max: 3000 }),
      'Lockout.LongestDelaySeconds': fc.integer({ min: 3000, max: 4000 }),
      'Lockout.HardLimit': fc.integer({ min: 20, max: 100 }),
      'Password.MinLength': fc.integer({ min: 8, max: 14 }),
      'Password.MinLengthWithout2FA': fc.integer({ min: 14, max: 20 }),
      'Login.CodeWindow': fc.integer({ min: 0, max: 10 }),
      '2FA': fc.constantFrom('Off', 'Auto:Ward', 'Central:Ward'),
    });
    let applied = 0;
    fc.assert(
      fc.property(settings, fc.constantFrom(...PROFILES), (before, profile) => {
        let now: Settings = before;
        for (const { level, text } of findings(profile, before)) {
          if (level !== 'fail' || !text.includes('gatehouse config set')) continue;
          now = afterCommands(now, text);
          applied += 1;
        }
        expect(failed(profile, now)).toEqual([]);
      }),
      { numRuns: 2000, seed: 7 },
    );
    expect(applied).toBeGreaterThan(1000);
  });

  it('meet 8.3.4 where an administrator has to unlock after ten failures', () => {
    expect(failed('pci', { 'Lockout.HardLimit': 10 })).toEqual(['8.3.6']);
    expect(failed('pci', { 'Lockout.HardLimit': 11 })).toEqual(['8.3.4', '8.3.6']);
  });

  it('are open where hosts vouch for the password', () => {
    const served = { 'Server.HostSocket': '/run/gatehouse-host/host.sock' };
    for (const [profile, requirement] of [
      ['pci', '8.3.1'],
      ['pci', '8.5.1'],
      ['hipaa', '164.312(d)'],
    ] as const) {
      const open = findings(profile, served).filter((found) => found.requirement === requirement);
      expect(open.map(({ level }) => level)).not.toContain('ok');
    }
  });

  it('of a database on another host have to encrypt the line and check who answers, and no password is shown', () => {
    for (const [profile, requirement] of [
      ['pci', '8.3.2'],
      ['nist', '2.2.2'],
      ['hipaa', '164.312(e)(1)'],
    ] as const) {
      const withMode = (sslmode: string) => ({
        'Store.Engine': 'postgres',
        'Store.Url': `postgres://gatehouse:canary@db.example/gatehouse?sslmode=${sslmode}`,
      });
      expect(failed(profile, withMode('disable'))).toContain(requirement);
      expect(failed(profile, withMode('require'))).toContain(requirement);
      expect(failed(profile, withMode('verify-full'))).not.toContain(requirement);
      expect(JSON.stringify(findings(profile, withMode('disable')))).not.toContain('canary');
    }
  });
});
