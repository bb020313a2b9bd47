/**
 * A phone whose every code is a fresh one: a facility of the journeys accepts ten time steps each side, and this app walks
 * through them, so that nobody has to wait half a minute for the next log-on.
 */
import { phoneCode } from './authenticator.ts';

/** The journeys' `CodeWindow`, in steps. */
export const JOURNEY_CODE_WINDOW = 10;

export type JourneyPhone = {
  /** A key URI, or the key as it is typed. */
  scan(keyOrUri: string): void;
  secret(): string;
  /** A code that nobody has used. */
  next(): string;
  /** The code that `next` gave last. */
  last(): string;
  /** Six digits that are right at no accepted time step. */
  wrong(): string;
};

export function journeyPhone(from: { readonly secret: string; readonly lastStep: number } = FRESH): JourneyPhone {
  let { secret, lastStep } = from;
  return {
    scan(keyOrUri) {
      const scanned = keyOrUri.startsWith('otpauth:') ? new URL(keyOrUri).searchParams.get('secret') : keyOrUri;
      secret = (scanned ?? '').replaceAll(' ', '');
    },
    secret: () => secret,
    next() {
      // Two steps short of the window: the first may have gone by when the code is read.
      lastStep = Math.max(lastStep + 1, presentStep() - JOURNEY_CODE_WINDOW + 2);
      if (lastStep >= presentStep() + JOURNEY_CODE_WINDOW) throw new Error('this journey uses too many codes');
      return codeOf(secret, lastStep);
    },
    last: () => codeOf(secret, lastStep),
    wrong() {
      const around = Array.from({ length: 2 * JOURNEY_CODE_WINDOW + 5 }, (_, index) =>
        codeOf(secret, presentStep() - JOURNEY_CODE_WINDOW - 2 + index),
      );
      return ['000000', '111111', '222222', '333333'].find((code) => !around.includes(code)) ?? '444444';
    },
  };
}

const FRESH = { secret: '', lastStep: 0 };
const STEP_MS = 30_000;

function presentStep(): number {
  return Math.floor(Date.now() / STEP_MS);
}

function codeOf(secret: string, step: number): string {
  return phoneCode(secret, 0, step * STEP_MS);
}
