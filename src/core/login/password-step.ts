/**
 * The password. Invariant: unknown, disabled, expired and locked cost the same argon2 work as known, and what the check found
 * is told only after `settlePassword` has looked at the counter under the store's write lock.
 */
import { assertNever } from '../assert-never.ts';
import { userCounter } from '../lockout.ts';
import { newPasswordProblem, newPasswordProblemText } from '../password-rules.ts';
import type { PasswordSettled, User } from '../ports.ts';
import { stateAt } from '../two-factor.ts';
import { nameKey } from '../user.ts';
import type { LoginEvent, Person } from './state.ts';
import { findUser, type LoginWorld, labelOf, personOf, record } from './world.ts';

export async function checkPassword(world: LoginWorld, name: string, password: string): Promise<LoginEvent> {
  const { user, now } = await findUser(world, name);
  const matches = await passwordMatches(world, user, name, password);
  const right = matches && user !== undefined && !user.disabled && !expired(user, now);
  const settled = await world.store.settlePassword({
    counter: user === undefined ? world.unknownCounter(nameKey(name)) : userCounter(user.id),
    known: user !== undefined,
    right,
    rules: world.config.lockout,
  });
  if (settled.kind === 'right' && user !== undefined) {
    await rehashIfWeaker(world, user, password);
    return { type: 'password-right', person: await personOf(world, user, now) };
  }
  return wrong(world, user, settled);
}

/** A host checked the password already: only whether the user may come in at all is asked of the store. */
export async function identify(world: LoginWorld, name: string): Promise<LoginEvent> {
  const { user, now } = await findUser(world, name);
  if (user === undefined || user.disabled) {
    await record(world, { event: 'login.denied', ...whom(user), detail: user ? 'disabled' : 'unknown-user' });
    return { type: 'password-wrong', retryAfterSeconds: 0 };
  }
  return { type: 'password-right', person: await personOf(world, user, now) };
}

export async function judgeNewPassword(world: LoginWorld, person: Person, password: string): Promise<LoginEvent> {
  const { user, now } = await findUser(world, person.name);
  const { minLength, minLengthWithout2FA } = world.config.password;
  // NIST SP 800-63B-4 §3.1.1.2: 15 characters where the password is the only factor, 8 with a second.
  const alone = user === undefined || stateAt(user.twoFactor, now) === 'off' || labelOf(world) === '';
  const problem = await newPasswordProblem({
    password,
    userName: person.name,
    label: labelOf(world),
    minLength: alone ? minLengthWithout2FA : minLength,
    isBlocked: world.isBlocked,
  });
  if (problem !== undefined) return { type: 'password-judged', problem: newPasswordProblemText(problem) };
  if (await world.hasher.verify(password, user?.passwordHash)) {
    return { type: 'password-judged', problem: 'Choose a password other than the present one.' };
  }
  return { type: 'password-judged', problem: undefined };
}

export async function saveNewPassword(world: LoginWorld, person: Person, password: string): Promise<LoginEvent> {
  const { user } = await findUser(world, person.name);
  if (user === undefined) return { type: 'password-conflict' };
  const to = await world.hasher.hash(password);
  const saved = await world.store.changePassword({ userId: person.userId, from: user.passwordHash, to });
  if (saved === 'conflict') return { type: 'password-conflict' };
  await record(world, { event: 'password.changed', actor: person.name, user: person.name });
  return { type: 'password-saved' };
}

async function passwordMatches(
  world: LoginWorld,
  user: User | undefined,
  name: string,
  password: string,
): Promise<boolean> {
  if (world.verifyPassword !== undefined) return (await world.verifyPassword(user?.name ?? name, password)) === true;
  return world.hasher.verify(password, user?.passwordHash);
}

/** An initial password that an admin handed out stops working in time (OWASP ASVS 5.0 6.4.1). */
function expired(user: User, now: number): boolean {
  return user.passwordExpiresAt !== null && user.passwordExpiresAt <= now;
}

async function rehashIfWeaker(world: LoginWorld, user: User, password: string): Promise<void> {
  if (world.verifyPassword !== undefined || user.passwordHash === null) return;
  if (!world.hasher.needsRehash(user.passwordHash)) return;
  const to = await world.hasher.hash(password);
  await world.store.rehashPassword({ userId: user.id, from: user.passwordHash, to });
}

async function wrong(world: LoginWorld, user: User | undefined, settled: PasswordSettled): Promise<LoginEvent> {
  switch (settled.kind) {
    case 'locked':
      await record(world, { event: 'password.locked', ...whom(user), ...(user ? {} : { detail: 'unknown-user' }) });
      return { type: 'password-wrong', retryAfterSeconds: settled.retryAfterSeconds };
    case 'refused': {
      const detail = user === undefined ? 'unknown-user' : user.disabled ? 'disabled' : undefined;
      await record(world, { event: 'password.wrong', ...whom(user), ...(detail ? { detail } : {}) });
      return { type: 'password-wrong', retryAfterSeconds: settled.retryAfterSeconds };
    }
    case 'right':
      return { type: 'password-wrong', retryAfterSeconds: 0 };
    default:
      return assertNever(settled);
  }
}

function whom(user: User | undefined): { readonly user?: string } {
  return user === undefined ? {} : { user: user.name };
}
