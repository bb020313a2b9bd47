/** A new account, and a new password for one that there is. Neither touches two-factor: a reset never goes around it. */
import type { NewUser, User } from '../ports.ts';
import { type Actor, mayDo } from '../roles.ts';
import { stateAt } from '../two-factor.ts';
import { nameKey, nameProblem, nameProblemText, type Role, tidyName, type UserId } from '../user.ts';
import { inert } from '../visible-text.ts';
import { accountTextProblem, tidyText } from './account-text.ts';
import { refusalOf } from './edit-users.ts';
import { newUserId } from './new-id.ts';
import { type DirectoryParts, noSuchUser, notPermitted, reach, storeOf } from './parts.ts';
import { choosePassword, type PasswordChoice, type PasswordFields } from './password-choice.ts';
import { type Refusal, refusal, sentence } from './refusal.ts';

export type NewAccount = {
  readonly name: string;
  /** Empty: the name is shown. */
  readonly display?: string;
  readonly group?: string;
  readonly role?: Role;
  readonly password: PasswordChoice;
};

export type Added = { readonly kind: 'added'; readonly user: User; readonly initialPassword?: string };

export async function addUser(parts: DirectoryParts, actor: Actor, account: NewAccount): Promise<Added | Refusal> {
  if (!mayDo(actor, 'manage-users', undefined)) return notPermitted(actor);
  const problem = accountProblem(account);
  if (problem) return problem;
  const whose = { userName: tidyName(account.name), twoFactor: 'off' } as const;
  const chosen = await choosePassword(parts, account.password, whose);
  if (chosen.kind === 'refused') return chosen;
  const newUser = newUserOf(newUserId(parts.random), account, chosen.fields);
  const outcome = await storeOf(parts, actor).addUsers([newUser]);
  if (outcome.kind === 'taken') {
    return refusal(
      'taken',
      `There is a user ${inert(newUser.name)} already.`,
      'Names that differ in case alone are one name.',
    );
  }
  const user = await parts.store.userById(newUser.id);
  if (!user) return noSuchUser();
  return chosen.generated === undefined
    ? { kind: 'added', user }
    : { kind: 'added', user, initialPassword: chosen.generated };
}

export type PasswordSet = { readonly kind: 'password-set'; readonly user: User; readonly initialPassword?: string };

export async function setPassword(
  parts: DirectoryParts,
  actor: Actor,
  change: { readonly id: UserId; readonly password: PasswordChoice },
): Promise<PasswordSet | Refusal> {
  const reached = await reach(parts, { actor, permission: 'set-password', id: change.id });
  if (reached.kind === 'refused') return reached;
  const { user } = reached;
  const twoFactor = stateAt(user.twoFactor, parts.clock.now());
  const chosen = await choosePassword(parts, change.password, { userName: user.name, twoFactor });
  if (chosen.kind === 'refused') return chosen;
  // The version seen with the role: a user who was given a role meanwhile is out of a helpdesk's reach.
  const outcome = await storeOf(parts, actor).editUser({
    id: user.id,
    expectedVersion: user.version,
    changes: chosen.fields,
  });
  if (outcome.kind !== 'edited') return refusalOf(outcome, user);
  return chosen.generated === undefined
    ? { kind: 'password-set', user: outcome.user }
    : { kind: 'password-set', user: outcome.user, initialPassword: chosen.generated };
}

/** What is wrong with the account's name or texts, or undefined. */
export function accountProblem(account: Omit<NewAccount, 'password'>): Refusal | undefined {
  const problem = nameProblem(account.name);
  if (problem) return refusal('bad-name', sentence(nameProblemText(problem, account.name)));
  const text =
    accountTextProblem('a display name', account.display ?? '') ?? accountTextProblem('a group', account.group ?? '');
  return text === undefined ? undefined : refusal('bad-text', sentence(text));
}

export function newUserOf(id: UserId, account: Omit<NewAccount, 'password'>, fields: PasswordFields): NewUser {
  return {
    id,
    name: tidyName(account.name),
    nameKey: nameKey(account.name),
    display: tidyText(account.display ?? ''),
    group: tidyText(account.group ?? ''),
    role: account.role ?? 'user',
    ...fields,
  };
}
