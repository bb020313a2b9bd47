/** Finding users, in a transaction that is already open. */
import type { User } from '../ports.ts';
import type { NameKey, UserId } from '../user.ts';
import { LOCKED_UNTIL } from './failure-counter.ts';
import { nullableInteger } from './row-cells.ts';
import type { SqlReader, SqlWriter } from './sql-engine.ts';
import { USER_COLUMNS, userOf } from './user-row.ts';

export async function userByKey(tx: SqlReader, key: NameKey): Promise<User | undefined> {
  if (!mayBeStored(key)) return undefined;
  return userWhere(tx, 'name_key = ?', key);
}

export async function userById(tx: SqlReader, id: UserId): Promise<User | undefined> {
  return userWhere(tx, 'id = ?', id);
}

/** The user, whom nobody else can change until this transaction is over. */
export async function lockUser(tx: SqlWriter, id: UserId): Promise<User | undefined> {
  return userWhere(tx, `id = ?${tx.dialect.lockRows}`, id);
}

/** Text that no database holds has no user, and must not become a neighbour's key on the way there. */
export function mayBeStored(key: NameKey): boolean {
  return !key.includes('\0') && key.isWellFormed();
}

async function userWhere(tx: SqlReader, condition: string, value: string): Promise<User | undefined> {
  const sql = `SELECT ${USER_COLUMNS}, ${LOCKED_UNTIL} AS locked_until FROM users WHERE ${condition}`;
  const [row] = await tx.all(sql, [value]);
  if (row === undefined) return undefined;
  const lockedUntil = nullableInteger(row, 'locked_until');
  const inForce = lockedUntil !== null && lockedUntil > (await tx.now());
  return userOf(row, inForce ? lockedUntil : null);
}
