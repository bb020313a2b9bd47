/** PCI DSS 4.0.1, requirements 8.2 to 8.5, as far as settings, users and Gatehouse's own doing answer them. PURE. */
import { countFailure, FACTORS, type LockoutRules, NO_FAILURES, secondsLocked } from '../lockout.ts';
import {
  counted,
  DORMANT_DAYS,
  databaseLineProblem,
  type Facts,
  type Finding,
  lacking,
  met,
  named,
  oneFactorProblem,
  peopleOf,
  setting,
  short,
  sitesDuty,
} from './finding.ts';

/** 8.3.4. */
const ATTEMPTS = 10;
const LOCKED_SECONDS = 30 * 60;
/** 8.3.6. */
const MIN_LENGTH = 12;

export function pciFindings(facts: Facts): readonly Finding[] {
  const { config, users } = facts;
  const administrators = users.filter(({ role }) => role !== 'user');
  return [
    met('8.2.1', 'Each user has one name; spellings that differ in case or Unicode form are the same user.'),
    sitesDuty('8.2.2', 'forbid shared accounts. Gatehouse cannot tell how many people know a password.'),
    dormant(facts),
    sitesDuty(
      '8.2.8',
      'lock or end idle sessions of the program behind the gate after 15 minutes. The console locks after 10.',
    ),
    config.server.hostSocket === ''
      ? met('8.3.1', 'Every user is asked for a password; a program that can read the key file may check it itself.')
      : sitesDuty(
          '8.3.1',
          `programs at ${config.server.hostSocket} check the password themselves; look at how they do.`,
        ),
    databaseLineProblem('8.3.2', facts) ??
      sitesDuty(
        '8.3.2',
        'encrypt the line between terminal and host (ssh, not telnet). Stored passwords are hashed, secrets encrypted.',
      ),
    sitesDuty('8.3.3', identityText(facts)),
    lockout(config.lockout),
    firstPasswords(facts),
    ...lengths(facts),
    lacking('8.3.6', 'it does not require letters and digits in a password (NIST SP 800-63B-4 forbids such rules).'),
    lacking('8.3.7', 'it keeps no password history, and accepts one of the last four passwords.'),
    sitesDuty('8.3.8', 'document the rules for passwords and phones, and tell users.'),
    rotation(facts),
    sitesDuty('8.3.11', 'require a screen lock on phones. Each user has a secret of their own.'),
    oneFactorProblem('8.4.1', facts, administrators) ?? met('8.4.1', 'All administrators log in with two factors.'),
    oneFactorProblem('8.4.2', facts, users) ?? met('8.4.2', 'All users log in with two factors.'),
    sitesDuty('8.4.3', 'require a second factor for remote access too. Gatehouse protects the program behind it.'),
    mfaSystem(facts),
    sitesDuty(
      '8.5.1',
      'document who may give one-time codes, which replace the phone for an hour. The audit trail names who did.',
    ),
  ];
}

function dormant(facts: Facts): Finding {
  const { dormant: idle } = peopleOf(facts);
  if (idle.length === 0) return met('8.2.6', `All enabled users have logged in within ${DORMANT_DAYS} days.`);
  const who = counted(idle, 'is enabled and has', 'are enabled and have');
  return short('8.2.6', `${who} not logged in for ${DORMANT_DAYS} days: ${named(idle)}.`, ['user disable NAME']);
}

function identityText({ config: { mode } }: Facts): string {
  const duty = 'verify who asks before a password or two-factor is reset; the audit trail names who reset it.';
  return mode?.kind === 'auto'
    ? `${duty} With 2FA=Auto a user pairs the first phone after the password alone; with 2FA=Central an administrator hands out the QR code.`
    : duty;
}

