/**
 * The key URI that a QR code carries, exactly `otpauth://totp/<label>:<user>?secret=<base32>&issuer=<label>` (SPEC §3).
 * The colon between label and user is a plain one and the only one: apps split there. Algorithm, digits and period are
 * left out: they are the defaults (SHA1, 6, 30), Google Authenticator ignores others, and a shorter QR code fits a small screen.
 */
import { encodeBase32 } from './base32.ts';
import { Fault } from './errors.ts';

/** Length of a new secret. RFC 4226 §4 R6: 160 bits are recommended, 128 the least. */
export const SECRET_BYTES = 20;

export type KeyUriParts = {
  /** What the app shows as the issuer: the text after the colon of the `2FA` setting. */
  readonly label: string;
  readonly user: string;
  readonly secret: Uint8Array;
};

/** Throws a Fault where label or user is empty, has a colon, or is no well-formed Unicode: an app could not tell them apart. */
export function keyUri({ label, user, secret }: KeyUriParts): string {
  const issuer = encodePart('label', label);
  return `otpauth://totp/${issuer}:${encodePart('user name', user)}?secret=${encodeBase32(secret)}&issuer=${issuer}`;
}

/** The secret as a person types it: base32 in groups of four (`ABCD EFGH ...`). Apps drop the spaces. */
export function typedKey(secret: Uint8Array): string {
  return (encodeBase32(secret).match(/.{1,4}/g) ?? []).join(' ');
}

function encodePart(what: string, text: string): string {
  if (text === '' || text.includes(':') || !text.isWellFormed()) {
    throw new Fault('bad-data', `This ${what} has no place in a key URI.`, {
      hint: `A ${what} has at least one character and no colon.`,
    });
  }
  return encodeURIComponent(text);
}
