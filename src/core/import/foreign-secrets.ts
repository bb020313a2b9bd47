/**
 * Secrets that another system handed out, as they are read before they are imported. Invariant: nothing said about one shows it, and none is kept
 * that is weaker than one of ours may be.
 */
import { decodeBase32 } from '../base32.ts';
import { inert } from '../visible-text.ts';

/** Where something stands; `line` is 1-based, null for the file as a whole. */
export type Place = { readonly file: string; readonly line: number | null };

export type ForeignSecret = {
  readonly place: Place;
  /** As the other system spells it. */
  readonly userName: string;
  readonly secret: Uint8Array;
  /** What stood beside it and is not imported. */
  readonly leftBehind: LeftBehind;
};

export type LeftBehind = {
  /** How many emergency scratch codes. */
  readonly scratchCodes: number;
  /** Time steps by which the other system had learnt that the phone's clock is off; 0 for none. */
  readonly skewSteps: number;
};

export const NOTHING_LEFT_BEHIND: LeftBehind = { scratchCodes: 0, skewSteps: 0 };

export type PlacedProblem = {
  readonly place: Place;
  /** Whose secret it is about, where that much could be read. */
  readonly userName?: string;
  /** Half a sentence. */
  readonly text: string;
};

/** What the audit trail calls the system that a secret came from. */
export type SecretOrigin = 'google-authenticator' | 'otpauth';

export type ForeignSecrets = {
  readonly origin: SecretOrigin;
  readonly secrets: readonly ForeignSecret[];
  readonly problems: readonly PlacedProblem[];
};

/** `file:line`, for a terminal. */
export function placeText({ file, line }: Place): string {
  return line === null ? inert(file) : `${inert(file)}:${line}`;
}

export type SecretReading =
  | { readonly kind: 'secret'; readonly secret: Uint8Array }
  | { readonly kind: 'bad-secret'; readonly text: string };

/** A secret in base32, as key URIs and google-authenticator files have it. */
export function readForeignSecret(base32: string): SecretReading {
  const reading = decodeBase32(base32);
  if (reading.kind === 'not-base32') return bad(`the secret is not base32: ${reading.why}`);
  const { bytes } = reading;
  if (bytes.length < SECRET_LEAST_BYTES) {
    return bad(`the secret has ${bytes.length * 8} bits, and 128 are the least that is safe; leave it out and ${ANEW}`);
  }
  if (bytes.length > SECRET_MOST_BYTES) return bad(`the secret is longer than 64 bytes; leave it out and ${ANEW}`);
  return { kind: 'secret', secret: bytes };
}

/** The way on for whoever cannot bring a secret along. */
export const ANEW = 'let the user pair a new one (gatehouse 2fa require)';

/** RFC 4226 §4 R6. */
const SECRET_LEAST_BYTES = 16;
/** RFC 2104 §2: HMAC-SHA-1 hashes longer keys first; no app makes them. */
const SECRET_MOST_BYTES = 64;

function bad(text: string): SecretReading {
  return { kind: 'bad-secret', text };
}
