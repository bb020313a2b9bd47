/**
 * Passwords. Invariant: whether a password was right is told only by a transaction that has looked at the counter behind its lock, so
 * 200 parallel guesses are answered one after the other, and none of them once the budget is spent.
 */
import { secondsLocked } from '../lockout.ts';
import type { LogOnStore } from '../ports.ts';
import { addFailure, lockFailures } from './failure-counter.ts';
import type { SqlEngine } from './sql-engine.ts';

type PasswordPart = Pick<LogOnStore, 'settlePassword' | 'rehashPassword' | 'changePassword'>;

export function passwordPart(engine: SqlEngine): PasswordPart {
  return {
    settlePassword: ({ counter, known, right, rules }) =>
      engine.write(async (tx) => {
        const attempt = { counter, factor: 'password', known } as const;
        const count = await lockFailures(tx, attempt);
        const locked = secondsLocked(count, await tx.now());
        if (locked > 0) return { kind: 'locked', retryAfterSeconds: locked };
        // A right one clears nothing: the log-on is not over (C8).
        if (right) return { kind: 'right' };
        const retryAfterSeconds = await addFailure(tx, attempt, { count, rules });
        return { kind: 'refused', retryAfterSeconds };
      }),

    rehashPassword: ({ userId, from, to }) =>
      engine.write(async (tx) => {
        await tx.run('UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?', [to, userId, from]);
      }),

    changePassword: ({ userId, from, to }) =>
      engine.write(async (tx) => {
        const fits = from === null ? 'password_hash IS NULL' : 'password_hash = ?';
        const changed = await tx.run(
          `UPDATE users SET password_hash = ?, must_change_password = 0, password_expires_at = NULL
           WHERE id = ? AND disabled = 0 AND ${fits}`,
          from === null ? [to, userId] : [to, userId, from],
        );
        return changed === 1 ? 'changed' : 'conflict';
      }),
  };
}
