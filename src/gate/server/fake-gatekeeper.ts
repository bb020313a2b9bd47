/**
 * The fake gate: the real login machine with a world that is a table. Invariant: it knows no facility and cannot come to one; whatever it
 * grants says FAKE, in a notice for people and in every line for programs.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { assertNever } from '../../core/assert-never.ts';
import { newUserId } from '../../core/directory/new-id.ts';
import { Fault } from '../../core/errors.ts';
import type { LoginOptions } from '../../core/login/begin-login.ts';
import type { Conversation, Message, Notice, Pair } from '../../core/login/message.ts';
import { createSession, type PortEffect } from '../../core/login/session.ts';
import type { LoginEvent, Person } from '../../core/login/state.ts';
import { unavailableBecause } from '../../core/login/unavailable.ts';
import { systemRandom } from '../../core/node/random.ts';
import type { SecondFactorAnswer } from '../../core/policy.ts';
import {
  DAYS_LEFT,
  FAKE_CODE,
  FAKE_ONE_TIME_CODE,
  FAKE_PASSWORD,
  FAKE_RECOVERY_CODE,
  type FakeScript,
  fakeScriptOf,
  LOCKED_SECONDS,
  SLOW_MS,
} from './fake-users.ts';
import type { Gatekeeper } from './gatekeeper.ts';

export const FAKE_NOTICE: Notice = {
  type: 'notice',
  level: 'warning',
  text: 'FAKE: this gate is for tests of programs. It protects nothing.',
};

const ATTEMPTS = 3;
const TIMEOUT_SECONDS = 120;

export const fakeGatekeeper: Gatekeeper = {
  timeoutSeconds: () => TIMEOUT_SECONDS,
  begin: (options) => ({ conversation: warning(fakeConversation(options)), over() {} }),
};

function fakeConversation({
  user,
  nonce,
  password = 'asked',
  recoveryCodes = 'not-offered',
}: LoginOptions): Conversation {
  return createSession({
    context: { attempts: ATTEMPTS, givenName: user, password, recoveryCodes },
    runner: { run: outcomeOf, explain: (thrown) => ({ type: 'failed', ...unavailableBecause(thrown) }) },
    nonce,
    overdue: () => false,
  });
}

/** Says what it is as soon as there is more to say than the next question for name or password. */
function warning(real: Conversation): Conversation {
  let said = false;
  const warned = async (reply: Promise<readonly Message[]>): Promise<readonly Message[]> => {
    const messages = await reply;
    const [first] = messages;
    if (said || (first?.type === 'ask' && (first.field === 'username' || first.field === 'password'))) return messages;
    said = true;
    return [FAKE_NOTICE, ...messages];
  };
  return { ...real, start: () => warned(real.start()), answer: (id, value) => warned(real.answer(id, value)) };
}

async function outcomeOf(effect: PortEffect): Promise<LoginEvent | undefined> {
  switch (effect.do) {
    case 'open':
      return { type: 'opened' };
    case 'check-password':
      return passwordChecked(effect.name, effect.password);
    case 'identify':
      return identified(effect.name);
    case 'issue-pairing':
      return { type: 'pairing-issued', pairingId: 'fake', shown: fakePair(effect.person.name) };
    case 'check-code':
      return codeChecked(effect);
    case 'make-recovery-codes':
      return { type: 'recovery-codes-made', codes: FAKE_CODES };
    case 'judge-password':
      return { type: 'password-judged', problem: effect.password.length < 8 ? 'Use 8 characters or more.' : undefined };
    case 'grant':
      return { type: 'granted' };
    case 'record-verdict':
      return undefined;
    default:
      return assertNever(effect);
  }
}

async function passwordChecked(name: string, password: string): Promise<LoginEvent> {
  const script = fakeScriptOf(name);
  await takeTime(script);
  if (script === 'locked') return { type: 'password-wrong', retryAfterSeconds: LOCKED_SECONDS };
  if (password !== FAKE_PASSWORD) return { type: 'password-wrong', retryAfterSeconds: 0 };
  return identified(name);
}

function identified(name: string): LoginEvent {
  const script = fakeScriptOf(name);
  if (script === undefined) return { type: 'password-wrong', retryAfterSeconds: 0 };
  if (script === 'unavailable') throw new Fault('busy', 'This fake user finds the gate busy.');
  return { type: 'password-right', person: personOf(script) };
}

type CheckCode = Extract<PortEffect, { do: 'check-code' }>;

async function codeChecked({ person, code, shown, next }: CheckCode): Promise<LoginEvent> {
  const script = fakeScriptOf(person.name);
  const granted = next === 'grant';
  await takeTime(script);
  if (script === 'wrong-code') return { type: 'code-refused', why: 'wrong', retryAfterSeconds: 0 };
  switch (code) {
    case FAKE_CODE:
      return { type: 'time-step-claimed', granted, pairingId: 'fake', newlyPaired: shown !== undefined };
    case FAKE_RECOVERY_CODE:
      return { type: 'recovery-code-consumed', granted, pairingId: 'fake', left: 9 };
    case FAKE_ONE_TIME_CODE:
      return { type: 'one-time-code-consumed', granted };
    default:
      return { type: 'code-refused', why: 'wrong', retryAfterSeconds: 0 };
  }
}

async function takeTime(script: FakeScript | undefined): Promise<void> {
  if (script === 'slow') await pause(SLOW_MS);
}

function personOf(script: FakeScript): Person {
  const factor = factorOf(script);
  return {
    claim: { userId: newUserId(systemRandom), passwordVersion: 1, epoch: 'fake' },
    name: script,
    factor,
    hasOneTimeCode: false,
    mustChangePassword: script === 'new-password',
    paired: factor.factor.kind === 'code',
    pairingId: null,
    requiredAt: null,
  };
}

function factorOf(script: FakeScript): SecondFactorAnswer {
  switch (script) {
    case 'no-code':
      return { factor: { kind: 'none' }, deferrableDays: null };
    case 'pair':
      return { factor: { kind: 'pair' }, deferrableDays: null };
    case 'later':
      return { factor: { kind: 'pair' }, deferrableDays: DAYS_LEFT };
    case 'ask-admin':
      return { factor: { kind: 'administrator', why: 'central' }, deferrableDays: null };
    default:
      return { factor: { kind: 'code', pairingId: 'fake', confirmed: true }, deferrableDays: null };
  }
}

const FAKE_KEY = 'FAKE FAKE FAKE FAKE FAKE FAKE FAKE FAKE';
const FAKE_CODES = Array.from({ length: 10 }, (_, index) => `FAKE${index}-FAKE${index}`);

function fakePair(user: string): Pair {
  const uri = `otpauth://totp/FAKE:${user}?secret=${FAKE_KEY.replaceAll(' ', '')}&issuer=FAKE`;
  return { type: 'pair', label: 'FAKE', user, uri, key: FAKE_KEY, expiresInSeconds: 900 };
}
