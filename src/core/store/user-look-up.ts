/** Finding users, in a transaction that is already open. */
import type { User } from '../ports.ts';
import type { NameKey, UserId } from '../user.ts';
import { lockOf } from './failure-counter.ts';
import type { SqlReader, SqlRow, SqlWriter } from './sql-engine.ts';
import { USER_COLUMNS, userOf } from './user-row.ts';

export async function userByKey(tx: SqlReader, key: NameKey): Promise<User | undefined> {
  if (!mayBeStored(key)) return undefined;
  return withLock(tx, await tx.all(`SELECT ${USER_COLUMNS} FROM users WHERE name_key = ?`, [key]));
}

export async function userById(tx: SqlReader, id: UserId): Promise<User | undefined> {
  return withLock(tx, await tx.all(`SELECT ${USER_COLUMNS} FROM users WHERE id = ?`, [id]));
}

/** The user, whom nobody else can change until this transaction is over. */
export async function lockUser(tx: SqlWriter, id: UserId): Promise<User | undefined> {
  return withLock(tx, await tx.all(`SELECT ${USER_COLUMNS} FROM users WHERE id = ?${tx.dialect.lockRows}`, [id]));
}

/** Text that no database holds has no user, and must not become a neighbour's key on the way there. */
export function mayBeStored(key: NameKey): boolean {
  return !key.includes('\0') && key.isWellFormed();
}

async function withLock(tx: SqlReader, rows: readonly SqlRow[]): Promise<User | undefined> {
  const [row] = rows;
  if (row === undefined) return undefined;
  const user = userOf(row, null);
  return { ...user, lockedUntil: await lockOf(tx, user.id) };
}
