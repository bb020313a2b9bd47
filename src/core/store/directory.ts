/** Users as an admin sees them: list, count, add. */

import { type AuditEvent, RECORD_USER_IDS } from '../audit-event.ts';
import { userCounter } from '../lockout.ts';
import type { DirectoryReads, DirectoryWrites, NewUser, User, UserFilter } from '../ports.ts';
import { stateAt, TWO_FACTOR_STATES, type TwoFactorState } from '../two-factor.ts';
import type { EpochMs, NameKey, UserId } from '../user.ts';
import { locksInForce } from './failure-counter.ts';
import { whom } from './login-claim.ts';
import type { RecordingEngine, RecordingWriter } from './recording-engine.ts';
import { integer, oneOf, text } from './row-cells.ts';
import type { SqlEngine, SqlReader, SqlValue } from './sql-engine.ts';
import { mayBeStored, userById } from './user-look-up.ts';
import { USER_COLUMNS, userIdOf, userOf } from './user-row.ts';
import { visitUsers } from './visit-users.ts';

export function directoryReads(engine: SqlEngine): DirectoryReads {
  return {
    users: (filter = {}) => engine.read((tx) => listUsers(tx, filter)),
    visitUsers: (visit) => engine.read((tx) => visitUsers(tx, visit)),
    userById: (id) => engine.read((tx) => userById(tx, id)),
    takenKeys: (keys) => engine.read((tx) => existing(tx, keys)),
    countStates: () => engine.read(countStates),
    revision: () => engine.revision(),
  };
}

export function directoryWrites(engine: RecordingEngine): Pick<DirectoryWrites, 'addUsers'> {
  return {
    addUsers: (users, how = 'one by one') =>
      engine.write(async (tx) => {
        const keys = users.map((user) => user.nameKey);
        const taken = [...new Set([...repeated(keys), ...(await existing(tx, keys))])];
        if (taken.length > 0) return { kind: 'taken', keys: taken };
        const now = await tx.now();
        await tx.runMany(
          INSERT_USER,
          users.map((user) => newUserValues(user, now)),
        );
        const ids = users.map(({ id }) => id);
        if (how === 'imported') recordMany(tx, { event: 'user.imported' }, ids);
        else for (const user of users) tx.record({ event: 'user.added', ...whom(user), detail: `role=${user.role}` });
        return { kind: 'added' };
      }),
  };
}

/** One record for a bulk change, with the ids of all who were touched; as many more as the ids need. */
export function recordMany(tx: RecordingWriter, event: AuditEvent, ids: readonly UserId[]): void {
  for (let start = 0; start < ids.length; start += RECORD_USER_IDS) {
    const userIds = ids.slice(start, start + RECORD_USER_IDS);
    tx.record({ ...event, count: userIds.length, userIds });
  }
}

/** In the order of their keys, by code unit: databases differ in how they sort text. */
async function listUsers(tx: SqlReader, filter: UserFilter): Promise<readonly User[]> {
  const columns = { group_name: filter.group, role: filter.role };
  const wanted = Object.entries(columns).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const where = wanted.length === 0 ? '' : ` WHERE ${wanted.map(([column]) => `${column} = ?`).join(' AND ')}`;
  const params = wanted.map(([, value]) => value);
  const locks = await locksInForce(tx);
  const now = await tx.now();
  const users: User[] = [];
  await tx.each(`SELECT ${USER_COLUMNS} FROM users${where}`, params, (row) => {
    const user = userOf(row, locks.get(userCounter(userIdOf(row, 'id'))) ?? null);
    if (fits(user, filter, now)) users.push(user);
  });
  return users.sort(byKey);
}

function byKey(one: User, other: User): number {
  return one.nameKey < other.nameKey ? -1 : 1;
}

function fits(user: User, { state, search }: UserFilter, now: EpochMs): boolean {
  if (state !== undefined && stateAt(user.twoFactor, now) !== state) return false;
  if (search === undefined || search === '') return true;
  const wanted = search.normalize('NFKC').toLowerCase();
  return [user.nameKey, user.display, user.group].some((field) => field.toLowerCase().includes(wanted));
}

async function countStates(tx: SqlReader): Promise<Readonly<Record<TwoFactorState, number>>> {
  const counts: Record<TwoFactorState, number> = { off: 0, required: 0, issued: 0, paired: 0 };
  // An unconfirmed secret that ran out of time is none (stateAt).
  const rows = await tx.all(
    `SELECT two_factor, CASE WHEN two_factor = 'issued' AND expires_at <= ? THEN 1 ELSE 0 END AS ran_out, COUNT(*) AS users
     FROM users GROUP BY 1, 2`,
    [await tx.now()],
  );
  for (const row of rows) {
    const state = integer(row, 'ran_out') === 1 ? 'required' : oneOf(row, 'two_factor', TWO_FACTOR_STATES);
    counts[state] += integer(row, 'users');
  }
  return counts;
}

const INSERT_USER = `INSERT INTO users (id, name, name_key, display, group_name, role, disabled, password_hash, must_change_password,
  password_expires_at, two_factor, created_at, edit_version) VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, 'off', ?, 1)`;

function newUserValues(user: NewUser, now: EpochMs): readonly SqlValue[] {
  const { id, name, nameKey, display, group, role, passwordHash, mustChangePassword, passwordExpiresAt } = user;
  return [id, name, nameKey, display, group, role, passwordHash, mustChangePassword ? 1 : 0, passwordExpiresAt, now];
}

function repeated(keys: readonly NameKey[]): ReadonlySet<NameKey> {
  const seen = new Set<NameKey>();
  const twice = new Set<NameKey>();
  for (const key of keys) (seen.has(key) ? twice : seen).add(key);
  return twice;
}

/** Asked in portions: every database has a limit of parameters. */
async function existing(tx: SqlReader, keys: readonly NameKey[]): Promise<readonly NameKey[]> {
  const found: NameKey[] = [];
  const storable = keys.filter(mayBeStored);
  for (let start = 0; start < storable.length; start += 500) {
    const portion = storable.slice(start, start + 500);
    const places = portion.map(() => '?').join(', ');
    const rows = await tx.all(`SELECT name_key FROM users WHERE name_key IN (${places})`, portion);
    found.push(...rows.map((row) => text(row, 'name_key') as NameKey));
  }
  return found;
}
