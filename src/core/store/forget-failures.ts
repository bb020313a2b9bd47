/**
 * How many names are remembered that somebody gave a wrong password for. Invariant: whether a name is forgotten depends
 * on when it was tried, never on whether somebody has it, so that nobody finds out names by filling the table (ACCEPTANCE
 * C43). What a user loses by it are the waits; the failures move to a row of their own and still count for HardLimit.
 */
import { LOCKED_FOR_GOOD } from '../lockout.ts';
import { integer, nullableInteger, text } from './row-cells.ts';
import type { SqlRow, SqlWriter } from './sql-engine.ts';

/** Names, of which each row takes about 100 bytes of the database. */
export const NAMES_REMEMBERED = 10_000;

/** So many are forgotten at once: a search for the oldest is not worth a single row. */
export const NAMES_FORGOTTEN = 500;

/** In the column `factor`: a user's wrong passwords in a row, without waits. */
export const FORGOTTEN = 'forgotten';

/** Makes room for one more name where there is none. Those who wait are the last to be forgotten. */
export async function forgetOldest(tx: SqlWriter): Promise<void> {
  const [row] = await tx.all("SELECT COUNT(*) AS names FROM failures WHERE factor = 'password'");
  if (row === undefined || integer(row, 'names') < NAMES_REMEMBERED) return;
  const oldest = await tx.all(
    `SELECT counter, known, failures, locked_until, last_failed_at FROM failures WHERE factor = 'password'
     ORDER BY CASE WHEN locked_until > ? THEN 1 ELSE 0 END, last_failed_at LIMIT ?${tx.dialect.lockRows}`,
    [await tx.now(), NAMES_FORGOTTEN],
  );
  const ofUsers = oldest.filter((each) => integer(each, 'known') === 1);
  if (ofUsers.length > 0) await keepCounts(tx, ofUsers);
  await tx.runMany(
    "DELETE FROM failures WHERE counter = ? AND factor = 'password'",
    oldest.map((each) => [text(each, 'counter')]),
  );
}

async function keepCounts(tx: SqlWriter, rows: readonly SqlRow[]): Promise<void> {
  await tx.runMany(
    `INSERT INTO failures (counter, factor, failures, locked_until, known, last_failed_at)
     VALUES (?, ?, 0, NULL, 1, ?) ON CONFLICT DO NOTHING`,
    rows.map((row) => [text(row, 'counter'), FORGOTTEN, integer(row, 'last_failed_at')]),
  );
  await tx.runMany(
    `UPDATE failures SET failures = failures + ?, locked_until = COALESCE(locked_until, ?), last_failed_at = ?
     WHERE counter = ? AND factor = ?`,
    rows.map((row) => [
      integer(row, 'failures'),
      nullableInteger(row, 'locked_until') === LOCKED_FOR_GOOD ? LOCKED_FOR_GOOD : null,
      integer(row, 'last_failed_at'),
      text(row, 'counter'),
      FORGOTTEN,
    ]),
  );
}
