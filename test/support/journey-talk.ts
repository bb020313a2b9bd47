/**
 * One person, one log-on, three front ends: what a script of the journeys does and sees, whether it sits at the form, at plain lines, or
 * is a host that speaks JSON. Each is `bin/gatehouse login`, the first two in a real pseudoterminal.
 */
import type { Field } from '../../src/core/login/message.ts';
import type { JourneyFacility } from './journey-facility.ts';

export const JOURNEY_FRONT_ENDS = ['ink', 'line', 'json'] as const;
export type JourneyFrontEnd = (typeof JOURNEY_FRONT_ENDS)[number];

export type Verdict = Readonly<Record<'outcome' | 'user' | 'method' | 'reason', string | undefined>>;

export type Talk = {
  /** Waits until that is asked, and answers. */
  answer(field: Exclude<Field, 'choice'>, value: string): Promise<void>;
  /** Waits until there is a choice with that option, and takes it. */
  choose(option: string): Promise<void>;
  /** Waits until these words were said, wherever their lines break. */
  says(words: string): Promise<void>;
  /** The key that stands beside the QR code. */
  key(): Promise<string>;
  /** At the open question, gives up. */
  giveUp(field: Exclude<Field, 'choice'>): Promise<void>;
  /** The form leaves its last word on the screen until Enter. */
  readLastWord(): Promise<void>;
  end(): Promise<{ readonly status: number; readonly verdict: Verdict }>;
};

export type OpenTalk = (at: JourneyFacility) => Talk;

/** `[option in the core]: what the form writes`. */
export const FORM_OPTIONS: Readonly<Record<string, string>> = {
  pair: 'Set it up now',
  later: 'Later',
  show: 'Show recovery codes',
  skip: 'Not now',
  continue: 'I have written them down',
};

/** A verdict as all front ends tell it. */
export function verdictOf(told: unknown): Verdict {
  const { outcome, user, method, reason } = told as Verdict;
  return { outcome, user, method, reason };
}

export function wordsPattern(words: string): RegExp {
  return new RegExp(words.split(' ').map(escaped).join('\\s+'));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
