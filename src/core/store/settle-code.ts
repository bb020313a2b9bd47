/**
 * Codes of all three kinds. Invariant: a grant by code happens here alone, in one transaction with the use of the code: budget first (while
 * locked, right and wrong look the same), then the user as he is now, then a conditional update that only one of many can win.
 * RFC 6238 §5.2: a time step is accepted once.
 */
import { assertNever } from '../assert-never.ts';
import type { AuditEvent } from '../audit-event.ts';
import { type LockoutRules, noLongerThanLongest, secondsLocked, userCounter } from '../lockout.ts';
import type { CodeAttempt, CodeClaim, Locked, LoginWrites, User } from '../ports.ts';
import { timeStepAt } from '../time-step.ts';
import { stateAt } from '../two-factor.ts';
import type { EpochMs } from '../user.ts';
import {
  addFailure,
  type Counted,
  type CountedFailures,
  countLockedAnswer,
  lockedAnswersOf,
  readFailures,
} from './failure-counter.ts';
import { passwordFailure, proofFailure, recordGrant, roleFailure, selfOf, standingOf, whom } from './login-claim.ts';
import type { RecordingEngine, RecordingWriter } from './recording-engine.ts';
import { nullableInteger } from './row-cells.ts';

type ClaimWrites = Pick<LoginWrites, 'claimTimeStep' | 'consumeRecoveryCode' | 'consumeOneTimeCode' | 'grant'>;

export function claimWrites(engine: RecordingEngine): ClaimWrites {
  return {
    claimTimeStep: ({ pairingId, step, window, nearby, ...attempt }) =>
      engine.write((tx) => settle(tx, attempt, (user) => useTimeStep(tx, user, { pairingId, step, window, nearby }))),
    consumeRecoveryCode: ({ codeId, ...attempt }) =>
      engine.write((tx) => settle(tx, attempt, (user) => useRecoveryCode(tx, user, codeId))),
    consumeOneTimeCode: ({ codeId, ...attempt }) =>
      engine.write((tx) => settle(tx, attempt, (user) => useOneTimeCode(tx, user, codeId))),

    grant: ({ claim, proof, grant, newPasswordHash }) =>
      engine.write(async (tx) => {
        const standing = await standingOf(tx, claim);
        if (standing.kind === 'void') return standing;
        const { user, now } = standing;
        const newPassword = newPasswordHash === undefined ? 'none' : 'set';
        const why =
          roleFailure(user, claim) ?? proofFailure(user, proof, now) ?? passwordFailure(user, claim, newPassword);
        if (why !== undefined) return { kind: 'void', why };
        if (newPasswordHash !== undefined) {
          tx.later(
            `UPDATE users SET password_hash = ?, must_change_password = 0, password_expires_at = NULL,
               password_version = password_version + 1 WHERE id = ?`,
            [[newPasswordHash, user.id]],
          );
          tx.record({ event: 'password.changed', ...selfOf(user) });
        }
        const counts = await readFailures(tx, userCounter(user.id));
        // Whoever may say "later" must not refill the budget for codes by it.
        const cleared = proof.by === 'password' ? 'the password counter' : 'both counters';
        recordGrant(tx, { user, now, grant, counts, cleared });
        return { kind: 'granted' };
      }),
  };
}

/** What a code did in this transaction: used up (recorded as such where the grant says less), or why not. */
type Verdict =
  | { readonly kind: 'used'; readonly records: readonly AuditEvent[] }
  | { readonly kind: 'wrong'; readonly stepsOff?: number }
  | { readonly kind: 'already-used'; readonly detail?: string }
  | { readonly kind: 'gone' };

async function settle(
  tx: RecordingWriter,
  attempt: CodeAttempt,
  use: (user: User) => Promise<Verdict>,
): Promise<CodeClaim> {
  const { claim } = attempt;
  const counter = userCounter(claim.userId);
  const [standing, counts] = await Promise.all([standingOf(tx, claim), readFailures(tx, counter)]);
  if (standing.kind === 'void') return standing;
  const { user, now } = standing;
  const count = noLongerThanLongest(counts.code, attempt.rules, now);
  const locked = answerWhileLocked(tx, { user, now, count });
  if (locked !== undefined) return locked;
  const verdict = await use(user);
  switch (verdict.kind) {
    case 'used':
      return used(tx, { user, now, counts, records: verdict.records, attempt });
    case 'gone':
      return { kind: 'pairing-gone' };
    case 'wrong': {
      const { stepsOff } = verdict;
      const near = stepsOff === undefined ? {} : { stepsOff };
      tx.recordFailure({ event: 'code.wrong', ...whom(user), ...near, ...lockedAnswersOf(count) });
      return { kind: 'refused', retryAfterSeconds: await countWrong(tx, attempt, count), ...near };
    }
    case 'already-used': {
      const detail = verdict.detail === undefined ? {} : { detail: verdict.detail };
      tx.recordFailure({ event: 'code.reused', ...whom(user), ...detail, ...lockedAnswersOf(count) });
      return { kind: 'already-used', retryAfterSeconds: await countWrong(tx, attempt, count) };
    }
    default:
      return assertNever(verdict);
  }
}

/** Of the counter for codes, for whoever holds the user's lock: counted, and the first one recorded. */
export async function lockedAnswer(
  tx: RecordingWriter,
  { user, now, rules }: { readonly user: User; readonly now: EpochMs; readonly rules: LockoutRules },
): Promise<Locked | undefined> {
  const { code } = await readFailures(tx, userCounter(user.id));
  return answerWhileLocked(tx, { user, now, count: noLongerThanLongest(code, rules, now) });
}

