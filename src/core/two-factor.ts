/**
 * The two-factor life of a user (SPEC §3): off → required → issued → paired, and back to off by deactivation alone.
 * A secret that was issued at a log-on and not confirmed in time counts as dead, whatever the table still holds.
 */
import type { EpochMs } from './user.ts';

export const TWO_FACTOR_STATES = ['off', 'required', 'issued', 'paired'] as const;
export type TwoFactorState = (typeof TWO_FACTOR_STATES)[number];

/** How long a secret shown at a log-on waits for its first right code. */
export const UNCONFIRMED_PAIRING_MS = 15 * 60 * 1000;

/** An admin's one-time code lives this long (SPEC §3). */
export const ONE_TIME_CODE_MS = 60 * 60 * 1000;

/** A user's secret as the store keeps it: sealed, with what is needed to accept its codes once each. */
export type Pairing = {
  readonly id: string;
  /** Envelope of SecretBox, bound to user and pairing id. */
  readonly sealedSecret: string;
  readonly issuedAt: EpochMs;
  /** Null when an admin handed the QR code out; else the unconfirmed secret dies then, or at the next log-on. */
  readonly expiresAt: EpochMs | null;
  readonly pairedAt: EpochMs | null;
  /** The last accepted time step (RFC 6238 §5.2: a code is accepted once); null before the first. */
  readonly lastStep: number | null;
};

export type TwoFactor = {
  readonly state: TwoFactorState;
  /** When Require 2FA was applied; null while off. */
  readonly requiredAt: EpochMs | null;
  /** Until then a user may put pairing off; null: required at once. */
  readonly requiredFrom: EpochMs | null;
  readonly pairing: Pairing | null;
};

export const TWO_FACTOR_OFF: TwoFactor = { state: 'off', requiredAt: null, requiredFrom: null, pairing: null };

/** The state that counts now: an unconfirmed secret that ran out of time is none. */
export function stateAt(twoFactor: TwoFactor, now: EpochMs): TwoFactorState {
  const expiresAt = twoFactor.pairing?.expiresAt ?? null;
  if (twoFactor.state === 'issued' && expiresAt !== null && expiresAt <= now) return 'required';
  return twoFactor.state;
}

/** True while a date for this user's two-factor is set and still to come. */
export function mayDefer(twoFactor: TwoFactor, now: EpochMs): boolean {
  return twoFactor.requiredFrom !== null && now < twoFactor.requiredFrom;
}

/** Whole days until the deadline, at least 1 while it is to come. */
export function daysLeft(twoFactor: TwoFactor, now: EpochMs): number {
  if (twoFactor.requiredFrom === null) return 0;
  return Math.max(0, Math.ceil((twoFactor.requiredFrom - now) / 86_400_000));
}
