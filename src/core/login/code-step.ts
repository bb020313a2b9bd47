/**
 * The code: time-based, recovery or one-time. Each ends in one transaction of the store that looks at the code counter first, so
 * parallel guesses learn no more than the budget has left (ACCEPTANCE C6), and a code that was right is right once.
 */
import { assertNever } from '../assert-never.ts';
import { pairingBinding } from '../binding.ts';
import { NEARBY_STEPS } from '../clock-drift.ts';
import type { CodeAttempt, CodeClaim, User } from '../ports.ts';
import { classifyCode, generateRecoveryCodes } from '../recovery-code.ts';
import { matchStoredCode, sealCodes } from '../stored-code.ts';
import { timeStepAt } from '../time-step.ts';
import type { Pairing } from '../two-factor.ts';
import type { EpochMs } from '../user.ts';
import type { PortEffect } from './session.ts';
import type { LoginEvent, Person } from './state.ts';
import { findUser, grantRecord, type LoginWorld } from './world.ts';

type CheckCode = Extract<PortEffect, { do: 'check-code' }>;

export async function checkCode(world: LoginWorld, { person, code: typed, next }: CheckCode): Promise<LoginEvent> {
  const { user, now } = await findUser(world, person.name);
  if (user === undefined || user.id !== person.claim.userId) return { type: 'claim-void', why: 'user-removed' };
  const code = classifyCode(typed);
  const login = { world, person, user, next };
  switch (code.kind) {
    case 'totp':
      return checkTimeBased(login, code.code, now);
    case 'recovery':
      return checkRecovery(login, code.code, now);
    case 'one-time':
      return checkOneTime(login, code.code, now);
    case 'malformed':
      return countWrong(login);
    default:
      return assertNever(code);
  }
}

export async function makeRecoveryCodes(world: LoginWorld, person: Person): Promise<LoginEvent> {
  const { box, random, store } = world;
  const { claim } = person;
  const codes = generateRecoveryCodes(random);
  const sealed = await sealCodes({ box, random, table: 'recovery', userId: claim.userId, codes, expiresAt: null });
  const outcome = await store.keepRecoveryCodes({ claim, codes: sealed });
  if (outcome === 'not-paired') return { type: 'pairing-lost' };
  return outcome === 'replaced' ? { type: 'recovery-codes-made', codes } : { type: 'claim-void', why: outcome.why };
}

/** One typed code of one login. */
type CodeLogin = {
  readonly world: LoginWorld;
  readonly person: Person;
  readonly user: User;
  readonly next: CheckCode['next'];
};

async function checkTimeBased(login: CodeLogin, code: string, epochMs: EpochMs): Promise<LoginEvent> {
  const { world, user, person } = login;
  const { pairing } = user.twoFactor;
  // Of a secret that is no longer there, so that it is neither judged nor counted.
  if (person.pairingId !== null && person.pairingId !== pairing?.id) return { type: 'pairing-lost' };
  if (pairing === null) return countWrong(login);
  const { matchingTimeStep } = await totpCodes();
  const secret = world.box.open(pairing.sealedSecret, pairingBinding(user.id, pairing.id));
  try {
    const stepWithin = (window: number) => matchingTimeStep({ secret, code, epochMs, window });
    return await claimStep(login, { pairing, epochMs, stepWithin });
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

async function claimStep(login: CodeLogin, { pairing, epochMs, stepWithin }: TypedCode): Promise<LoginEvent> {
  const { world, user } = login;
  const { codeWindow: window } = world.config.login;
  const step = stepWithin(window);
  const near = step === null ? {} : { stepsOff: step - timeStepAt(epochMs) };
  const claim = await world.store.claimTimeStep({
    ...attemptOf(login, { by: 'time-step', ...near }),
    pairingId: pairing.id,
    step,
    window,
    nearby: () => stepWithin(NEARBY_STEPS),
  });
  if (claim.kind !== 'claimed') return refused(claim);
  const newlyPaired = user.twoFactor.state !== 'paired';
  return { type: 'time-step-claimed', granted: claim.granted, pairingId: pairing.id, newlyPaired, ...near };
}

async function checkRecovery(login: CodeLogin, code: string, now: EpochMs): Promise<LoginEvent> {
  const { world, user } = login;
  const { store, box } = world;
  const stored = await store.recoveryCodes(user.id);
  const codeId = await matchStoredCode({ box, table: 'recovery', userId: user.id, stored, code, now });
  const claim = await store.consumeRecoveryCode({ ...attemptOf(login, { by: 'recovery-code' }), codeId });
  if (claim.kind !== 'claimed') return refused(claim);
  const pairingId = user.twoFactor.pairing?.id ?? '';
  return { type: 'recovery-code-consumed', granted: claim.granted, pairingId, left: stored.length - 1 };
}

async function checkOneTime(login: CodeLogin, code: string, now: EpochMs): Promise<LoginEvent> {
  const { world, user } = login;
  const { store, box } = world;
  const waiting = await store.oneTimeCode(user.id);
  const stored = waiting === undefined ? [] : [waiting];
  const codeId = await matchStoredCode({ box, table: 'one-time', userId: user.id, stored, code, now });
  const claim = await store.consumeOneTimeCode({ ...attemptOf(login, { by: 'one-time-code' }), codeId });
  if (claim.kind !== 'claimed') return refused(claim);
  return { type: 'one-time-code-consumed', granted: claim.granted };
}

/** Something that can be no code at all costs one failure like any other. */
async function countWrong(login: CodeLogin): Promise<LoginEvent> {
  return refused(
    await login.world.store.consumeOneTimeCode({ ...attemptOf(login, { by: 'one-time-code' }), codeId: null }),
  );
}

function attemptOf({ world, person, next }: CodeLogin, proof: Parameters<typeof grantRecord>[1]): CodeAttempt {
  const attempt = { claim: person.claim, rules: world.config.lockout };
  return next === 'grant' ? { ...attempt, grant: grantRecord(world, proof) } : attempt;
}

function refused(claim: CodeClaim): LoginEvent {
  switch (claim.kind) {
    case 'refused': {
      const { retryAfterSeconds, stepsOff } = claim;
      const near = stepsOff === undefined ? {} : { stepsOff };
      return { type: 'code-refused', why: 'wrong', retryAfterSeconds, ...near };
    }
    case 'already-used':
      return { type: 'code-refused', why: 'already-used', retryAfterSeconds: claim.retryAfterSeconds };
    case 'locked':
      return { type: 'code-refused', why: 'locked', retryAfterSeconds: claim.retryAfterSeconds, trail: 'has-it' };
    case 'void':
      return { type: 'claim-void', why: claim.why };
    case 'pairing-gone':
    case 'claimed':
      return { type: 'pairing-lost' };
    default:
      return assertNever(claim);
  }
}

/** otplib is loaded by the first code, and asked for by each. */
function totpCodes(): Promise<typeof import('../totp.ts')> {
  loading ??= import('../totp.ts');
  return loading;
}

let loading: Promise<typeof import('../totp.ts')> | undefined;
