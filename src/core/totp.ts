/**
 * Time-based codes (RFC 6238) by otplib. A match answers with its time step, never with "yes": whoever grants on it has to
 * claim that step in the store first, so that it is accepted once (RFC 6238 §5.2). Loads otplib: import this file lazily.
 */
import { generateSync } from 'otplib/functional';
import { sameText } from './constant-time.ts';
import { Fault } from './errors.ts';
import { PERIOD_SECONDS, timeStepAt } from './time-step.ts';
import { CODE_DIGITS, typedTotpCode } from './totp-code.ts';
import type { EpochMs } from './user.ts';

export type CodeCheck = {
  readonly secret: Uint8Array;
  /** As typed. */
  readonly code: string;
  readonly epochMs: EpochMs;
  /** Time steps accepted each side of the present one (RFC 6238 §5.2). */
  readonly window: number;
  /** Time steps before this one match nothing. */
  readonly notBefore?: number;
};

/** The code of one time step: six digits. */
export function codeAt(secret: Uint8Array, timeStep: number): string {
  const epoch = timeStep * PERIOD_SECONDS;
  return generateSync({ secret, epoch, period: PERIOD_SECONDS, digits: CODE_DIGITS, algorithm: ALGORITHM });
}

/**
 * The time step whose code was typed, or null for a wrong code. Each step of the window costs the same work whether
 * another one matched or not. Where two steps share a code, the earlier one is answered.
 */
export function matchingTimeStep({ secret, code, epochMs, window, notBefore = 0 }: CodeCheck): number | null {
  if (!Number.isInteger(window) || window < 0) throw new Fault('internal', 'The code window is not a whole number.');
  const typed = typedTotpCode(code);
  if (typed === null) return null;
  const present = timeStepAt(epochMs);
  let matched: number | null = null;
  for (let timeStep = present + window; timeStep >= present - window; timeStep -= 1) {
    const same = sameText(codeAt(secret, Math.max(timeStep, 0)), typed);
    if (same && timeStep >= notBefore && timeStep >= 0) matched = timeStep;
  }
  return matched;
}

/** RFC 6238 §1.2: HMAC-SHA-1 is the default, and the one that every app knows. */
const ALGORITHM = 'sha1';
