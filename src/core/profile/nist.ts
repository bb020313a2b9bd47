/** NIST SP 800-63B-4 at authentication assurance level 2 (AAL2), as far as settings, users and Gatehouse's own doing answer it. PURE. */
import {
  databaseLineProblem,
  type Facts,
  type Finding,
  lacking,
  met,
  oneFactorProblem,
  setting,
  short,
  sitesDuty,
} from './finding.ts';

/** 3.1.1.2: of a password that is the only factor, and of one beside a second factor. */
const MIN_LENGTH_ALONE = 15;
const MIN_LENGTH = 8;
/** 3.2.2. */
const FAILURES = 100;
/** RFC 6238 section 5.2. */
const CODE_WINDOW = 1;

export function nistFindings(facts: Facts): readonly Finding[] {
  const { config, users } = facts;
  return [
    oneFactorProblem('2.2.1', facts, users) ?? met('2.2.1', 'All users log in with a password and a one-time code.'),
    databaseLineProblem('2.2.2', facts) ??
      sitesDuty('2.2.2', 'protect the line between terminal and host (ssh, not telnet).'),
    lacking('2.2.2', 'it offers no phishing-resistant authenticator: a code that is typed can be relayed.'),
    lacking(
      '2.2.2',
      'its cryptography is not validated under FIPS 140, which federal agencies need. The algorithms but argon2id are approved.',
    ),
    sitesDuty('2.2.3', 'end sessions of the program behind the gate after 24 hours, or 1 hour idle.'),
    length('Password.MinLengthWithout2FA', config.password.minLengthWithout2FA, MIN_LENGTH_ALONE),
    length('Password.MinLength', config.password.minLength, MIN_LENGTH),
    met('3.1.1.2', 'No composition rules, no periodic change; common passwords, user names and labels are refused.'),
    lacking(
      '3.1.2.2',
      'it asks for any recovery code, not for a numbered one, and hashes them by salted SHA-256, not by a password hash.',
    ),
    codeLife(config.login.codeWindow),
    config.lockout.hardLimit <= FAILURES
      ? met('3.2.2', `Lockout.HardLimit is ${config.lockout.hardLimit}; waits grow up to it.`)
      : short('3.2.2', `Lockout.HardLimit is ${config.lockout.hardLimit}; at most ${FAILURES} is required.`, [
          setting('Lockout.HardLimit', FAILURES),
        ]),
    met('3.2.7', 'Each time step is accepted once per pairing, on every process and host.'),
    sitesDuty(
      '3.2.1',
      'tell users to report a lost phone. gatehouse 2fa deactivate NAME --yes makes it useless at once.',
    ),
    lacking('4.2.1.1', 'recovery codes have 50 bits, not 64. They replace the phone only beside the password.'),
    lacking('4.6', 'it cannot notify users of a new phone or a recovery; administrators see both in the audit trail.'),
  ];
}

function length(key: 'Password.MinLength' | 'Password.MinLengthWithout2FA', value: number, least: number): Finding {
  return value >= least
    ? met('3.1.1.2', `${key} is ${value}.`)
    : short('3.1.1.2', `${key} is ${value}; at least ${least} is required.`, [setting(key, least)]);
}

function codeLife(window: number): Finding {
  const seconds = 30 * (2 * window + 1);
  if (window <= CODE_WINDOW)
    return met('3.1.4.2', `Login.CodeWindow is ${window}: a code works for ${seconds} seconds.`);
  const text = `Login.CodeWindow is ${window}, so that a code works for ${seconds} seconds; ${CODE_WINDOW} is enough where clocks are set by a time server.`;
  return short('3.1.4.2', text, [setting('Login.CodeWindow', CODE_WINDOW)]);
}
