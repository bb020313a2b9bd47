/**
 * All users for a table on the screen. A database answers 100,000 rows of 22 cells in a second or more, most of it for handing over cells;
 * so each row comes as one text, its columns apart by a character that no name has (names have no control characters).
 */

import { userCounter } from '../lockout.ts';
import type { ListedUser } from '../ports.ts';
import { TWO_FACTOR_STATES } from '../two-factor.ts';
import { type EpochMs, ROLES, type UserId } from '../user.ts';
import { locksInForce } from './failure-counter.ts';
import { damaged, oneOf, text } from './row-cells.ts';
import type { SqlReader } from './sql-engine.ts';

/** In no order: databases differ in how they sort text, and a table sorts by itself. */
export async function visitUsers(tx: SqlReader, visit: (user: ListedUser) => void): Promise<void> {
  const locks = await locksInForce(tx);
  const separators = Array.from({ length: COLUMNS.length - 1 }, () => SEPARATOR);
  const now = await tx.now();
  await tx.each(LIST, [now, ...separators], (row) => visit(listedUserOf(text(row, 'line'), locks)));
}

/** ASCII's own unit separator. */
const SEPARATOR = '\x1f';

/** An unconfirmed secret that ran out of time is none (stateAt). */
const STATE = `CASE WHEN two_factor = 'issued' AND expires_at <= ? THEN 'required' ELSE two_factor END`;
const COLUMNS = [
  STATE,
  'role',
  'CAST(disabled AS TEXT)',
  `COALESCE(CAST(last_login_at AS TEXT), '')`,
  'id',
  'name',
  'display',
  'group_name',
];
const LIST = `SELECT ${COLUMNS.map((column) => `(${column})`).join(' || ? || ')} AS line FROM users`;

function listedUserOf(line: string, locks: ReadonlyMap<string, EpochMs>): ListedUser {
  const cells = line.split(SEPARATOR);
  const [state = '', role = '', disabled = '', lastLoginAt = '', id = '', name = '', display = '', group = ''] = cells;
  if (cells.length !== COLUMNS.length || !/^[01]$/.test(disabled) || !/^\d*$/.test(lastLoginAt)) throw damaged('users');
  return {
    id: id as UserId,
    name,
    display,
    group,
    role: oneOf({ role }, 'role', ROLES),
    disabled: disabled === '1',
    state: oneOf({ state }, 'state', TWO_FACTOR_STATES),
    lastLoginAt: lastLoginAt === '' ? null : Number(lastLoginAt),
    lockedUntil: locks.get(userCounter(id as UserId)) ?? null,
  };
}
