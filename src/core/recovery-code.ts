/**
 * Recovery codes (ten, each once) and an admin's one-time codes: how they look, how they are made, and what a person typed
 * where a code is asked. Both are look-up secrets of NIST SP 800-63B-4 §3.1.2: random, used once, stored hashed (stored-code.ts),
 * and guessed only under the code counter's limit, so that 40 bits and more are enough.
 */
import { drawCharacters } from './draw-characters.ts';
import type { Random } from './ports.ts';
import { typedTotpCode } from './totp-code.ts';

export const RECOVERY_CODE_COUNT = 10;
/** 10 characters of 5 bits: 50 bits, above the 20 that NIST SP 800-63B-4 §3.1.2.1 asks of rate-limited look-up secrets. */
export const RECOVERY_CODE_CHARACTERS = 10;
/** 8 characters of 5 bits: 40 bits, for one hour. */
export const ONE_TIME_CODE_CHARACTERS = 8;

/** Without its hyphen, in capitals: the form that is hashed. */
export type TypedCode =
  | { readonly kind: 'totp'; readonly code: string }
  | { readonly kind: 'recovery'; readonly code: string }
  | { readonly kind: 'one-time'; readonly code: string }
  | { readonly kind: 'malformed' };

/** Which kind of code was typed. Case, spaces and hyphens do not matter, nor do O for 0, I or L for 1, U for V. */
export function classifyCode(typed: string): TypedCode {
  const totp = typedTotpCode(typed);
  if (totp !== null) return { kind: 'totp', code: totp };
  if (typed.length > TYPED_MAX_LENGTH || !/^[0-9A-Za-z -]+$/.test(typed)) return { kind: 'malformed' };
  const code = typed
    .replaceAll(/[ -]/g, '')
    .toUpperCase()
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
    .replaceAll('U', 'V');
  if (code.length === RECOVERY_CODE_CHARACTERS) return { kind: 'recovery', code };
  if (code.length === ONE_TIME_CODE_CHARACTERS) return { kind: 'one-time', code };
  return { kind: 'malformed' };
}

/** Ten different codes as they are shown: `XXXXX-XXXXX`. */
export function generateRecoveryCodes(random: Random): readonly string[] {
  const codes = new Set<string>();
  while (codes.size < RECOVERY_CODE_COUNT) codes.add(drawHalves(random, RECOVERY_CODE_CHARACTERS));
  return [...codes];
}

/** One code as it is shown: `XXXX-XXXX`. */
export function generateOneTimeCode(random: Random): string {
  return drawHalves(random, ONE_TIME_CODE_CHARACTERS);
}

/** Crockford's base32: no letter that looks like a digit (I, L, O), and no U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TYPED_MAX_LENGTH = 64;

function drawHalves(random: Random, characters: number): string {
  const code = drawCharacters(random, ALPHABET, characters);
  return `${code.slice(0, characters / 2)}-${code.slice(characters / 2)}`;
}
