/**
 * Display name and group of a user: free text in any script, drawn inert wherever it is shown; control characters and
 * characters that turn the reading direction have no place in them at all.
 */

export const ACCOUNT_TEXT_MAX_CHARACTERS = 100;

const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** As it is stored: composed, trimmed, inner white space folded, so that one group typed twice is one group. */
export function tidyText(typed: string): string {
  return typed
    .normalize('NFC')
    .trim()
    .replace(/[^\S\n\r]+/gu, ' ');
}

/** A sentence about what is wrong with it, or undefined; `what` begins the sentence. */
export function accountTextProblem(what: string, typed: string): string | undefined {
  const text = tidyText(typed);
  if ([...text].length > ACCOUNT_TEXT_MAX_CHARACTERS) {
    return `${what} has at most ${ACCOUNT_TEXT_MAX_CHARACTERS} characters`;
  }
  if (STEERING.test(text)) return `${what} has no line breaks, control or direction characters`;
  return undefined;
}
