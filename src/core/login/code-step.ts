/**
 * The code: time-based, recovery or one-time. Each ends in one transaction of the store that looks at the code counter first, so
 * parallel guesses learn no more than the budget has left (ACCEPTANCE C6), and a code that was right is right once.
 */
import { assertNever } from '../assert-never.ts';
import type { AuditEventName } from '../audit-event.ts';
import { pairingBinding } from '../binding.ts';
import type { CodeClaim, User } from '../ports.ts';
import { classifyCode, generateRecoveryCodes } from '../recovery-code.ts';
import { matchStoredCode, sealCodes } from '../stored-code.ts';
import { timeStepAt } from '../time-step.ts';
import type { Pairing } from '../two-factor.ts';
import type { LoginEvent, Person } from './state.ts';
import { findUser, type LoginWorld, record } from './world.ts';

export async function checkCode(world: LoginWorld, person: Person, typed: string): Promise<LoginEvent> {
  const user = await findUser(world, person.name);
  if (user === undefined || user.id !== person.userId) return { type: 'pairing-lost' };
  const code = classifyCode(typed);
  switch (code.kind) {
    case 'totp':
      return checkTimeBased(world, user, code.code);
    case 'recovery':
      return checkRecovery(world, user, code.code);
    case 'one-time':
      return checkOneTime(world, user, code.code);
    case 'malformed':
      return countWrong(world, user);
    default:
      return assertNever(code);
  }
}

export async function makeRecoveryCodes(world: LoginWorld, person: Person): Promise<LoginEvent> {
  const { box, random, store } = world;
  const codes = generateRecoveryCodes(random);
  const sealed = await sealCodes({ box, random, table: 'recovery', userId: person.userId, codes, expiresAt: null });
  if ((await store.replaceRecoveryCodes({ userId: person.userId, codes: sealed })) === 'not-paired') {
    return { type: 'pairing-lost' };
  }
  await record(world, { event: 'recovery.made', actor: person.name, user: person.name });
  return { type: 'recovery-codes-made', codes };
}

async function checkTimeBased(world: LoginWorld, user: User, code: string): Promise<LoginEvent> {
  const { pairing } = user.twoFactor;
  if (pairing === null) return countWrong(world, user);
  const { matchingTimeStep } = await import('../totp.ts');
  const secret = world.box.open(pairing.sealedSecret, pairingBinding(user.id, pairing.id));
  const epochMs = await world.store.now();
  const step = matchingTimeStep({ secret, code, epochMs, window: world.config.login.codeWindow });
  secret.fill(0);
  return claimStep(world, user, { pairing, step, epochMs });
}

async function claimStep(
  world: LoginWorld,
  user: User,
  match: { readonly pairing: Pairing; readonly step: number | null; readonly epochMs: number },
): Promise<LoginEvent> {
  const { pairing, step, epochMs } = match;
  const rules = world.config.lockout;
  const claim = await world.store.claimTimeStep({ userId: user.id, pairingId: pairing.id, step, rules });
  if (claim.kind === 'claimed') {
    const newlyPaired = user.twoFactor.state !== 'paired';
    if (newlyPaired) await record(world, { event: 'pairing.confirmed', actor: user.name, user: user.name });
    return { type: 'time-step-claimed', newlyPaired };
  }
  return refused(world, user, claim, clockDetail(pairing, epochMs, world.config.login.codeWindow));
}

async function checkRecovery(world: LoginWorld, user: User, code: string): Promise<LoginEvent> {
  const { store, box, config } = world;
  const stored = await store.recoveryCodes(user.id);
  const now = await store.now();
  const codeId = await matchStoredCode({ box, table: 'recovery', userId: user.id, stored, code, now });
  const claim = await store.consumeRecoveryCode({ userId: user.id, codeId, rules: config.lockout });
  if (claim.kind !== 'claimed') return refused(world, user, claim);
  await record(world, { event: 'recovery.used', actor: user.name, user: user.name });
  return { type: 'recovery-code-consumed', left: stored.length - 1 };
}

async function checkOneTime(world: LoginWorld, user: User, code: string): Promise<LoginEvent> {
  const { store, box, config } = world;
  const waiting = await store.oneTimeCode(user.id);
  const stored = waiting === undefined ? [] : [waiting];
  const now = await store.now();
  const codeId = await matchStoredCode({ box, table: 'one-time', userId: user.id, stored, code, now });
  const claim = await store.consumeOneTimeCode({ userId: user.id, codeId, rules: config.lockout });
  if (claim.kind !== 'claimed') return refused(world, user, claim);
  await record(world, { event: 'one-time.used', actor: user.name, user: user.name });
  return { type: 'one-time-code-consumed' };
}

/** Something that can be no code at all costs one failure like any other. */
async function countWrong(world: LoginWorld, user: User): Promise<LoginEvent> {
  const claim = await world.store.consumeOneTimeCode({ userId: user.id, codeId: null, rules: world.config.lockout });
  return refused(world, user, claim);
}

async function refused(world: LoginWorld, user: User, claim: CodeClaim, detail?: string): Promise<LoginEvent> {
  switch (claim.kind) {
    case 'refused':
      await recordRefusal(world, user, 'code.wrong');
      return { type: 'code-refused', why: 'wrong', retryAfterSeconds: claim.retryAfterSeconds };
    case 'already-used':
      await recordRefusal(world, user, 'code.reused', detail);
      return { type: 'code-refused', why: 'already-used', retryAfterSeconds: claim.retryAfterSeconds };
    case 'locked':
      await recordRefusal(world, user, 'code.locked');
      return { type: 'code-refused', why: 'locked', retryAfterSeconds: claim.retryAfterSeconds };
    case 'pairing-gone':
    case 'claimed':
      return { type: 'pairing-lost' };
    default:
      return assertNever(claim);
  }
}

function recordRefusal(world: LoginWorld, user: User, event: AuditEventName, detail?: string): Promise<void> {
  return record(world, { event, user: user.name, ...(detail === undefined ? {} : { detail }) });
}

/** A last step ahead of every step that counts now: the clock went back since (ACCEPTANCE C5). */
function clockDetail(pairing: Pairing, epochMs: number, window: number): string | undefined {
  return pairing.lastStep !== null && pairing.lastStep > timeStepAt(epochMs) + window ? 'clock-behind' : undefined;
}
