/**
 * Failure counters in the database. Invariant: a count is read and raised inside one write transaction, behind a lock that every attempt at the same name
 * takes first, so that no number of parallel attempts learns more than the budget allows (AuthQuake). A user's counter has no row before the first
 * failure, so that lock is the user's own row. Names without a user have counters of the same kind, at most UNKNOWN_COUNTERS of them, whose
 * row is made to be locked.
 */
import type { AuditEvent } from '../audit-event.ts';
import {
  counterOwner,
  countFailure,
  FACTORS,
  type Factor,
  type FailureCount,
  type LockoutRules,
  NO_FAILURES,
  secondsLocked,
  userCounter,
} from '../lockout.ts';
import type { EpochMs, UserId } from '../user.ts';
import { integer, nullableInteger, oneOf, text } from './row-cells.ts';
import type { SqlReader, SqlWriter } from './sql-engine.ts';

/** So much guessing of names is remembered; a guesser who makes more pushes out his own oldest. */
export const UNKNOWN_COUNTERS = 10_000;

export type CounterName = { readonly counter: string; readonly factor: Factor };

/** What a counter says, and how many answers were given since its last record while it was locked. */
export type Counted = FailureCount & { readonly lockedAnswers: number };
export type CountedFailures = Readonly<Record<Factor, Counted>>;

/** What stands against an attempt at a password; nobody else's is judged until the transaction is over. */
export async function lockFailures(tx: SqlWriter, { counter, factor, known }: Attempt): Promise<Counted> {
  if (!known) {
    await ensureRow(tx, { counter, factor });
    return (await readFailures(tx, counter))[factor];
  }
  // Asked together, answered one after the other: the second sees what the first has waited for.
  const owner = tx.all(`SELECT id FROM users WHERE id = ?${tx.dialect.lockRows}`, [counterOwner(counter)]);
  const [, counts] = await Promise.all([owner, readFailures(tx, counter)]);
  return counts[factor];
}

/** Both counters of a name. The caller holds that lock. */
export async function readFailures(tx: SqlWriter, counter: string): Promise<CountedFailures> {
  const rows = await tx.all(
    `SELECT factor, failures, locked_until, locked_answers FROM failures WHERE counter = ?${tx.dialect.lockRows}`,
    [counter],
  );
  const counts: Record<Factor, Counted> = { password: NONE, code: NONE };
  for (const row of rows) {
    counts[oneOf(row, 'factor', FACTORS)] = {
      failures: integer(row, 'failures'),
      lockedUntil: nullableInteger(row, 'locked_until'),
      lockedAnswers: integer(row, 'locked_answers'),
    };
  }
  return counts;
}

const NONE: Counted = { ...NO_FAILURES, lockedAnswers: 0 };

/** `known`: the counter is a user's. */
export type Attempt = CounterName & { readonly known: boolean };

/** One failure more than `count`, which was read behind the lock; answers the seconds to wait. */
export async function addFailure(
  tx: SqlWriter,
  { counter, factor, known }: Attempt,
  { count, rules }: { readonly count: FailureCount; readonly rules: LockoutRules },
): Promise<number> {
  const now = await tx.now();
  const next = countFailure(count, factor, rules, now);
  const values = [next.failures, next.lockedUntil, known ? 1 : 0, now, counter, factor];
  const raised = await tx.run(
    `UPDATE failures SET failures = ?, locked_until = ?, known = ?, last_failed_at = ?, locked_answers = 0
     WHERE counter = ? AND factor = ?`,
    values,
  );
  if (raised === 0) {
    await tx.run(
      'INSERT INTO failures (failures, locked_until, known, last_failed_at, counter, factor) VALUES (?, ?, ?, ?, ?, ?)',
      values,
    );
  }
  return secondsLocked(next, now);
}

/**
 * An answer while locked is counted, so that a flood of them does not become a flood of records: only the first is recorded. The
 * lock is that of `count`, which may be shorter than the one that was read.
 */
export function countLockedAnswer(
  tx: SqlWriter,
  { counter, factor }: CounterName,
  count: Counted,
): 'first' | 'another' {
  tx.later(
    'UPDATE failures SET locked_answers = locked_answers + 1, locked_until = ? WHERE counter = ? AND factor = ?',
    [[count.lockedUntil, counter, factor]],
  );
  return count.lockedAnswers === 0 ? 'first' : 'another';
}

/** For the record that follows them: those that were only counted. */
export function lockedAnswersOf(...counts: readonly Counted[]): Pick<AuditEvent, 'lockedAnswers'> {
  const lockedAnswers = counts.reduce((sum, count) => sum + Math.max(0, count.lockedAnswers - 1), 0);
  return lockedAnswers === 0 ? {} : { lockedAnswers };
}

export function clearFailures(
  tx: SqlWriter,
  { counter, factors }: { readonly counter: string; readonly factors: Factor | 'both' },
): void {
  if (factors === 'both') tx.later('DELETE FROM failures WHERE counter = ?', [[counter]]);
  else tx.later('DELETE FROM failures WHERE counter = ? AND factor = ?', [[counter, factors]]);
}

/** In a SELECT over users: the latest lock over both counters of each, in force or past. */
export const LOCKED_UNTIL = `(SELECT MAX(failures.locked_until) FROM failures
  WHERE failures.counter = '${userCounter('' as UserId)}' || users.id)`;

/** The locks in force of everybody who is locked, by counter. */
export async function locksInForce(tx: SqlReader): Promise<ReadonlyMap<string, EpochMs>> {
  const locks = new Map<string, EpochMs>();
  const rows = await tx.all('SELECT counter, locked_until FROM failures WHERE known = 1 AND locked_until > ?', [
    await tx.now(),
  ]);
  for (const row of rows) {
    const counter = text(row, 'counter');
    locks.set(counter, Math.max(locks.get(counter) ?? 0, integer(row, 'locked_until')));
  }
  return locks;
}

/** A row of a name that no user has, made where there is none. */
async function ensureRow(tx: SqlWriter, { counter, factor }: CounterName): Promise<void> {
  const rows = await tx.all('SELECT failures FROM failures WHERE counter = ? AND factor = ?', [counter, factor]);
  if (rows.length > 0) return;
  await makeRoom(tx);
  await tx.run(
    `INSERT INTO failures (counter, factor, failures, locked_until, known, last_failed_at) VALUES (?, ?, 0, NULL, 0, ?)
     ON CONFLICT DO NOTHING`,
    [counter, factor, await tx.now()],
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
    [await tx.now(), excess],
  );
  await tx.runMany(
    'DELETE FROM failures WHERE counter = ? AND factor = ?',
    oldest.map((old) => [text(old, 'counter'), text(old, 'factor')]),
  );
}
