/**
 * Failures in a row, and how long a name has to wait after them. Password and code have a counter each; a wrong attempt while
 * locked is not counted, so that nobody can keep somebody else out longer than one delay (until HardLimit).
 * NIST SP 800-63B-4 §3.2.2: at most 100 failures in a row, then the authenticator is off until an admin unlocks.
 */
import type { EpochMs, UserId } from './user.ts';

export const FACTORS = ['password', 'code'] as const;
export type Factor = (typeof FACTORS)[number];

export type LockoutRules = {
  readonly passwordFailures: number;
  readonly codeFailures: number;
  readonly firstDelaySeconds: number;
  readonly longestDelaySeconds: number;
  readonly hardLimit: number;
};

export type FailureCount = {
  readonly failures: number;
  /** Null: not locked. LOCKED_FOR_GOOD: until an admin unlocks. */
  readonly lockedUntil: EpochMs | null;
};

export const NO_FAILURES: FailureCount = { failures: 0, lockedUntil: null };

/** 9999-12-31T23:59:59Z: the hard stop, as a time that fits every place where a time stands. */
export const LOCKED_FOR_GOOD: EpochMs = 253_402_300_799_000;

/** The counter of a user, for both factors. A name that no user has gets one from whoever asks: a keyed hash. */
export function userCounter(id: UserId): string {
  return `${OF_USER}${id}`;
}

/** Whose counter it is, of one made by `userCounter`. */
export function counterOwner(counter: string): UserId {
  return counter.slice(OF_USER.length) as UserId;
}

const OF_USER = 'user:';

/**
 * The count as the clock has it now. No lock lasts longer than the longest delay: one that would was set by a clock that was ahead and is corrected, or
 * under a longer setting. It counts from now, and whoever looks writes that down, so that it is not set anew each time.
 */
export function noLongerThanLongest<Count extends FailureCount>(
  count: Count,
  rules: LockoutRules,
  now: EpochMs,
): Count {
  const { lockedUntil } = count;
  const latest = now + rules.longestDelaySeconds * 1000;
  if (lockedUntil === null || lockedUntil === LOCKED_FOR_GOOD || lockedUntil <= latest) return count;
  return { ...count, lockedUntil: latest };
}

/** Seconds still to wait, rounded up; 0 when not locked. */
export function secondsLocked(count: FailureCount, now: EpochMs): number {
  if (count.lockedUntil === null || count.lockedUntil <= now) return 0;
  return Math.ceil((count.lockedUntil - now) / 1000);
}

/** The count after one more failure. */
export function countFailure(count: FailureCount, factor: Factor, rules: LockoutRules, now: EpochMs): FailureCount {
  const failures = count.failures + 1;
  if (failures >= rules.hardLimit) return { failures, lockedUntil: LOCKED_FOR_GOOD };
  const budget = factor === 'password' ? rules.passwordFailures : rules.codeFailures;
  if (failures < budget) return { failures, lockedUntil: null };
  return { failures, lockedUntil: now + delaySeconds(failures - budget, rules) * 1000 };
}

/** First delay, then doubling, never above the longest. */
function delaySeconds(doublings: number, rules: LockoutRules): number {
  return Math.min(rules.longestDelaySeconds, rules.firstDelaySeconds * 2 ** Math.min(doublings, 30));
}
