/** Editing, disabling, unlocking and removing users. What an edit may touch is checked here; the last admin in the store. */
import type { EditOutcome, User, UserEdit } from '../ports.ts';
import type { Actor } from '../roles.ts';
import type { Role, UserId } from '../user.ts';
import { inert } from '../visible-text.ts';
import { accountTextProblem, tidyText } from './account-text.ts';
import { type DirectoryParts, lastAdmin, noSuchUser, reach, storeOf } from './parts.ts';
import { type Refusal, refusal, sentence } from './refusal.ts';

/** A field left out stays as it is. */
export type AccountChanges = {
  readonly display?: string;
  readonly group?: string;
  readonly role?: Role;
  readonly mustChangePassword?: boolean;
};

export type Edited = { readonly kind: 'edited'; readonly user: User };

/** `expectedVersion` is the version that whoever edits has seen: a later one is refused as `conflict`, with the user as it is now. */
export async function editUser(
  parts: DirectoryParts,
  actor: Actor,
  edit: { readonly id: UserId; readonly expectedVersion?: number; readonly changes: AccountChanges },
): Promise<Edited | Refusal> {
  const reached = await reach(parts, { actor, permission: 'manage-users', id: edit.id });
  if (reached.kind === 'refused') return reached;
  const { changes } = edit;
  const problem =
    (changes.display === undefined ? undefined : accountTextProblem('a display name', changes.display)) ??
    (changes.group === undefined ? undefined : accountTextProblem('a group', changes.group));
  if (problem) return refusal('bad-text', sentence(problem));
  const tidied: UserEdit = {
    ...changes,
    ...(changes.display === undefined ? {} : { display: tidyText(changes.display) }),
    ...(changes.group === undefined ? {} : { group: tidyText(changes.group) }),
  };
  const outcome = await storeOf(parts, actor).editUser({ ...edit, changes: tidied });
  if (outcome.kind !== 'edited') return refusalOf(outcome, reached.user);
  return outcome;
}

export async function disableUser(parts: DirectoryParts, actor: Actor, id: UserId): Promise<Edited | Refusal> {
  return switchUser(parts, actor, { id, disabled: true });
}

export async function enableUser(parts: DirectoryParts, actor: Actor, id: UserId): Promise<Edited | Refusal> {
  return switchUser(parts, actor, { id, disabled: false });
}

export async function unlockUser(
  parts: DirectoryParts,
  actor: Actor,
  id: UserId,
): Promise<{ readonly kind: 'unlocked'; readonly user: User } | Refusal> {
  const reached = await reach(parts, { actor, permission: 'unlock', id });
  if (reached.kind === 'refused') return reached;
  if (!(await storeOf(parts, actor).unlock(id))) return noSuchUser();
  return { kind: 'unlocked', user: { ...reached.user, lockedUntil: null } };
}

export async function removeUser(
  parts: DirectoryParts,
  actor: Actor,
  id: UserId,
): Promise<{ readonly kind: 'removed'; readonly user: User } | Refusal> {
  const reached = await reach(parts, { actor, permission: 'manage-users', id });
  if (reached.kind === 'refused') return reached;
  const outcome = await storeOf(parts, actor).removeUser(id);
  if (outcome === 'gone') return noSuchUser();
  if (outcome === 'last-admin') return lastAdmin(reached.user);
  return { kind: 'removed', user: reached.user };
}

export function refusalOf(outcome: Exclude<EditOutcome, Edited>, user: User): Refusal {
  switch (outcome.kind) {
    case 'gone':
      return noSuchUser();
    case 'last-admin':
      return lastAdmin(user);
    case 'conflict':
      return {
        ...refusal(
          'conflict',
          `Somebody else has just edited ${inert(user.name)}.`,
          'Look at the changes and try again.',
        ),
        current: outcome.user,
      };
  }
}

async function switchUser(
  parts: DirectoryParts,
  actor: Actor,
  change: { readonly id: UserId; readonly disabled: boolean },
): Promise<Edited | Refusal> {
  const reached = await reach(parts, { actor, permission: 'manage-users', id: change.id });
  if (reached.kind === 'refused') return reached;
  const outcome = await storeOf(parts, actor).editUser({ id: change.id, changes: { disabled: change.disabled } });
  if (outcome.kind !== 'edited') return refusalOf(outcome, reached.user);
  return outcome;
}
