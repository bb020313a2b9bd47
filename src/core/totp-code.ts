/** What a person types where a code is asked. Light: it loads no otplib. */

/** Digit of RFC 4226 §5.3; Google Authenticator ignores other values. */
export const CODE_DIGITS = 6;

/** The six digits in what was typed: spaces are dropped; null where anything but six ASCII digits is left (SPEC §3). */
export function typedTotpCode(typed: string): string | null {
  if (typed.length > TYPED_MAX_LENGTH) return null;
  const digits = typed.replaceAll(' ', '');
  return digits.length === CODE_DIGITS && /^[0-9]+$/.test(digits) ? digits : null;
}

/** More than anybody types around six digits; anything longer is not looked at. */
const TYPED_MAX_LENGTH = 64;
