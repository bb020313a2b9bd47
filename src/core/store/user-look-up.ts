/** Finding users, in a transaction that is already open. */
import type { User } from '../ports.ts';
import type { NameKey, UserId } from '../user.ts';
import { LOCKED_UNTIL } from './failure-counter.ts';
import { nullableInteger, text } from './row-cells.ts';
import type { SqlReader, SqlWriter } from './sql-engine.ts';
import { USER_COLUMNS, userOf } from './user-row.ts';

export type LockedUser = { readonly user: User; readonly epoch: string };

/** With the facility's epoch (docs/decisions/0018-one-truth.md). */
export async function userByKey(tx: SqlReader, key: NameKey): Promise<LockedUser | undefined> {
  if (!mayBeStored(key)) return undefined;
  return userWhere(tx, 'name_key = ?', key);
}

export async function userById(tx: SqlReader, id: UserId): Promise<User | undefined> {
  return (await userWhere(tx, 'id = ?', id))?.user;
}

/** The user, whom nobody else can change until this transaction is over. */
export async function lockUser(tx: SqlWriter, id: UserId): Promise<User | undefined> {
  return (await lockUserAndEpoch(tx, id))?.user;
}

export function lockUserAndEpoch(tx: SqlWriter, id: UserId): Promise<LockedUser | undefined> {
  return userWhere(tx, `id = ?${tx.dialect.lockRows}`, id);
}

/** Text that no database holds has no user, and must not become a neighbour's key on the way there. */
export function mayBeStored(key: NameKey): boolean {
  return !key.includes('\0') && key.isWellFormed();
}

async function userWhere(tx: SqlReader, condition: string, value: string): Promise<LockedUser | undefined> {
  const sql = `SELECT ${USER_COLUMNS}, ${LOCKED_UNTIL} AS locked_until, ${EPOCH} AS epoch FROM users WHERE ${condition}`;
  const [row] = await tx.all(sql, [value]);
  if (row === undefined) return undefined;
  const lockedUntil = nullableInteger(row, 'locked_until');
  const inForce = lockedUntil !== null && lockedUntil > (await tx.now());
  return { user: userOf(row, inForce ? lockedUntil : null), epoch: text(row, 'epoch') };
}

const EPOCH = '(SELECT epoch FROM facility)';
