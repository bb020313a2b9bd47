/**
 * The directory: everything administrators do, for the console and for commands alike. Each operation takes who acts, asks
 * roles.ts, is one transaction of the store, and is written to the audit trail. What it will not do it answers as a Refusal;
 * a broken store throws a Fault. Reading is for those with the permission `read`, which their front end has checked.
 */
import type { Mode } from '../config/model.ts';
import type { ListedUser, User, UserFilter } from '../ports.ts';
import type { Actor } from '../roles.ts';
import type { TwoFactorState } from '../two-factor.ts';
import { nameKey, type UserId } from '../user.ts';
import { addUser, setPassword } from './add-user.ts';
import { disableUser, editUser, enableUser, removeUser, unlockUser } from './edit-users.ts';
import { exportUsers } from './export-users.ts';
import { importSecrets } from './import-secrets.ts';
import { importUsers } from './import-users.ts';
import type { DirectoryParts } from './parts.ts';
import { rehearse, requireTwoFactor } from './roll-out.ts';
import { deactivate, makeOneTimeCode, makeRecoveryCodes, showQr } from './two-factor-care.ts';

export type RollOutStatus = {
  readonly mode: Mode['kind'] | null;
  readonly label: string | null;
  readonly counts: Readonly<Record<TwoFactorState, number>>;
};

export type Directory = ReturnType<typeof createDirectory>;

export function createDirectory(parts: DirectoryParts) {
  return {
    /** By a typed name, in any spelling of it. */
    find: async (typedName: string): Promise<User | undefined> => (await parts.store.findUser(nameKey(typedName))).user,
    byId: (id: UserId): Promise<User | undefined> => parts.store.userById(id),
    users: (filter?: UserFilter): Promise<readonly User[]> => parts.store.users(filter),
    /** Everybody as a table shows them, one by one and in no order. */
    visitUsers: (visit: (user: ListedUser) => void): Promise<void> => parts.store.visitUsers(visit),
    /** Changes whenever any process has written. */
    revision: (): Promise<string> => parts.store.revision(),
    status: (): Promise<RollOutStatus> => status(parts),

    addUser: bound(parts, addUser),
    editUser: bound(parts, editUser),
    setPassword: bound(parts, setPassword),
    disableUser: bound(parts, disableUser),
    enableUser: bound(parts, enableUser),
    unlockUser: bound(parts, unlockUser),
    removeUser: bound(parts, removeUser),
    importUsers: bound(parts, importUsers),
    exportUsers: (actor: Actor) => exportUsers(parts, actor),

    requireTwoFactor: bound(parts, requireTwoFactor),
    rehearse: bound(parts, rehearse),
    importSecrets: bound(parts, importSecrets),
    showQr: bound(parts, showQr),
    deactivate: bound(parts, deactivate),
    makeOneTimeCode: bound(parts, makeOneTimeCode),
    makeRecoveryCodes: bound(parts, makeRecoveryCodes),
  };
}

function bound<Asked, Outcome>(
  parts: DirectoryParts,
  operation: (parts: DirectoryParts, actor: Actor, asked: Asked) => Promise<Outcome>,
): (actor: Actor, asked: Asked) => Promise<Outcome> {
  return (actor, asked) => operation(parts, actor, asked);
}

async function status({ config, store }: DirectoryParts): Promise<RollOutStatus> {
  const { mode } = config;
  const counts = await store.countStates();
  if (mode === undefined) return { mode: null, label: null, counts };
  return { mode: mode.kind, label: mode.kind === 'off' ? null : mode.label, counts };
}
