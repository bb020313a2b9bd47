/**
 * What a new password must be, after NIST SP 800-63B-4 §3.1.1.2: long enough, not one of the common ones, not made of the
 * user's own name or the system's. No rules on which characters it is composed of, and no forced change: the standard forbids both.
 */
import { foldPassword } from './password-fold.ts';

/** NIST SP 800-63B-4 §3.1.1.2 asks that at least 64 be allowed. The end is there so that nobody makes us hash a book. */
export const PASSWORD_MAX_CHARACTERS = 1000;

export type PasswordProblem =
  | { readonly code: 'too-short'; readonly minLength: number }
  | { readonly code: 'not-text' | 'too-long' | 'user-name' | 'label' | 'too-common' };

export type NewPassword = {
  readonly password: string;
  readonly userName: string;
  /** Empty where no two-factor label is configured. */
  readonly label: string;
  /** Config: 15 where the password is the only factor, 8 where a second one follows (NIST SP 800-63B-4 §3.1.1.2). */
  readonly minLength: number;
  /** Whether a password is a common one; `isCommonPassword` of the node adapters loads its list when first asked. */
  readonly isBlocked: (password: string) => boolean | Promise<boolean>;
};

/** The form of a password that is counted and hashed (NIST SP 800-63B-4 §3.1.1.2: NFKC, and each code point is a character). */
export function normalisePassword(password: string): string {
  return password.normalize('NFKC');
}

/** What is wrong with a new password, or undefined. */
export async function newPasswordProblem(asked: NewPassword): Promise<PasswordProblem | undefined> {
  const { minLength, userName, label, isBlocked } = asked;
  if (asked.password.length > 4 * PASSWORD_MAX_CHARACTERS) return { code: 'too-long' };
  // Half a surrogate pair is hashed like any other half; a control character cannot be typed at every terminal again.
  if (!asked.password.isWellFormed() || /\p{Cc}/u.test(asked.password)) return { code: 'not-text' };
  const password = normalisePassword(asked.password);
  const length = [...password].length;
  if (length < minLength) return { code: 'too-short', minLength };
  if (length > PASSWORD_MAX_CHARACTERS) return { code: 'too-long' };
  if (madeOf(password, userName)) return { code: 'user-name' };
  if (madeOf(password, label)) return { code: 'label' };
  if (await isBlocked(password)) return { code: 'too-common' };
  return undefined;
}

/** A sentence for the person who chose it. */
export function newPasswordProblemText(problem: PasswordProblem): string {
  switch (problem.code) {
    case 'not-text':
      return 'A password has no control characters.';
    case 'too-short':
      return `A password has at least ${problem.minLength} characters. Several words make a good one.`;
    case 'too-long':
      return `A password has at most ${PASSWORD_MAX_CHARACTERS} characters.`;
    case 'user-name':
      return 'The password is little more than the user name. Choose another one.';
    case 'label':
      return "The password is little more than this system's name. Choose another one.";
    case 'too-common':
      return 'This password is one of the first that others would try. Choose another one.';
  }
}

/** A password that is a context word, or has one inside and fewer than this many characters of its own, is a guess away. */
const OWN_CHARACTERS = 6;
/** Shorter words turn up inside good passwords by chance. */
const WORD_CHARACTERS = 4;

/**
 * True where the password is little more than the text or one of its words: equal, doubled, or with a few characters added.
 * Case and look-alike digits do not matter.
 */
function madeOf(password: string, text: string): boolean {
  const folded = foldPassword(password);
  const words = text.split(/[\s._-]+/u).filter((word) => [...word].length >= WORD_CHARACTERS);
  return [text, ...words].map(foldPassword).some((context) => {
    const own = context === '' ? folded : folded.replaceAll(context, '');
    if (own === '') return true;
    return own !== folded && [...context].length >= WORD_CHARACTERS && [...own].length < OWN_CHARACTERS;
  });
}
