/**
 * The code: time-based, recovery or one-time. Each ends in one transaction of the store that looks at the code counter first, so
 * parallel guesses learn no more than the budget has left (ACCEPTANCE C6), and a code that was right is right once.
 */
import { assertNever } from '../assert-never.ts';
import { pairingBinding } from '../binding.ts';
import { NEARBY_STEPS } from '../clock-drift.ts';
import type { CodeClaim, User } from '../ports.ts';
import { classifyCode, generateRecoveryCodes } from '../recovery-code.ts';
import { matchStoredCode, sealCodes } from '../stored-code.ts';
import { timeStepAt } from '../time-step.ts';
import type { Pairing } from '../two-factor.ts';
import type { EpochMs } from '../user.ts';
import type { LoginEvent, Person } from './state.ts';
import { findUser, type LoginWorld, record } from './world.ts';

export async function checkCode(world: LoginWorld, person: Person, typed: string): Promise<LoginEvent> {
  const { user, now } = await findUser(world, person.name);
  if (user === undefined || user.id !== person.userId) return { type: 'pairing-lost' };
  const code = classifyCode(typed);
  switch (code.kind) {
    case 'totp':
      return checkTimeBased(world, user, code.code, now);
    case 'recovery':
      return checkRecovery(world, user, code.code, now);
    case 'one-time':
      return checkOneTime(world, user, code.code, now);
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

async function checkTimeBased(world: LoginWorld, user: User, code: string, epochMs: EpochMs): Promise<LoginEvent> {
  const { pairing } = user.twoFactor;
  if (pairing === null) return countWrong(world, user);
  const { matchingTimeStep } = await totpCodes();
  const secret = world.box.open(pairing.sealedSecret, pairingBinding(user.id, pairing.id));
  try {
    const stepWithin = (window: number) => matchingTimeStep({ secret, code, epochMs, window });
    return await claimStep(world, user, { pairing, epochMs, stepWithin });
  } finally {
    secret.fill(0);
  }
}

/** The code that was typed: `stepWithin` answers the time step that it belongs to, so many steps each side of the present one. */
type TypedCode = {
  readonly pairing: Pairing;
  readonly epochMs: number;
  readonly stepWithin: (window: number) => number | null;
};

async function claimStep(world: LoginWorld, user: User, typed: TypedCode): Promise<LoginEvent> {
  const { pairing, epochMs, stepWithin } = typed;
  const { codeWindow } = world.config.login;
  const step = stepWithin(codeWindow);
  const rules = world.config.lockout;
  const claim = await world.store.claimTimeStep({ userId: user.id, pairingId: pairing.id, step, rules });
  if (claim.kind === 'claimed') {
    const newlyPaired = user.twoFactor.state !== 'paired';
    if (newlyPaired) await record(world, { event: 'pairing.confirmed', actor: user.name, user: user.name });
    const near = step === null ? {} : { stepsOff: step - timeStepAt(epochMs) };
    return { type: 'time-step-claimed', newlyPaired, ...near };
  }
  // Looked for only where the answer is "wrong" anyway: while locked, a wrong code must take no longer than a right one.
  const stepsOff = claim.kind === 'refused' ? stepsOffNearby(typed) : undefined;
  return refused(world, user, claim, { detail: clockDetail(pairing, epochMs, codeWindow), stepsOff });
}

/** By how many steps a wrong code is off, where it is right at a time near this one and was not used: for the audit trail alone. */
function stepsOffNearby({ pairing, epochMs, stepWithin }: TypedCode): number | undefined {
  const step = stepWithin(NEARBY_STEPS);
  return step === null || step <= (pairing.lastStep ?? -1) ? undefined : step - timeStepAt(epochMs);
}

async function checkRecovery(world: LoginWorld, user: User, code: string, now: EpochMs): Promise<LoginEvent> {
  const { store, box, config } = world;
  const stored = await store.recoveryCodes(user.id);
  const codeId = await matchStoredCode({ box, table: 'recovery', userId: user.id, stored, code, now });
  const claim = await store.consumeRecoveryCode({ userId: user.id, codeId, rules: config.lockout });
  if (claim.kind !== 'claimed') return refused(world, user, claim);
  await record(world, { event: 'recovery.used', actor: user.name, user: user.name });
  return { type: 'recovery-code-consumed', left: stored.length - 1 };
}

async function checkOneTime(world: LoginWorld, user: User, code: string, now: EpochMs): Promise<LoginEvent> {
  const { store, box, config } = world;
  const waiting = await store.oneTimeCode(user.id);
  const stored = waiting === undefined ? [] : [waiting];
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

type Circumstances = { readonly detail?: string | undefined; readonly stepsOff?: number | undefined };

async function refused(
  world: LoginWorld,
  user: User,
  claim: CodeClaim,
  { detail, stepsOff }: Circumstances = {},
): Promise<LoginEvent> {
  const near = stepsOff === undefined ? {} : { stepsOff };
  switch (claim.kind) {
    case 'refused':
      await record(world, { event: 'code.wrong', user: user.name, ...near });
      return { type: 'code-refused', why: 'wrong', retryAfterSeconds: claim.retryAfterSeconds, ...near };
    case 'already-used':
      await record(world, { event: 'code.reused', user: user.name, ...(detail === undefined ? {} : { detail }) });
      return { type: 'code-refused', why: 'already-used', retryAfterSeconds: claim.retryAfterSeconds };
    case 'locked':
      await record(world, { event: 'code.locked', user: user.name });
      return { type: 'code-refused', why: 'locked', retryAfterSeconds: claim.retryAfterSeconds };
    case 'pairing-gone':
    case 'claimed':
      return { type: 'pairing-lost' };
    default:
      return assertNever(claim);
  }
}

/** A last step ahead of every step that counts now: the clock went back since (ACCEPTANCE C5). */
function clockDetail(pairing: Pairing, epochMs: number, window: number): string | undefined {
  return pairing.lastStep !== null && pairing.lastStep > timeStepAt(epochMs) + window ? 'clock-behind' : undefined;
}

/** otplib is loaded by the first code, and asked for by each. */
function totpCodes(): Promise<typeof import('../totp.ts')> {
  loading ??= import('../totp.ts');
  return loading;
}

let loading: Promise<typeof import('../totp.ts')> | undefined;
