/**
 * Codes of all three kinds. Invariant: a grant by code happens here alone, in one transaction with the use of the code: budget first (while
 * locked, right and wrong look the same), then the user as he is now, then a conditional update that only one of many can win.
 * RFC 6238 §5.2: a time step is accepted once.
 */
import { assertNever } from '../assert-never.ts';
import { type FailureCount, type LockoutRules, secondsLocked, userCounter } from '../lockout.ts';
import type { CodeClaim, LogOnStore, User } from '../ports.ts';
import { stateAt } from '../two-factor.ts';
import type { UserId } from '../user.ts';
import { addFailure, clearFailures, readFailures } from './failure-counter.ts';
import { nullableInteger } from './row-cells.ts';
import type { SqlEngine, SqlWriter } from './sql-engine.ts';
import { lockUser } from './user-look-up.ts';

type CodePart = Pick<LogOnStore, 'claimTimeStep' | 'consumeRecoveryCode' | 'consumeOneTimeCode'>;

export function codePart(engine: SqlEngine): CodePart {
  return {
    claimTimeStep: ({ userId, rules, pairingId, step }) =>
      engine.write((tx) => settle(tx, { userId, rules }, (user) => useTimeStep(tx, user, { pairingId, step }))),
    consumeRecoveryCode: ({ userId, rules, codeId }) =>
      engine.write((tx) => settle(tx, { userId, rules }, (user) => useRecoveryCode(tx, user, codeId))),
    consumeOneTimeCode: ({ userId, rules, codeId }) =>
      engine.write((tx) => settle(tx, { userId, rules }, (user) => useOneTimeCode(tx, user, codeId))),
  };
}

/** `used`: this very transaction has used the code up. */
type Verdict = 'used' | 'wrong' | 'already-used' | 'gone';
type Attempt = { readonly userId: UserId; readonly rules: LockoutRules };

async function settle(tx: SqlWriter, attempt: Attempt, use: (user: User) => Promise<Verdict>): Promise<CodeClaim> {
  const counter = userCounter(attempt.userId);
  const [user, count] = await Promise.all([
    lockUser(tx, attempt.userId),
    readFailures(tx, { counter, factor: 'code' }),
  ]);
  if (user === undefined || user.disabled) return { kind: 'pairing-gone' };
  const locked = secondsLocked(count, await tx.now());
  if (locked > 0) return { kind: 'locked', retryAfterSeconds: locked };
  const verdict = await use(user);
  switch (verdict) {
    case 'used':
      tx.later('UPDATE users SET last_login_at = ? WHERE id = ?', [[await tx.now(), user.id]]);
      clearFailures(tx, counter);
      return { kind: 'claimed' };
    case 'gone':
      return { kind: 'pairing-gone' };
    case 'wrong':
      return { kind: 'refused', retryAfterSeconds: await countWrong(tx, attempt, count) };
    case 'already-used':
      return { kind: 'already-used', retryAfterSeconds: await countWrong(tx, attempt, count) };
    default:
      return assertNever(verdict);
  }
}

function countWrong(tx: SqlWriter, { userId, rules }: Attempt, count: FailureCount): Promise<number> {
  return addFailure(tx, { counter: userCounter(userId), factor: 'code', known: true }, { count, rules });
}

type TimeStep = { readonly pairingId: string; readonly step: number | null };

async function useTimeStep(tx: SqlWriter, user: User, { pairingId, step }: TimeStep): Promise<Verdict> {
  const now = await tx.now();
  const state = stateAt(user.twoFactor, now);
  if ((state !== 'issued' && state !== 'paired') || user.twoFactor.pairing?.id !== pairingId) return 'gone';
  if (step === null) return 'wrong';
  // The condition on last_step stands in the statement too: it is what makes the claim one claim.
  const claimed = await tx.run(
    `UPDATE users SET two_factor = 'paired', paired_at = COALESCE(paired_at, ?), expires_at = NULL, last_step = ?
     WHERE id = ? AND pairing_id = ? AND (last_step IS NULL OR last_step < ?)`,
    [now, step, user.id, pairingId, step],
  );
  return claimed === 1 ? 'used' : 'already-used';
}

async function useRecoveryCode(tx: SqlWriter, user: User, codeId: string | null): Promise<Verdict> {
  if (user.twoFactor.state === 'off') return 'gone';
  if (codeId === null || user.twoFactor.state !== 'paired') return 'wrong';
  const used = await tx.run('DELETE FROM recovery_codes WHERE user_id = ? AND code_id = ?', [user.id, codeId]);
  return used === 1 ? 'used' : 'already-used';
}

async function useOneTimeCode(tx: SqlWriter, user: User, codeId: string | null): Promise<Verdict> {
  if (user.twoFactor.state === 'off') return 'gone';
  if (codeId === null) return 'wrong';
  const [row] = await tx.all('SELECT expires_at FROM one_time_codes WHERE user_id = ? AND code_id = ?', [
    user.id,
    codeId,
  ]);
  if (row === undefined) return 'already-used';
  const expiresAt = nullableInteger(row, 'expires_at');
  if (expiresAt !== null && expiresAt <= (await tx.now())) return 'wrong';
  const used = await tx.run('DELETE FROM one_time_codes WHERE user_id = ? AND code_id = ?', [user.id, codeId]);
  return used === 1 ? 'used' : 'already-used';
}
