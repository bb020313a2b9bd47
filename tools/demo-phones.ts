/** Authenticator apps: what each of the demo's people has scanned, and the codes that it shows. */
import { timeStepAt } from '../src/core/time-step.ts';
import { codeAt } from '../src/core/totp.ts';
import type { EpochMs } from '../src/core/user.ts';

export type Phones = {
  /** A key URI, as the QR code carries it; the last one scanned is the one that counts. */
  scan(name: string, uri: string): void;
  has(name: string): boolean;
  /** Six digits; undefined for somebody without a phone. */
  code(name: string, at: EpochMs): string | undefined;
};

export function createPhones(): Phones {
  const secrets = new Map<string, Uint8Array>();
  return {
    scan(name, uri) {
      secrets.set(name, decodeBase32(new URL(uri).searchParams.get('secret') ?? ''));
    },
    has: (name) => secrets.has(name),
    code(name, at) {
      const secret = secrets.get(name);
      return secret === undefined ? undefined : codeAt(secret, timeStepAt(at));
    },
  };
}

/** RFC 4648 §6, as an app reads a typed key. */
function decodeBase32(text: string): Uint8Array {
  const bits = [...text].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (octet) => Number.parseInt(octet, 2));
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
