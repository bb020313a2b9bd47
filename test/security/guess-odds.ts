/**
 * The arithmetic behind SECURITY.md, "Guessing, in numbers": how many codes somebody may try who has a user's password, and how likely one of
 * them is right. Made from the settings alone, by the very counter that a log-on uses, so that the document cannot say something else.
 */
import { NEARBY_STEPS } from '../../src/core/clock-drift.ts';
import { SETTINGS } from '../../src/core/config/settings.ts';
import {
  countFailure,
  type FailureCount,
  LOCKED_FOR_GOOD,
  type LockoutRules,
  NO_FAILURES,
} from '../../src/core/lockout.ts';
import { CODE_DIGITS } from '../../src/core/totp-code.ts';

/** The table of SECURITY.md, as Markdown. */
export function guessTable(): string {
  const rules = DEFAULT_RULES;
  const hardened: GuessRules = {
    lockout: { ...rules.lockout, firstDelaySeconds: 300, longestDelaySeconds: 3600 },
    codeWindow: 0,
  };
  const yearly = (logOnsADay: number, which: GuessRules) => {
    const guesses = guessesAYear(logOnsADay, which);
    return { guesses, chance: odds(guesses, which) };
  };
  const stop = guessesAYear(0, rules);
  const rows = [
    { who: 'who does not log on meanwhile: the hard stop', ...yearly(0, rules) },
    {
      who: 'the same, for a thief who may read the audit trail too',
      guesses: stop,
      chance: oddsWithTrail(stop, rules),
    },
    { who: 'who logs on once a day', ...yearly(1, rules) },
    { who: 'who logs on eight times a day', ...yearly(8, rules) },
    {
      who: 'the same, with `CodeWindow=0`, `FirstDelaySeconds=300`, `LongestDelaySeconds=3600`',
      ...yearly(8, hardened),
    },
    {
      who: 'any of 500 users whose passwords are all known, up to the hard stops',
      guesses: 500 * stop,
      chance: odds(500 * stop, rules),
    },
  ];
  const lines = rows.map(
    ({ who, guesses, chance }) => `| ${who} | ${guesses.toLocaleString('en-GB')} | ${percent(chance)} |`,
  );
  return ['| user | codes tried in a year | chance that one is right |', '|---|---|---|', ...lines].join('\n');
}

type GuessRules = { readonly lockout: LockoutRules; readonly codeWindow: number };

const DEFAULT_RULES: GuessRules = {
  lockout: {
    passwordFailures: SETTINGS['Lockout.PasswordFailures'].fallback,
    codeFailures: SETTINGS['Lockout.CodeFailures'].fallback,
    firstDelaySeconds: SETTINGS['Lockout.FirstDelaySeconds'].fallback,
    longestDelaySeconds: SETTINGS['Lockout.LongestDelaySeconds'].fallback,
    hardLimit: SETTINGS['Lockout.HardLimit'].fallback,
  },
  codeWindow: SETTINGS['Login.CodeWindow'].fallback,
};

const DAY_SECONDS = 86_400;
const DAYS = 365;

/** Wrong codes that are looked at within so many seconds, beginning with a clear counter; one is sent as soon as it may be. */
function guessesWithin(
  seconds: number,
  { lockout }: GuessRules,
): { readonly guesses: number; readonly stopped: boolean } {
  let count: FailureCount = NO_FAILURES;
  let now = 0;
  for (let guesses = 1; ; guesses += 1) {
    count = countFailure(count, 'code', lockout, now);
    if (count.lockedUntil === LOCKED_FOR_GOOD) return { guesses, stopped: true };
    now = Math.max(now, count.lockedUntil ?? now);
    if (now >= seconds * 1000) return { guesses, stopped: false };
  }
}

/** In a year in which the user logs on so often a day, evenly: each time the counter begins anew. 0: the hard stop ends it. */
function guessesAYear(logOnsADay: number, rules: GuessRules): number {
  if (logOnsADay === 0) return guessesWithin(Number.POSITIVE_INFINITY, rules).guesses;
  const { guesses, stopped } = guessesWithin(DAY_SECONDS / logOnsADay, rules);
  // One less than the hard stop: the clever thief waits for the user.
  return (stopped ? guesses - 1 : guesses) * logOnsADay * DAYS;
}

/** That one of so many guesses is right. Each is looked at against every step of the window (RFC 6238 §5.2). */
function odds(guesses: number, { codeWindow }: GuessRules): number {
  return oddsOf(guesses, 2 * codeWindow + 1);
}

/** For somebody who reads in the audit trail that a guess was near, and waits until it is right. */
function oddsWithTrail(guesses: number, { codeWindow }: GuessRules): number {
  return oddsOf(guesses, codeWindow + 1 + NEARBY_STEPS);
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

function oddsOf(guesses: number, rightCodes: number): number {
  return 1 - (1 - rightCodes / 10 ** CODE_DIGITS) ** guesses;
}