function answerWhileLocked(
  tx: RecordingWriter,
  { user, now, count }: { readonly user: User; readonly now: EpochMs; readonly count: Counted },
): Locked | undefined {
  const locked = secondsLocked(count, now);
  if (locked === 0) return undefined;
  const answer = countLockedAnswer(tx, { counter: userCounter(user.id), factor: 'code' }, count);
  if (answer === 'first') tx.recordFailure({ event: 'code.locked', ...whom(user) });
  return { kind: 'locked', retryAfterSeconds: locked };
}

type Used = {
  readonly user: User;
  readonly now: EpochMs;
  readonly counts: CountedFailures;
  readonly records: readonly AuditEvent[];
  readonly attempt: CodeAttempt;
};

/** The counters are cleared by the grant, and not before it. */
function used(tx: RecordingWriter, { user, now, counts, records, attempt }: Used): CodeClaim {
  const { claim, grant } = attempt;
  const role = roleFailure(user, claim);
  for (const event of records) tx.record(event);
  if (grant === undefined || role !== undefined || passwordFailure(user, claim, 'none') !== undefined) {
    if (records.length === 0) tx.record({ event: 'code.accepted', ...selfOf(user) });
    return role === undefined ? { kind: 'claimed', granted: false } : { kind: 'void', why: role };
  }
  recordGrant(tx, { user, now, grant, counts, cleared: 'both counters' });
  return { kind: 'claimed', granted: true };
}

function countWrong(tx: RecordingWriter, { claim, rules }: CodeAttempt, count: Counted): Promise<number> {
  return addFailure(tx, { counter: userCounter(claim.userId), factor: 'code', known: true }, { count, rules });
}

type TimeStep = {
  readonly pairingId: string;
  readonly step: number | null;
  readonly window: number;
  readonly nearby: (() => number | null) | undefined;
};

async function useTimeStep(tx: RecordingWriter, user: User, typed: TimeStep): Promise<Verdict> {
  const { pairingId, step } = typed;
  const now = await tx.now();
  const state = stateAt(user.twoFactor, now);
  const { pairing } = user.twoFactor;
  if ((state !== 'issued' && state !== 'paired') || pairing?.id !== pairingId) return { kind: 'gone' };
  if (step === null) return { kind: 'wrong', ...stepsOffOf(typed, { lastStep: pairing.lastStep, now }) };
  // The condition on last_step stands in the statement too: it is what makes the claim one claim.
  const claimed = await tx.run(
    `UPDATE users SET two_factor = 'paired', paired_at = COALESCE(paired_at, ?), expires_at = NULL, last_step = ?
     WHERE id = ? AND pairing_id = ? AND (last_step IS NULL OR last_step < ?)`,
    [now, step, user.id, pairingId, step],
  );
  if (claimed === 1) {
    return { kind: 'used', records: state === 'paired' ? [] : [{ event: 'pairing.confirmed', ...selfOf(user) }] };
  }
  // A last step ahead of every step that counts now: the clock went back since (ACCEPTANCE C5).
  const behind = pairing.lastStep !== null && pairing.lastStep > timeStepAt(now) + typed.window;
  return behind ? { kind: 'already-used', detail: 'clock-behind' } : { kind: 'already-used' };
}

/** By how many steps a wrong code is off, where it is right at a time near this one and was not used: for the audit trail alone. */
function stepsOffOf(
  { nearby }: TimeStep,
  { lastStep, now }: { readonly lastStep: number | null; readonly now: EpochMs },
): { readonly stepsOff?: number } {
  const step = nearby?.() ?? null;
  return step === null || step <= (lastStep ?? -1) ? {} : { stepsOff: step - timeStepAt(now) };
}

async function useRecoveryCode(tx: RecordingWriter, user: User, codeId: string | null): Promise<Verdict> {
  if (user.twoFactor.state === 'off') return { kind: 'gone' };
  if (codeId === null || user.twoFactor.state !== 'paired') return { kind: 'wrong' };
  const deleted = await tx.run('DELETE FROM recovery_codes WHERE user_id = ? AND code_id = ?', [user.id, codeId]);
  if (deleted !== 1) return { kind: 'already-used' };
  return { kind: 'used', records: [{ event: 'recovery.used', ...selfOf(user) }] };
}

async function useOneTimeCode(tx: RecordingWriter, user: User, codeId: string | null): Promise<Verdict> {
  if (user.twoFactor.state === 'off') return { kind: 'gone' };
  if (codeId === null) return { kind: 'wrong' };
  const [row] = await tx.all('SELECT expires_at FROM one_time_codes WHERE user_id = ? AND code_id = ?', [
    user.id,
    codeId,
  ]);
  if (row === undefined) return { kind: 'already-used' };
  const expiresAt = nullableInteger(row, 'expires_at');
  if (expiresAt !== null && expiresAt <= (await tx.now())) return { kind: 'wrong' };
  const deleted = await tx.run('DELETE FROM one_time_codes WHERE user_id = ? AND code_id = ?', [user.id, codeId]);
  if (deleted !== 1) return { kind: 'already-used' };
  return { kind: 'used', records: [{ event: 'one-time.used', ...selfOf(user) }] };
}
