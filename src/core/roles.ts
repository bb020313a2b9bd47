/**
 * Who may do what in the directory (SPEC §5): one table, asked by every operation before it touches the store. Nothing is
 * allowed that does not stand here; a helpdesk account reaches accounts of role `user` alone, never one that has a role.
 */
import type { Role } from './user.ts';

export const PERMISSIONS = [
  'read', // users, states, the audit trail
  'unlock',
  'one-time-code',
  'set-password',
  'show-qr',
  'manage-users', // add, edit, disable, enable, remove, import, export
  'manage-two-factor', // require, deactivate, recovery codes
  'manage-facility', // config, keys, back-up
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Who may sign in to the console. */
export const CONSOLE_ROLES: readonly Role[] = ['admin', 'helpdesk', 'auditor'];

/** Who acts: a signed-in user of the console, or the shell, where the right to read the key file was the check. */
export type Actor = { readonly name: string; readonly role: Role };

type Reach = 'nobody' | 'plain-users' | 'everybody';

const HELPDESK: readonly Permission[] = ['unlock', 'one-time-code', 'set-password', 'show-qr'];

/** The actor of commands in a shell, `os:<account>`: a name no user can have, since a colon has no place in one. */
export function shellActor(account: string): Actor {
  return { name: `os:${account}`, role: 'admin' };
}

/** True where `actor` may do that; `target` is the role of the user it is done to, undefined where it is done to none. */
export function mayDo(actor: Actor, permission: Permission, target: Role | undefined): boolean {
  switch (reach(actor.role, permission)) {
    case 'everybody':
      return true;
    case 'plain-users':
      return target === 'user';
    case 'nobody':
      return false;
  }
}

function reach(role: Role, permission: Permission): Reach {
  switch (role) {
    case 'admin':
      return 'everybody';
    case 'helpdesk':
      if (permission === 'read') return 'everybody';
      return HELPDESK.includes(permission) ? 'plain-users' : 'nobody';
    case 'auditor':
      return permission === 'read' ? 'everybody' : 'nobody';
    case 'user':
      return 'nobody';
  }
}
