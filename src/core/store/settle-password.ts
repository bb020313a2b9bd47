/**
 * Passwords. Invariant: whether a password was right is told only by a transaction that has looked at the counter behind its lock, so
 * 200 parallel guesses are answered one after the other, and none of them once the budget is spent.
 */
import { noLongerThanLongest, secondsLocked } from '../lockout.ts';
import type { LoginWrites } from '../ports.ts';
import { addFailure, countLockedAnswer, firstFailure, lockedAnswersOf, lockFailures } from './failure-counter.ts';
import { whom } from './login-claim.ts';
import type { RecordingEngine } from './recording-engine.ts';

type PasswordWrites = Pick<LoginWrites, 'settlePassword' | 'rehashPassword'>;

export function passwordWrites(engine: RecordingEngine): PasswordWrites {
  return {
    settlePassword: ({ counter, user, right, rules }) =>
      engine.write(async (tx) => {
        const attempt = { counter, factor: 'password', known: user !== undefined } as const;
        const before = await lockFailures(tx, counter);
        const isStopped = before.forgotten.stopped;
        const mayPass = right && !isStopped;
        const counts = mayPass || before.hasPasswordRow ? before : await firstFailure(tx, attempt);
        const now = await tx.now();
        const count = noLongerThanLongest(counts.password, rules, now);
        const locked = secondsLocked(count, now);
        const who = user === undefined ? { detail: 'unknown-user' } : whom(user);
        if (locked > 0) {
          const answer = countLockedAnswer(tx, attempt, count);
          if (answer === 'first') tx.recordFailure({ event: 'password.locked', ...who });
          return { kind: 'locked', retryAfterSeconds: locked };
        }
        // A right one clears nothing: the login is not over (C8).
        if (mayPass) return { kind: 'right' };
        const { forgotten } = counts;
        const retryAfterSeconds = await addFailure(tx, attempt, { count, rules, forgotten });
        if (isStopped) {
          tx.recordFailure({ event: 'password.locked', ...who, ...lockedAnswersOf(count) });
          return { kind: 'refused', retryAfterSeconds };
        }
        const disabled = user?.disabled ? { detail: 'disabled' } : {};
        tx.recordFailure({ event: 'password.wrong', ...who, ...disabled, ...lockedAnswersOf(count) });
        return { kind: 'refused', retryAfterSeconds };
      }),

    rehashPassword: ({ userId, from, to }) =>
      engine.write(async (tx) => {
        await tx.run('UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?', [to, userId, from]);
      }),
  };
}
