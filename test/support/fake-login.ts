/**
 * The real login machine with a world that costs nothing: alice, `hunter2`, code 123456. For front ends, which have to show
 * whatever the machine says.
 */
import type { Conversation, Pair } from '../../src/core/login/message.ts';
import { createSession, type PortEffect } from '../../src/core/login/session.ts';
import type { LoginContext, LoginEvent, Person } from '../../src/core/login/state.ts';
import type { SecondFactor } from '../../src/core/policy.ts';
import type { UserId } from '../../src/core/user.ts';

export type FakeWorld = {
  readonly givenName?: string;
  /** Instead of `hunter2`. */
  readonly password?: string;
  readonly factor?: SecondFactor['kind'];
  readonly deferrableDays?: number;
  readonly mustChangePassword?: boolean;
  readonly attempts?: number;
  readonly label?: string;
  readonly retryAfterSeconds?: number;
  /** Recovery codes are offered after a pairing. */
  readonly recoveryCodes?: LoginContext['recoveryCodes'];
  /** What the person typed, as it was answered. */
  readonly heard?: string[];
};

export const FAKE_KEY = 'ABCD EFGH IJKL MNOP QRST UVWX YZ23 4567';
export const FAKE_CODES = Array.from({ length: 10 }, (_, index) => `ABCD${index}-FGHJ${index}`);

export function fakeUri(label: string): string {
  const issuer = encodeURIComponent(label);
  return `otpauth://totp/${issuer}:alice?secret=${FAKE_KEY.replaceAll(' ', '')}&issuer=${issuer}`;
}

export function fakeLogin(world: FakeWorld = {}): Conversation {
  const { attempts = 3, givenName, recoveryCodes = 'offered', heard } = world;
  const session = createSession({
    context: { attempts, givenName, password: 'asked', recoveryCodes },
    runner: { run: async (effect) => outcome(effect, world), explain: () => ({ type: 'failed', reason: 'internal' }) },
    nonce: undefined,
    overdue: () => false,
  });
  return {
    ...session,
    answer(id, value) {
      heard?.push(value);
      return session.answer(id, value);
    },
  };
}

function outcome(effect: PortEffect, world: FakeWorld): LoginEvent | undefined {
  const retryAfterSeconds = world.retryAfterSeconds ?? 0;
  switch (effect.do) {
    case 'open':
      return { type: 'opened' };
    case 'check-password':
      if (effect.password !== (world.password ?? 'hunter2')) return { type: 'password-wrong', retryAfterSeconds };
      return { type: 'password-right', person: person(effect.name, world) };
    case 'identify':
      return { type: 'password-right', person: person(effect.name, world) };
    case 'issue-pairing':
      return { type: 'pairing-issued', pairingId: 'p', shown: pair(effect.person.name, world) };
    case 'check-code':
      if (effect.code !== '123456') return { type: 'code-refused', why: 'wrong', retryAfterSeconds };
      return {
        type: 'time-step-claimed',
        granted: effect.next === 'grant',
        pairingId: 'p1',
        newlyPaired: effect.shown !== undefined,
      };
    case 'make-recovery-codes':
      return { type: 'recovery-codes-made', codes: FAKE_CODES };
    case 'judge-password':
      return { type: 'password-judged', problem: effect.password.length < 8 ? 'Use 8 characters or more.' : undefined };
    case 'grant':
      return { type: 'granted' };
    case 'record-verdict':
      return undefined;
  }
}

function pair(user: string, { label = 'St Elsewhere LIVE' }: FakeWorld): Pair {
  return { type: 'pair', label, user, uri: fakeUri(label), key: FAKE_KEY, expiresInSeconds: 900 };
}

function person(name: string, world: FakeWorld): Person {
  const { factor = 'code', deferrableDays, mustChangePassword = false } = world;
  return {
    claim: { userId: 'u1' as UserId, passwordVersion: 1, epoch: 'e1' },
    name,
    factor: { factor: factorOf(factor), deferrableDays: deferrableDays ?? null },
    hasOneTimeCode: false,
    mustChangePassword,
    paired: factor === 'code',
    pairingId: null,
    requiredAt: null,
  };
}

function factorOf(kind: SecondFactor['kind']): SecondFactor {
  switch (kind) {
    case 'none':
    case 'pair':
      return { kind };
    case 'code':
      return { kind, pairingId: 'p1', confirmed: true };
    case 'administrator':
      return { kind, why: 'central' };
  }
}
