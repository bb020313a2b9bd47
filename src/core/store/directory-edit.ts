/**
 * Changes to one user by an admin. Invariant: no edit or removal leaves a facility without an admin who can log on; the guard looks at the
 * locked rows of all admins in the transaction that makes the change.
 */

import type { AuditEvent } from '../audit-event.ts';
import { userCounter } from '../lockout.ts';
import type { DirectoryWrites, User, UserEdit } from '../ports.ts';
import type { UserId } from '../user.ts';
import { isVoidPassword } from '../void-password.ts';
import { clearFailures, lockedAnswersOf, readFailures } from './failure-counter.ts';
import { whom } from './login-claim.ts';
import type { RecordingEngine } from './recording-engine.ts';
import { nullableText } from './row-cells.ts';
import type { SqlValue, SqlWriter } from './sql-engine.ts';
import { lockUser, userById } from './user-look-up.ts';
import { userIdOf } from './user-row.ts';

type EditWrites = Pick<DirectoryWrites, 'editUser' | 'removeUser' | 'unlock'>;

export function editWrites(engine: RecordingEngine): EditWrites {
  return {
    editUser: ({ id, expectedVersion, changes }) =>
      engine.write(async (tx) => {
        const admins = await lockAdmins(tx);
        const before = await lockUser(tx, id);
        if (before === undefined) return { kind: 'gone' };
        if (expectedVersion !== undefined && expectedVersion !== before.version)
          return { kind: 'conflict', user: before };
        if (isLast(admins, id, changes)) return { kind: 'last-admin' };
        await applyEdit(tx, id, changes);
        for (const event of eventsOf(changes)) tx.record({ ...event, ...whom(before) });
        return { kind: 'edited', user: (await userById(tx, id)) ?? before };
      }),

    removeUser: (id) =>
      engine.write(async (tx) => {
        const admins = await lockAdmins(tx);
        const user = await lockUser(tx, id);
        if (user === undefined) return 'gone';
        if (isLast(admins, id, { role: 'user' })) return 'last-admin';
        await tx.run('DELETE FROM recovery_codes WHERE user_id = ?', [id]);
        await tx.run('DELETE FROM one_time_codes WHERE user_id = ?', [id]);
        clearFailures(tx, { counter: userCounter(id), factors: 'both' });
        await tx.run('DELETE FROM users WHERE id = ?', [id]);
        tx.record({ event: 'user.removed', ...whom(user) });
        return 'removed';
      }),

    unlock: (id) =>
      engine.write(async (tx) => {
        const user = await lockUser(tx, id);
        if (user === undefined) return false;
        const counts = await readFailures(tx, userCounter(id));
        clearFailures(tx, { counter: userCounter(id), factors: 'both' });
        tx.record({ event: 'user.unlocked', ...whom(user), ...lockedAnswersOf(counts.password, counts.code) });
        return true;
      }),
  };
}

type Admin = { readonly id: UserId; readonly hasPassword: boolean };

async function lockAdmins(tx: SqlWriter): Promise<readonly Admin[]> {
  // In the order of ids, so that two edits at once lock in the same order.
  const rows = await tx.all(
    `SELECT id, password_hash FROM users WHERE role = 'admin' AND disabled = 0 ORDER BY id${tx.dialect.lockRows}`,
  );
  return rows.map((row) => {
    const hash = nullableText(row, 'password_hash');
    return { id: userIdOf(row, 'id'), hasPassword: hash !== null && !isVoidPassword(hash) };
  });
}

/**
 * Whether nobody is left, after the changes, who can sign in to the console as an administrator; where nobody can anyway
 * (hosts check the passwords), whether no administrator is left.
 */
function isLast(admins: readonly Admin[], id: UserId, { role, disabled, passwordHash }: UserEdit): boolean {
  const endsAdmin = (role !== undefined && role !== 'admin') || disabled === true;
  const able = admins.filter(({ hasPassword }) => hasPassword);
  if (able.length === 0) return endsAdmin && isOnly(admins, id);
  return (endsAdmin || passwordHash === null) && isOnly(able, id);
}

function isOnly(admins: readonly Admin[], id: UserId): boolean {
  return admins.length === 1 && admins[0]?.id === id;
}

/** A password, the switch of an account, and everything else have events of their own. */
function eventsOf({ disabled, passwordHash, passwordExpiresAt, ...rest }: UserEdit): readonly AuditEvent[] {
  const events: AuditEvent[] = [];
  const { mustChangePassword, ...fields } = rest;
  const edited = passwordHash === undefined ? { ...fields, mustChangePassword, passwordExpiresAt } : fields;
  const described = describeFields(edited);
  if (described !== '') events.push({ event: 'user.edited', detail: described });
  if (passwordHash !== undefined) {
    const kind = passwordHash === null ? 'none' : passwordExpiresAt == null ? 'given' : 'generated';
    events.push({ event: 'user.password-set', detail: kind });
  }
  if (disabled !== undefined) events.push({ event: disabled ? 'user.disabled' : 'user.enabled' });
  return events.length > 0 ? events : [{ event: 'user.edited', detail: '' }];
}

type DescribedFields = {
  readonly [Field in Exclude<keyof UserEdit, 'disabled' | 'passwordHash'>]?: UserEdit[Field] | undefined;
};

/** Which fields, and the value of what a restore goes by (since-effects.ts): without free text. */
function describeFields(fields: DescribedFields): string {
  const { role, mustChangePassword, passwordExpiresAt } = fields;
  const values: Readonly<Record<string, string | undefined>> = {
    role,
    mustChangePassword: mustChangePassword === true ? 'yes' : 'no',
    passwordExpiresAt: passwordExpiresAt == null ? 'never' : new Date(passwordExpiresAt).toISOString(),
  };
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([field]) => (values[field] === undefined ? field : `${field}=${values[field]}`))
    .join(',');
}

const EDIT_COLUMNS: Readonly<Record<keyof UserEdit, string>> = {
  display: 'display',
  group: 'group_name',
  role: 'role',
  disabled: 'disabled',
  passwordHash: 'password_hash',
  mustChangePassword: 'must_change_password',
  passwordExpiresAt: 'password_expires_at',
};

/** Columns come from the table above, never from what was passed in. */
async function applyEdit(tx: SqlWriter, id: User['id'], changes: UserEdit): Promise<void> {
  const assignments: string[] = [];
  const values: SqlValue[] = [];
  const column = (name: string, value: string | number | boolean | null | undefined) => {
    if (value === undefined) return;
    assignments.push(`${name} = ?`);
    values.push(typeof value === 'boolean' ? Number(value) : value);
  };
  column(EDIT_COLUMNS.display, changes.display);
  column(EDIT_COLUMNS.group, changes.group);
  column(EDIT_COLUMNS.role, changes.role);
  column(EDIT_COLUMNS.disabled, changes.disabled);
  column(EDIT_COLUMNS.passwordHash, changes.passwordHash);
  column(EDIT_COLUMNS.mustChangePassword, changes.mustChangePassword);
  column(EDIT_COLUMNS.passwordExpiresAt, changes.passwordExpiresAt);
  const versions = ['edit_version = edit_version + 1'];
  if (changes.passwordHash !== undefined) versions.push('password_version = password_version + 1');
  await tx.run(`UPDATE users SET ${[...assignments, ...versions].join(', ')} WHERE id = ?`, [...values, id]);
}