function lockout(rules: LockoutRules): Finding {
  const waits = FACTORS.map((factor) => secondsAfter(ATTEMPTS, factor, rules));
  const seconds = Math.min(...waits);
  if (seconds >= LOCKED_SECONDS) {
    return met('8.3.4', `After ${ATTEMPTS} failures at most, a user waits ${LOCKED_SECONDS / 60} minutes at least.`);
  }
  const budget = Math.max(rules.passwordFailures, rules.codeFailures);
  const lowered = Math.min(budget, LOWERED_BUDGET);
  const first = Math.max(rules.firstDelaySeconds, Math.ceil(LOCKED_SECONDS / 2 ** (ATTEMPTS - lowered)));
  const commands = [
    ...(rules.passwordFailures > LOWERED_BUDGET ? [setting('Lockout.PasswordFailures', LOWERED_BUDGET)] : []),
    ...(rules.codeFailures > LOWERED_BUDGET ? [setting('Lockout.CodeFailures', LOWERED_BUDGET)] : []),
    ...(rules.longestDelaySeconds < LOCKED_SECONDS ? [setting('Lockout.LongestDelaySeconds', LOCKED_SECONDS)] : []),
    ...(rules.firstDelaySeconds < first ? [setting('Lockout.FirstDelaySeconds', first)] : []),
  ];
  const values = `Lockout.PasswordFailures=${rules.passwordFailures}, CodeFailures=${rules.codeFailures}, FirstDelaySeconds=${rules.firstDelaySeconds}, LongestDelaySeconds=${rules.longestDelaySeconds}`;
  return short(
    '8.3.4',
    `After ${ATTEMPTS} failures a user waits ${seconds} seconds (${values}); ${LOCKED_SECONDS} are required.`,
    commands,
  );
}

/** From here on the delays double often enough before the tenth failure. */
const LOWERED_BUDGET = 5;

function secondsAfter(failures: number, factor: (typeof FACTORS)[number], rules: LockoutRules): number {
  let count = NO_FAILURES;
  for (let failure = 0; failure < failures; failure += 1) count = countFailure(count, factor, rules, 0);
  return secondsLocked(count, 0);
}

/** Whoever was given one by hand need not change it, unless somebody asked for that. */
function firstPasswords({ users }: Facts): Finding {
  const unchanged = users.filter(
    ({ disabled, lastLoginAt, passwordHash, mustChangePassword }) =>
      !disabled && lastLoginAt === null && passwordHash !== null && !mustChangePassword,
  );
  if (unchanged.length === 0) {
    return met('8.3.5', 'Generated passwords are random, and everyone who never logged in has to change theirs.');
  }
  const who = counted(unchanged, 'never logged in, and need', 'never logged in, and need');
  return short('8.3.5', `${who} not change the first password: ${named(unchanged)}.`, [
    'user set NAME --must-change-password',
  ]);
}

function lengths({ config: { password } }: Facts): readonly Finding[] {
  const settings = [
    // In the order in which they can be set: the one must never be below the other.
    ['Password.MinLengthWithout2FA', password.minLengthWithout2FA],
    ['Password.MinLength', password.minLength],
  ] as const;
  return settings.map(([key, value]) =>
    value >= MIN_LENGTH
      ? met('8.3.6', `${key} is ${value}. Passwords that were set before are as long as they were.`)
      : short('8.3.6', `${key} is ${value}; at least ${MIN_LENGTH} is required.`, [setting(key, MIN_LENGTH)]),
  );
}

function rotation(facts: Facts): Finding {
  const { byPassword } = peopleOf(facts);
  if (byPassword.length === 0) return met('8.3.9', 'Does not apply: the password is nowhere the only factor.');
  const who = counted(byPassword, 'logs in', 'log in');
  const text = `${who} with the password alone, and Gatehouse does not expire passwords after 90 days: ${named(byPassword)}.`;
  return facts.config.mode?.kind === 'off'
    ? short('8.3.9', text, [setting('2FA', '"Auto:<label>"')])
    : short('8.3.9', text, ['2fa require --all']);
}

function mfaSystem(facts: Facts): Finding {
  const problem = oneFactorProblem('8.5.1', facts, facts.users);
  if (problem !== undefined) return problem;
  const { hostSocket } = facts.config.server;
  return hostSocket === ''
    ? met('8.5.1', 'A code works once, on every process and host; nobody gets in without both factors.')
    : sitesDuty('8.5.1', `programs at ${hostSocket} vouch for the password, and Gatehouse checks the code alone.`);
}
