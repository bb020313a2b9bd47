/** Which step carries which effect out, and what a broken port means to the person. */
import { assertNever } from '../assert-never.ts';
import type { AuditEvent } from '../audit-event.ts';
import { checkCode, makeRecoveryCodes } from './code-step.ts';
import { issuePairing } from './pairing-step.ts';
import { checkPassword, identify, judgeNewPassword, saveNewPassword } from './password-step.ts';
import type { EffectRunner, PortEffect } from './session.ts';
import { type LoginEvent, methodOf, type Person, type Proof, type Verdict } from './state.ts';
import { unavailableBecause } from './unavailable.ts';
import { type LoginWorld, modeOf, record } from './world.ts';

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
      return checkCode(world, effect.person, effect.code);
    case 'record-password-only':
      return recordPasswordOnly(world, effect.person);
    case 'make-recovery-codes':
      return makeRecoveryCodes(world, effect.person);
    case 'judge-password':
      return judgeNewPassword(world, effect.person, effect.password);
    case 'save-password':
      return saveNewPassword(world, effect.person, effect.password);
    case 'record-grant':
      await recordGrant(world, effect.person, effect.proof);
      return { type: 'grant-recorded' };
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

async function recordPasswordOnly(world: LoginWorld, person: Person): Promise<LoginEvent> {
  const twoFactorRequired = modeOf(world).kind === 'off' ? 'never' : 'by-user';
  const recorded = await world.store.recordPasswordOnlyLogOn({ userId: person.userId, twoFactorRequired });
  return { type: recorded === 'recorded' ? 'password-only-recorded' : 'password-only-refused' };
}

async function recordGrant(world: LoginWorld, person: Person, proof: Proof): Promise<void> {
  const event = proof.by === 'not-yet-required' ? 'login.deferred' : 'login.granted';
  const { stepsOff } = proof;
  const near = stepsOff === undefined ? {} : { stepsOff };
  await record(world, { event, actor: person.name, user: person.name, detail: methodOf(proof), ...near });
}

async function recordVerdict(world: LoginWorld, verdict: Verdict, name: string | undefined): Promise<void> {
  await record(world, { ...verdictEvent(verdict), ...(name === undefined ? {} : { user: name }) });
}

function verdictEvent(verdict: Verdict): AuditEvent {
  switch (verdict.outcome) {
    case 'granted':
      return { event: 'login.granted', detail: verdict.method };
    case 'denied':
      return { event: 'login.denied', detail: verdict.reason };
    case 'cancelled':
      return { event: 'login.cancelled' };
    case 'unavailable':
      return { event: 'login.unavailable', detail: verdict.reason };
    default:
      return assertNever(verdict);
  }
}
