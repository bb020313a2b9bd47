/** What the directory is built from, and the one question each of its operations begins with. */
import type { Config } from '../config/model.ts';
import type {
  Clock,
  DirectoryReads,
  DirectoryWrites,
  LoginReads,
  MaintenanceWrites,
  PasswordHasher,
  Random,
  SecretBox,
  User,
} from '../ports.ts';
import { type Actor, mayDo, type Permission } from '../roles.ts';
import type { UserId } from '../user.ts';
import { inert } from '../visible-text.ts';
import { type Refusal, refusal } from './refusal.ts';

export type DirectoryParts = {
  readonly config: Config;
  readonly store: DirectoryReads &
    Pick<LoginReads, 'findUser'> & {
      by(who: { readonly actor: string }): DirectoryWrites & Pick<MaintenanceWrites, 'record'>;
    };
  readonly hasher: PasswordHasher;
  /** Whether a password is on the list of common ones (password-rules.ts). */
  readonly isBlockedPassword: (password: string) => boolean | Promise<boolean>;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  readonly random: Random;
};

export type Reached = { readonly kind: 'reached'; readonly user: User };

/** The user, where there is one and the actor's role reaches that far. */
export async function reach(
  parts: DirectoryParts,
  asked: { readonly actor: Actor; readonly permission: Permission; readonly id: UserId },
): Promise<Reached | Refusal> {
  const user = await parts.store.userById(asked.id);
  if (!user) return noSuchUser();
  if (!mayDo(asked.actor, asked.permission, user.role)) return notPermitted(asked.actor);
  return { kind: 'reached', user };
}

export function notPermitted(actor: Actor): Refusal {
  return refusal('not-permitted', `The role ${actor.role} does not allow this.`, 'Ask an administrator.');
}

export function noSuchUser(): Refusal {
  return refusal('no-such-user', 'There is no such user any more.');
}

/** Two-factor is required of nobody while config.ini does not say how they would log on. */
export function noMode(): Refusal {
  return refusal(
    'no-label',
    'config.ini has no 2FA setting: nobody with two-factor on could log on.',
    'gatehouse config set 2FA "Auto:<facility and system>"',
  );
}

export function lastAdmin(user: User): Refusal {
  return refusal(
    'last-admin',
    `${inert(user.name)} is the last administrator who can log in.`,
    'Give another user who has a password the role admin first.',
  );
}

/** The store as the actor changes it: whatever is changed is recorded as theirs, in the same transaction. */
export function storeOf({ store }: DirectoryParts, actor: Actor): ReturnType<DirectoryParts['store']['by']> {
  return store.by({ actor: actor.name });
}
