/**
 * Who a user is. Two spellings of one name (case, Unicode form, trailing space) are one user and so one failure counter:
 * every look-up goes through `nameKey`.
 */
import { unsafeReason } from './user-name.ts';
import { visibleProblem } from './visible-text.ts';

declare const brand: unique symbol;
export type UserId = string & { readonly [brand]: 'UserId' };
/** The form of a user name that look-ups and counters use. */
export type NameKey = string & { readonly [brand]: 'NameKey' };
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

export const ROLES = ['user', 'helpdesk', 'auditor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export type UserStatus = 'active' | 'disabled' | 'locked';

export const NAME_MAX_CHARACTERS = 64;

export type NameProblem = 'empty' | 'too-long' | 'colon' | 'invisible-character' | 'unsafe';

/** The name as it is stored and shown: NFKC, trimmed, inner white space folded to one space. */
export function tidyName(typed: string): string {
  return typed.normalize('NFKC').trim().replace(/\s+/gu, ' ');
}

/** The key of a typed name; any text has one, so that unknown names are counted like known ones. */
export function nameKey(typed: string): NameKey {
  return tidyName(tidyName(typed).toLowerCase().toUpperCase().toLowerCase()) as NameKey;
}

/** What is wrong with a name for a new user, or undefined. A colon has no place in a key URI. */
export function nameProblem(typed: string): NameProblem | undefined {
  const name = tidyName(typed);
  if (name === '') return 'empty';
  if ([...name].length > NAME_MAX_CHARACTERS) return 'too-long';
  if (name.includes(':')) return 'colon';
  if (visibleProblem(typed.trim())) return 'invisible-character';
  return unsafeReason(name) === undefined ? undefined : 'unsafe';
}

const NAME_PROBLEM_TEXT: Readonly<Record<Exclude<NameProblem, 'unsafe'>, string>> = {
  empty: 'a user name needs at least one character',
  'too-long': `a user name has at most ${NAME_MAX_CHARACTERS} characters`,
  colon: 'a user name has no colon: authenticator apps split on it',
  'invisible-character': 'a user name has no control, direction or zero-width characters',
};

/** A sentence without its capital and full stop. */
export function nameProblemText(problem: NameProblem, typed: string): string {
  return problem === 'unsafe' ? `a user name ${unsafeReason(tidyName(typed))}` : NAME_PROBLEM_TEXT[problem];
}
