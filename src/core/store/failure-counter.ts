/**
 * Failure counters in the database. Invariant: a count is read and raised inside one write transaction, behind a lock
 * that every attempt at the same name takes first, so that no number of parallel attempts learns more than the budget
 * allows (AuthQuake). Names that nobody has are counted by the same statements as names that somebody has, and are
 * forgotten by the same rule (forget-failures.ts): neither an answer nor its time tells them apart (ACCEPTANCE C43).
 */
import type { AuditEvent } from '../audit-event.ts';
import {
  counterOwner,
  countFailure,
  FACTORS,
  type Factor,
  type FailureCount,
  LOCKED_FOR_GOOD,
  type LockoutRules,
  NO_FAILURES,
  secondsLocked,
  userCounter,
} from '../lockout.ts';
import type { EpochMs, UserId } from '../user.ts';
import { FORGOTTEN, forgetOldest } from './forget-failures.ts';
import { integer, nullableInteger, oneOf, text } from './row-cells.ts';
import type { SqlReader, SqlWriter } from './sql-engine.ts';

export type CounterName = { readonly counter: string; readonly factor: Factor };

/** What a counter says, and how many answers were given since its last record while it was locked. */
export type Counted = FailureCount & { readonly lockedAnswers: number };
export type CountedFailures = Readonly<Record<Factor, Counted>> & {
  readonly forgotten: Forgotten;
  /** Whether there is a row of wrong passwords. */
  readonly hasPasswordRow: boolean;
};

/**
 * Wrong passwords in a row whose waits were forgotten. They still count for HardLimit. `stopped`: it is reached, but
 * may not be told, since a name that nobody has would have been forgotten.
 */
export type Forgotten = { readonly failures: number; readonly stopped: boolean };

/**
 * What stands against an attempt at a password; nobody else's is judged until the transaction is over. A user's counter
 * has no row before the first failure, so that the lock is the user's own row.
 */
export async function lockFailures(tx: SqlWriter, counter: string): Promise<CountedFailures> {
  // Asked together, answered one after the other: the second sees what the first has waited for.
  const owner = tx.all(`SELECT id FROM users WHERE id = ?${tx.dialect.lockRows}`, [counterOwner(counter)]);
  const [, counts] = await Promise.all([owner, readFailures(tx, counter)]);
  return counts;
}

/** Before the first failure of a name is counted: its row, which others may have made meanwhile. */
export async function firstFailure(
  tx: SqlWriter,
  { counter, known }: { readonly counter: string; readonly known: boolean },
): Promise<CountedFailures> {
  await forgetOldest(tx);
  await tx.run(
    `INSERT INTO failures (counter, factor, failures, locked_until, known, last_failed_at)
     VALUES (?, 'password', 0, NULL, ?, ?) ON CONFLICT DO NOTHING`,
    [counter, known ? 1 : 0, await tx.now()],
  );
  return readFailures(tx, counter);
}

/** Both counters of a name. The caller holds that lock. */
export async function readFailures(tx: SqlWriter, counter: string): Promise<CountedFailures> {
  const rows = await tx.all(
    `SELECT factor, failures, locked_until, locked_answers FROM failures WHERE counter = ?${tx.dialect.lockRows}`,
    [counter],
  );
  const counts: Record<Factor, Counted> = { password: NONE, code: NONE };
  let forgotten: Forgotten = { failures: 0, stopped: false };
  for (const row of rows) {
    const factor = oneOf(row, 'factor', ROW_KINDS);
    const failures = integer(row, 'failures');
    const lockedUntil = nullableInteger(row, 'locked_until');
    if (factor === FORGOTTEN) forgotten = { failures, stopped: lockedUntil !== null };
    else counts[factor] = { failures, lockedUntil, lockedAnswers: integer(row, 'locked_answers') };
  }
  return { ...counts, forgotten, hasPasswordRow: counts.password !== NONE };
}

const ROW_KINDS = [...FACTORS, FORGOTTEN] as const;
const NONE: Counted = { ...NO_FAILURES, lockedAnswers: 0 };

/** `known`: the counter is a user's. */
export type Attempt = CounterName & { readonly known: boolean };

/** One failure more than `count`, which was read behind the lock; answers the seconds to wait. */
export async function addFailure(
  tx: SqlWriter,
  { counter, factor, known }: Attempt,
  {
    count,
    rules,
    forgotten,
  }: { readonly count: FailureCount; readonly rules: LockoutRules; readonly forgotten?: Forgotten },
): Promise<number> {
  const now = await tx.now();
  const next = countFailure(count, factor, rules, now);
  if (forgotten !== undefined) stopWhereDue(tx, counter, next.failures + forgotten.failures >= rules.hardLimit);
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

/** Sent for each name, and changes nothing where nothing was forgotten. */
function stopWhereDue(tx: SqlWriter, counter: string, isDue: boolean): void {
  tx.later('UPDATE failures SET locked_until = COALESCE(locked_until, ?) WHERE counter = ? AND factor = ?', [
    [isDue ? LOCKED_FOR_GOOD : null, counter, FORGOTTEN],
  ]);
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
  else {
    const kinds = factors === 'password' ? ['password', FORGOTTEN] : [factors];
    tx.later(
      'DELETE FROM failures WHERE counter = ? AND factor = ?',
      kinds.map((kind) => [counter, kind]),
    );
  }
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
