/** Which step carries which effect out, and what a broken port means to the person. */
import { assertNever } from '../assert-never.ts';
import type { AuditEvent } from '../audit-event.ts';
import type { GrantProof } from '../ports.ts';
import { checkCode, makeRecoveryCodes } from './code-step.ts';
import { issuePairing } from './pairing-step.ts';
import { checkPassword, identify, judgeNewPassword } from './password-step.ts';
import type { EffectRunner, PortEffect } from './session.ts';
import type { LoginEvent, Person, Proof, Verdict } from './state.ts';
import { unavailableBecause } from './unavailable.ts';
import { grantRecord, type LoginWorld, twoFactorRequiredNow } from './world.ts';

export function createEffectRunner(world: LoginWorld): EffectRunner {
  return {
    run: (effect) => run(world, effect),
    explain: (thrown) => ({ type: 'failed', ...unavailableBecause(thrown) }),
  };
}

async function run(world: LoginWorld, effect: PortEffect): Promise<LoginEvent | undefined> {
  switch (effect.do) {
    case 'open':
      return open(world);
    case 'check-password':
      return checkPassword(world, effect.name, effect.password);
    case 'identify':
      return identify(world, effect.name);
    case 'issue-pairing':
      return issuePairing(world, effect.person);
    case 'check-code':
      return checkCode(world, effect);
    case 'make-recovery-codes':
      return makeRecoveryCodes(world, effect.person);
    case 'judge-password':
      return judgeNewPassword(world, effect.person, effect.password);
    case 'grant':
      return grant(world, effect);
    case 'record-verdict':
      await recordVerdict(world, effect.verdict, effect.name);
      return undefined;
    default:
      return assertNever(effect);
  }
}

/** No `2FA` key while somebody has two-factor on: nobody is let in without it (SPEC §2). */
async function open(world: LoginWorld): Promise<LoginEvent> {
  if (world.config.mode === undefined && (await world.store.anyTwoFactor())) {
    return {
      type: 'failed',
      reason: 'configuration',
      text: 'config.ini has no 2FA setting, and there are users with two-factor on.',
    };
  }
  return { type: 'opened' };
}

/** Looked at again, and recorded, in one transaction; with it the new password, where one was chosen. */
async function grant(world: LoginWorld, effect: Extract<PortEffect, { do: 'grant' }>): Promise<LoginEvent> {
  const { person, proof, newPassword } = effect;
  const chosen = newPassword === undefined ? {} : { newPasswordHash: await world.hasher.hash(newPassword) };
  const outcome = await world.store.grant({
    claim: person.claim,
    proof: grantProof(world, person, proof),
    grant: grantRecord(world, proof),
    ...chosen,
  });
  return outcome.kind === 'granted' ? { type: 'granted' } : { type: 'claim-void', why: outcome.why };
}

function grantProof(world: LoginWorld, person: Person, proof: Proof): GrantProof {
  switch (proof.by) {
    case 'time-step':
    case 'recovery-code':
      return { by: proof.by, pairingId: proof.pairingId };
    case 'one-time-code':
      return { by: 'one-time-code', requiredAt: person.requiredAt };
    case 'two-factor-off':
    case 'not-yet-required':
      return { by: 'password', twoFactorRequired: twoFactorRequiredNow(world) };
    default:
      return assertNever(proof);
  }
}

async function recordVerdict(world: LoginWorld, verdict: Verdict, name: string | undefined): Promise<void> {
  await world.store.record({ ...verdictEvent(verdict), ...(name === undefined ? {} : { user: name }) });
}

function verdictEvent(verdict: Verdict): AuditEvent {
  switch (verdict.outcome) {
    case 'granted':
      return { event: 'login.granted', detail: verdict.method };
    case 'denied':
      return { event: 'login.denied', detail: verdict.why ?? verdict.reason };
    case 'cancelled':
      return { event: 'login.cancelled' };
    case 'unavailable':
      return { event: 'login.unavailable', detail: verdict.reason };
    default:
      return assertNever(verdict);
  }
}
