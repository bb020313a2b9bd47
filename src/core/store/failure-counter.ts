/**
 * Failure counters in the database. Invariant: a count is read and raised inside one write transaction with its row locked, so that no number of
 * parallel attempts learns more than the budget allows (AuthQuake). Names without a user have counters of the same
 * kind, at most UNKNOWN_COUNTERS of them.
 */
import {
  countFailure,
  type Factor,
  type FailureCount,
  type LockoutRules,
  NO_FAILURES,
  secondsLocked,
  userCounter,
} from '../lockout.ts';
import type { EpochMs, UserId } from '../user.ts';
import { integer, nullableInteger, text } from './row-cells.ts';
import type { SqlReader, SqlWriter } from './sql-engine.ts';

/** So much guessing of names is remembered; a guesser who makes more pushes out his own oldest. */
export const UNKNOWN_COUNTERS = 10_000;

export type CounterName = { readonly counter: string; readonly factor: Factor };

export async function readFailures(tx: SqlWriter, { counter, factor }: CounterName): Promise<FailureCount> {
  const [row] = await tx.all(
    `SELECT failures, locked_until FROM failures WHERE counter = ? AND factor = ?${tx.dialect.lockRows}`,
    [counter, factor],
  );
  if (row === undefined) return NO_FAILURES;
  return { failures: integer(row, 'failures'), lockedUntil: nullableInteger(row, 'locked_until') };
}

export type FailedAttempt = CounterName & {
  /** Whether the counter is a user's. */
  readonly known: boolean;
  readonly rules: LockoutRules;
};

/** Counts one failure unless another attempt locked the counter meanwhile; answers the seconds to wait. */
export async function addFailure(tx: SqlWriter, attempt: FailedAttempt): Promise<number> {
  const { counter, factor, known, rules } = attempt;
  await ensureRow(tx, attempt);
  const count = await readFailures(tx, attempt);
  const locked = secondsLocked(count, tx.now);
  if (locked > 0) return locked;
  const next = countFailure(count, factor, rules, tx.now);
  await tx.run(
    'UPDATE failures SET failures = ?, locked_until = ?, known = ?, last_failed_at = ? WHERE counter = ? AND factor = ?',
    [next.failures, next.lockedUntil, known ? 1 : 0, tx.now, counter, factor],
  );
  return secondsLocked(next, tx.now);
}

export function clearFailures(tx: SqlWriter, counter: string): void {
  tx.later('DELETE FROM failures WHERE counter = ?', [[counter]]);
}

export function clearFailuresOf(tx: SqlWriter, { counter, factor }: CounterName): void {
  tx.later('DELETE FROM failures WHERE counter = ? AND factor = ?', [[counter, factor]]);
}

/** In a SELECT over users: the latest lock in force over both counters of each. Its parameter is the present time. */
export const LOCKED_UNTIL = `(SELECT MAX(failures.locked_until) FROM failures
  WHERE failures.counter = '${userCounter('' as UserId)}' || users.id AND failures.locked_until > ?)`;

/** The locks in force of everybody who is locked, by counter. */
export async function locksInForce(tx: SqlReader): Promise<ReadonlyMap<string, EpochMs>> {
  const locks = new Map<string, EpochMs>();
  const rows = await tx.all('SELECT counter, locked_until FROM failures WHERE known = 1 AND locked_until > ?', [
    tx.now,
  ]);
  for (const row of rows) {
    const counter = text(row, 'counter');
    locks.set(counter, Math.max(locks.get(counter) ?? 0, integer(row, 'locked_until')));
  }
  return locks;
}

/** A row to lock, made where there is none. */
async function ensureRow(tx: SqlWriter, { counter, factor, known }: FailedAttempt): Promise<void> {
  const rows = await tx.all('SELECT failures FROM failures WHERE counter = ? AND factor = ?', [counter, factor]);
  if (rows.length > 0) return;
  if (!known) await makeRoom(tx);
  await tx.run(
    `INSERT INTO failures (counter, factor, failures, locked_until, known, last_failed_at) VALUES (?, ?, 0, NULL, ?, ?)
     ON CONFLICT DO NOTHING`,
    [counter, factor, known ? 1 : 0, tx.now],
  );
}

/** The oldest unknown names go, those that are locked last: nobody may shake a lock off by guessing other names. */
async function makeRoom(tx: SqlWriter): Promise<void> {
  const [row] = await tx.all('SELECT COUNT(*) AS counters FROM failures WHERE known = 0');
  const excess = (row === undefined ? 0 : integer(row, 'counters')) - (UNKNOWN_COUNTERS - 1);
  if (excess <= 0) return;
  const oldest = await tx.all(
    `SELECT counter, factor FROM failures WHERE known = 0
     ORDER BY CASE WHEN locked_until > ? THEN 1 ELSE 0 END, last_failed_at LIMIT ?`,
    [tx.now, excess],
  );
  await tx.runMany(
    'DELETE FROM failures WHERE counter = ? AND factor = ?',
    oldest.map((old) => [text(old, 'counter'), text(old, 'factor')]),
  );
}
