/**
 * Which second factor a right password leads to: pure, from the mode, the user's two-factor and the time (SPEC §3, §2).
 */
import type { Mode } from './config/model.ts';
import { daysLeft, mayDefer, stateAt, type TwoFactor } from './two-factor.ts';
import type { EpochMs } from './user.ts';

export type SecondFactor =
  /** Two-factor is off for this user, or for all. */
  | { readonly kind: 'none' }
  /** There is a secret: a code (or recovery or one-time code) is asked. */
  | { readonly kind: 'code'; readonly pairingId: string; readonly confirmed: boolean }
  /** Auto: a new secret is shown on this terminal. */
  | { readonly kind: 'pair' }
  /** Central, or Auto with its days over: only an admin's QR code (or one-time code) helps. */
  | { readonly kind: 'administrator'; readonly why: 'central' | 'pairing-days-over' };

export type SecondFactorAnswer = {
  readonly factor: SecondFactor;
  /** Set while the user may say "later"; days until the deadline. */
  readonly deferrableDays: number | null;
};

export function secondFactorFor(asked: {
  readonly mode: Mode;
  readonly twoFactor: TwoFactor;
  readonly autoPairingWithinDays: number;
  readonly now: EpochMs;
}): SecondFactorAnswer {
  const { mode, twoFactor, now } = asked;
  const state = stateAt(twoFactor, now);
  if (mode.kind === 'off' || state === 'off') return { factor: { kind: 'none' }, deferrableDays: null };
  const deferrableDays = state !== 'paired' && mayDefer(twoFactor, now) ? daysLeft(twoFactor, now) : null;
  return { factor: demanded(asked), deferrableDays };
}

function demanded(asked: {
  readonly mode: Mode;
  readonly twoFactor: TwoFactor;
  readonly autoPairingWithinDays: number;
  readonly now: EpochMs;
}): SecondFactor {
  const { mode, twoFactor, autoPairingWithinDays, now } = asked;
  const { pairing } = twoFactor;
  const state = stateAt(twoFactor, now);
  if (pairing && state === 'paired') return { kind: 'code', pairingId: pairing.id, confirmed: true };
  // A secret that an admin handed out waits for its first code; one from an earlier log-on dies with the next (SPEC §3).
  if (pairing && state === 'issued' && pairing.expiresAt === null) {
    return { kind: 'code', pairingId: pairing.id, confirmed: false };
  }
  if (mode.kind !== 'auto') return { kind: 'administrator', why: 'central' };
  if (pairingDaysOver(twoFactor, autoPairingWithinDays, now))
    return { kind: 'administrator', why: 'pairing-days-over' };
  return { kind: 'pair' };
}

/** Days count from Require 2FA, or from the date it is required from where that is later. */
function pairingDaysOver(twoFactor: TwoFactor, withinDays: number, now: EpochMs): boolean {
  if (withinDays === 0 || twoFactor.requiredAt === null) return false;
  const start = Math.max(twoFactor.requiredAt, twoFactor.requiredFrom ?? 0);
  return now > start + withinDays * 86_400_000;
}
