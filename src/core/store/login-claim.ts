/**
 * Whether a login still stands on what it began with, and its grant. Invariant: a grant happens in the transaction that records it, and only for
 * the account, password, pairing and facility that were checked; whoever was disabled, removed, deactivated or given another password before
 * that transaction gets none (ACCEPTANCE C37).
 */
import type { AuditEvent } from '../audit-event.ts';
import { userCounter } from '../lockout.ts';
import type { ClaimFailure, ClaimVoid, GrantProof, GrantRecord, LoginClaim, User } from '../ports.ts';
import { mayDefer, stateAt } from '../two-factor.ts';
import type { EpochMs } from '../user.ts';
import { type CountedFailures, clearFailures, lockedAnswersOf } from './failure-counter.ts';
import type { RecordingWriter } from './recording-engine.ts';
import { type LockedUser, lockUserAndEpoch } from './user-look-up.ts';

export type Standing = { readonly kind: 'stands'; readonly user: User; readonly now: EpochMs } | ClaimVoid;

/** Locks the user: nothing of what was looked at changes until the transaction is over. */
export async function standingOf(tx: RecordingWriter, claim: LoginClaim): Promise<Standing> {
  const locked = await lockUserAndEpoch(tx, claim.userId);
  const now = await tx.now();
  const why = failureOf(claim, locked, now);
  if (why !== undefined || locked === undefined) return { kind: 'void', why: why ?? 'user-removed' };
  return { kind: 'stands', user: locked.user, now };
}

function failureOf(claim: LoginClaim, locked: LockedUser | undefined, now: EpochMs): ClaimFailure | undefined {
  if (locked === undefined) return 'user-removed';
  const { user, epoch } = locked;
  if (epoch !== claim.epoch) return 'facility-restored';
  if (user.disabled) return 'user-disabled';
  if (claim.passwordVersion === null) return undefined;
  if (user.passwordVersion !== claim.passwordVersion) return 'password-changed';
  if (user.passwordExpiresAt !== null && user.passwordExpiresAt <= now) return 'password-expired';
  return undefined;
}

/** Who may not come in here is told so once he has proven who he is, and not before. */
export function roleFailure(user: User, { roles }: LoginClaim): ClaimFailure | undefined {
  return roles === undefined || roles.includes(user.role) ? undefined : 'role-not-allowed';
}

/** A new password that was demanded is part of the grant, or there is none. Hosts with passwords of their own are not asked for one. */
export function passwordFailure(user: User, claim: LoginClaim, newPassword: 'set' | 'none'): ClaimFailure | undefined {
  const open = user.mustChangePassword && claim.passwordVersion !== null && newPassword === 'none';
  return open ? 'must-change-password' : undefined;
}

/** Whether the second factor that was proven, or was not asked for, is still what this user needs. */
export function proofFailure(user: User, proof: GrantProof, now: EpochMs): ClaimFailure | undefined {
  const { twoFactor } = user;
  const state = stateAt(twoFactor, now);
  switch (proof.by) {
    case 'time-step':
    case 'recovery-code':
      return state === 'paired' && twoFactor.pairing?.id === proof.pairingId ? undefined : 'two-factor-changed';
    case 'one-time-code':
      return state !== 'off' && twoFactor.requiredAt === proof.requiredAt ? undefined : 'two-factor-changed';
    case 'password': {
      const deferred = state !== 'paired' && mayDefer(twoFactor, now);
      const needless = proof.twoFactorRequired === 'never' || state === 'off' || deferred;
      return needless ? undefined : 'two-factor-changed';
    }
  }
}

export type Granting = {
  readonly user: User;
  readonly now: EpochMs;
  readonly grant: GrantRecord;
  /** Recorded before the grant: what led to it. */
  readonly before?: readonly AuditEvent[];
  readonly counts: CountedFailures;
  readonly cleared: 'both counters' | 'the password counter';
};

/** The grant itself, of a user who is locked and was looked at. */
export function recordGrant(tx: RecordingWriter, { user, now, grant, counts, cleared }: Granting): void {
  tx.later('UPDATE users SET last_login_at = ? WHERE id = ?', [[now, user.id]]);
  clearFailures(tx, { counter: userCounter(user.id), factors: cleared === 'both counters' ? 'both' : 'password' });
  const { console: toConsole, ...record } = grant;
  tx.record({
    ...record,
    ...selfOf(user),
    ...lockedAnswersOf(...(cleared === 'both counters' ? [counts.password, counts.code] : [counts.password])),
  });
  if (toConsole) tx.record({ event: 'console.signed-in', ...selfOf(user), detail: grant.detail });
}

/** A user who does something for himself. */
export function selfOf(user: Pick<User, 'id' | 'name'>): Pick<AuditEvent, 'actor' | 'user' | 'userId'> {
  return { actor: user.name, ...whom(user) };
}

export function whom({ id, name }: Pick<User, 'id' | 'name'>): Pick<AuditEvent, 'user' | 'userId'> {
  return { user: name, userId: id };
}
