/**
 * The password. Invariant: unknown, disabled, expired and locked cost the same argon2 work as known, and what the check found
 * is told only after `settlePassword` has looked at the counter under the store's write lock.
 */
import { userCounter } from '../lockout.ts';
import { newPasswordProblem, newPasswordProblemText } from '../password-rules.ts';
import type { User } from '../ports.ts';
import { stateAt } from '../two-factor.ts';
import { nameKey } from '../user.ts';
import type { LoginEvent, Person } from './state.ts';
import { findUser, type LoginWorld, labelOf, personOf } from './world.ts';

export async function checkPassword(world: LoginWorld, name: string, password: string): Promise<LoginEvent> {
  const found = await findUser(world, name);
  const { user, now } = found;
  const matches = await passwordMatches(world, user, name, password);
  const right = matches && user !== undefined && !user.disabled && !expired(user, now);
  const settled = await world.store.settlePassword({
    counter: user === undefined ? world.unknownCounter(nameKey(name)) : userCounter(user.id),
    user,
    right,
    rules: world.config.lockout,
  });
  if (settled.kind === 'right' && user !== undefined) {
    await rehashIfWeaker(world, user, password);
    return { type: 'password-right', person: await personOf(world, user, found) };
  }
  if (settled.kind === 'right') return { type: 'password-wrong', retryAfterSeconds: 0 };
  const { retryAfterSeconds } = settled;
  return { type: 'password-wrong', retryAfterSeconds, ...(settled.kind === 'locked' ? { trail: 'has-it' } : {}) };
}

/** A host checked the password already: only whether the user may come in at all is asked of the store. */
export async function identify(world: LoginWorld, name: string): Promise<LoginEvent> {
  const found = await findUser(world, name);
  const { user } = found;
  if (user === undefined || user.disabled) {
    const whom = user === undefined ? {} : { user: user.name, userId: user.id };
    await world.store.record({ event: 'login.denied', ...whom, detail: user ? 'disabled' : 'unknown-user' });
    return { type: 'password-wrong', retryAfterSeconds: 0, trail: 'has-it' };
  }
  return { type: 'password-right', person: await personOf(world, user, found) };
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
