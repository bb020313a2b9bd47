/** A phone: the code of a base32 secret by oathtool where it is installed, by a few lines of RFC 6238 of our own where it is not. */
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';

const STEP_SECONDS = 30;

function oathtoolIsThere(): boolean {
  try {
    execFileSync('oathtool', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export const AUTHENTICATOR = oathtoolIsThere() ? 'oathtool' : 'RFC 6238 in the test (needs oathtool for another one)';

/** `stepsAhead` 1 is the code that the phone shows next. */
export function phoneCode(secret: string, stepsAhead = 0, at = Date.now()): string {
  const seconds = Math.floor(at / 1000) + stepsAhead * STEP_SECONDS;
  if (AUTHENTICATOR === 'oathtool') {
    return execFileSync('oathtool', ['--totp', '-b', '-N', `@${seconds}`, secret], { encoding: 'utf8' }).trim();
  }
  return hotp(secretBytes(secret), Math.floor(seconds / STEP_SECONDS));
}

/** Resolves early in a time step, where the time that is left is at least `seconds`: what follows sees one step. */
export async function roomInStep(seconds: number): Promise<void> {
  const left = STEP_SECONDS - ((Date.now() / 1000) % STEP_SECONDS);
  if (left < seconds) await new Promise((resolve) => setTimeout(resolve, left * 1000 + 50));
}

function hotp(key: Buffer, counter: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const hash = createHmac('sha1', key).update(message).digest();
  const offset = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** The key that a base32 secret says. */
export function secretBytes(secret: string): Buffer {
  const bits = [...secret].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  return Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)));
}
