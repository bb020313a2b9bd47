/** Time steps of RFC 6238 §4: the number that a code belongs to, and that is accepted once. Light: it loads no otplib. */
import type { EpochMs } from './user.ts';

/** X of RFC 6238 §4.1; Google Authenticator ignores other values. */
export const PERIOD_SECONDS = 30;

/** T of RFC 6238 §4.2: whole periods since 1970 (T0 = 0). */
export function timeStepAt(epochMs: EpochMs): number {
  return Math.floor(epochMs / 1000 / PERIOD_SECONDS);
}

/** Seconds until the present code changes, 1 to 30. */
export function secondsLeftInStep(epochMs: EpochMs): number {
  return PERIOD_SECONDS - (Math.floor(epochMs / 1000) % PERIOD_SECONDS);
}
