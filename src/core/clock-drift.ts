/**
 * What the codes that people type say about the clocks, without a network: a phone's clock is set by its network, so where the codes of many
 * users are late or early alike, it is this host's clock that is off; where one user's are and the others' are not, it is that phone's.
 * Judged is the past only, for administrators: nobody who logs on is told by this how near a wrong code was.
 */
import type { StoreEngine } from './config/model.ts';
import { PERIOD_SECONDS } from './time-step.ts';
import type { EpochMs } from './user.ts';

/** A code that belonged to a time step near the present one, accepted or just outside the window. */
export type CodeMatch = {
  readonly user: string;
  readonly at: EpochMs;
  /** Its time step less the one that was present here: below 0 the phone is behind this clock, or its owner types slowly. */
  readonly stepsOff: number;
};

/** `seconds` is rounded to tens and includes the few that people take to type a code. */
export type ClockReading =
  | { readonly kind: 'unknown'; readonly users: number }
  | { readonly kind: 'right'; readonly users: number }
  | { readonly kind: 'ahead' | 'behind'; readonly users: number; readonly seconds: number };

/** Steps each side of the present one in which a wrong code is looked for: ten minutes, and 4 guesses in 100,000 by chance. */
export const NEARBY_STEPS = 20;

/** So old a code says nothing about the clock of today. */
export const DRIFT_DAYS = 7;

/** Fewer phones than this may all be off. */
export const LEAST_USERS = 5;

/** This host's clock by the codes of its users, whatever their order. Each user has one voice. */
export function hostClock(matches: readonly CodeMatch[]): ClockReading {
  const voices = voicesOf(matches);
  const steps = agreedSteps(voices);
  if (steps === undefined) return { kind: 'unknown', users: voices.size };
  // Codes behind this clock: this clock is ahead.
  return readingOf(-steps, voices.size);
}

/** One phone's clock by its owner's codes, against what the others' codes say, or against this host where they are too few. */
export function phoneClock(matches: readonly CodeMatch[], user: string): ClockReading {
  const own = matches.filter((match) => match.user === user);
  const voice = voicesOf(own).get(user);
  // A single late code is a slow hand, or a code that somebody else wrote down and tried.
  if (voice === undefined || own.length < LEAST_CODES) return { kind: 'unknown', users: own.length > 0 ? 1 : 0 };
  const others = agreedSteps(voicesOf(matches.filter((match) => match.user !== user))) ?? 0;
  return readingOf(voice - others, 1);
}

/** How a code lay in time, for the audit trail. */
export function stepsOffText(stepsOff: number): string {
  if (stepsOff === 0) return 'on time';
  const steps = Math.abs(stepsOff);
  return `${steps} ${steps === 1 ? 'step' : 'steps'} ${stepsOff < 0 ? 'late' : 'early'}`;
}

/** What is wrong with the clock that decides time steps; undefined: nothing, or nobody can tell. */
export function hostClockText(reading: ClockReading, engine: StoreEngine): string | undefined {
  if (reading.kind === 'unknown' || reading.kind === 'right') return undefined;
  const whose = engine === 'postgres' ? "The database server's clock" : "This host's clock";
  return `${whose} seems to be ${reading.seconds} seconds ${reading.kind}, by the codes of ${reading.users} users`;
}

/** The same of one phone, with what its owner can do. */
export function phoneClockText(reading: ClockReading): string | undefined {
  if (reading.kind === 'unknown' || reading.kind === 'right') return undefined;
  return `about ${reading.seconds} seconds ${reading.kind}; let the phone set it automatically`;
}

/** Of these the newest count: a clock that was put right is right. */
const CODES_A_USER = 5;
const USERS_ASKED = 50;
const LEAST_CODES = 2;
/** Whoever is further than this from most of the others says something about one phone, not about this clock. */
const AGREEMENT_STEPS = 2;

/** Mean over the newest codes of each user; of many users those who logged on last. */
function voicesOf(matches: readonly CodeMatch[]): ReadonlyMap<string, number> {
  const newestFirst = matches.toSorted((one, other) => other.at - one.at);
  const codes = new Map<string, number[]>();
  for (const { user, stepsOff } of newestFirst) {
    const own = codes.get(user);
    if (own !== undefined) {
      if (own.length < CODES_A_USER) own.push(stepsOff);
    } else if (codes.size < USERS_ASKED) codes.set(user, [stepsOff]);
  }
  return new Map([...codes].map(([user, steps]) => [user, mean(steps)]));
}

/**
 * The mean of those who agree with the middle one. A code is late by whole steps, so one code tells a time to within 30 seconds; the
 * mean of several tells it better, for the moments within a step at which people log on are evenly spread.
 */
function agreedSteps(voices: ReadonlyMap<string, number>): number | undefined {
  if (voices.size < LEAST_USERS) return undefined;
  const sorted = [...voices.values()].sort((one, other) => one - other);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return mean(sorted.filter((steps) => Math.abs(steps - middle) <= AGREEMENT_STEPS));
}

/** Past one step a clock is wrong; up to there it may be slow hands. */
function readingOf(stepsAhead: number, users: number): ClockReading {
  if (Math.abs(stepsAhead) <= 1) return { kind: 'right', users };
  const seconds = Math.round((Math.abs(stepsAhead) * PERIOD_SECONDS) / 10) * 10;
  return { kind: stepsAhead > 0 ? 'ahead' : 'behind', users, seconds };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
