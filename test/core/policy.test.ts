import { describe, expect, it } from 'vitest';
import type { Mode } from '../../src/core/config/model.ts';
import { secondFactorFor } from '../../src/core/policy.ts';
import { daysLeft, type Pairing, stateAt, TWO_FACTOR_OFF, type TwoFactor } from '../../src/core/two-factor.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-06-01T12:00:00Z');
const AUTO: Mode = { kind: 'auto', label: 'L' };
const CENTRAL: Mode = { kind: 'central', label: 'L' };

const pairing: Pairing = {
  id: 'p1',
  sealedSecret: 'v1.x',
  issuedAt: NOW - 1000,
  expiresAt: null,
  pairedAt: null,
  lastStep: null,
};
const required: TwoFactor = { state: 'required', requiredAt: NOW - DAY, requiredFrom: null, pairing: null };
const issuedByAdmin: TwoFactor = { ...required, state: 'issued', pairing };
const issuedAtLogOn: TwoFactor = { ...issuedByAdmin, pairing: { ...pairing, expiresAt: NOW + 60_000 } };
const paired: TwoFactor = { ...required, state: 'paired', pairing: { ...pairing, pairedAt: NOW - 500 } };

function factor(mode: Mode, twoFactor: TwoFactor, autoPairingWithinDays = 0) {
  return secondFactorFor({ mode, twoFactor, autoPairingWithinDays, now: NOW });
}

describe('which second factor follows a right password', () => {
  it.each([
    ['mode off, paired', { kind: 'off' } as Mode, paired, 'none'],
    ['auto, off', AUTO, TWO_FACTOR_OFF, 'none'],
    ['auto, required', AUTO, required, 'pair'],
    ['auto, issued by an admin', AUTO, issuedByAdmin, 'code'],
    ['auto, issued at an earlier log-on: that secret dies', AUTO, issuedAtLogOn, 'pair'],
    ['auto, paired', AUTO, paired, 'code'],
    ['central, required', CENTRAL, required, 'administrator'],
    ['central, issued by an admin', CENTRAL, issuedByAdmin, 'code'],
    ['central, issued at a log-on under auto', CENTRAL, issuedAtLogOn, 'administrator'],
    ['central, paired', CENTRAL, paired, 'code'],
  ])('%s', (_, mode, twoFactor, kind) => {
    expect(factor(mode, twoFactor).factor.kind).toBe(kind);
  });

  it('closes pairing by oneself after AutoPairingWithinDays', () => {
    const old = { ...required, requiredAt: NOW - 8 * DAY };
    expect(factor(AUTO, old, 7).factor).toEqual({ kind: 'administrator', why: 'pairing-days-over' });
    expect(factor(AUTO, old, 9).factor.kind).toBe('pair');
    expect(factor(AUTO, old, 0).factor.kind).toBe('pair');
    expect(factor(AUTO, { ...old, requiredFrom: NOW - DAY }, 7).factor.kind).toBe('pair');
  });

  it('may be put off until the date it is required from, but not by somebody who is paired', () => {
    const from = { requiredFrom: NOW + 3 * DAY };
    expect(factor(AUTO, { ...required, ...from }).deferrableDays).toBe(3);
    expect(factor(CENTRAL, { ...issuedByAdmin, ...from }).deferrableDays).toBe(3);
    expect(factor(AUTO, { ...paired, ...from }).deferrableDays).toBeNull();
    expect(factor(AUTO, { ...required, requiredFrom: NOW }).deferrableDays).toBeNull();
  });
});

describe('the state that counts now', () => {
  it('takes an unconfirmed secret that ran out of time for none', () => {
    const expiresAt = issuedAtLogOn.pairing?.expiresAt ?? 0;
    expect(stateAt(issuedAtLogOn, expiresAt - 1)).toBe('issued');
    expect(stateAt(issuedAtLogOn, expiresAt)).toBe('required');
    expect(stateAt(issuedByAdmin, NOW + 400 * DAY)).toBe('issued');
  });

  it('counts the days left in whole days, rounded up', () => {
    expect(daysLeft({ ...required, requiredFrom: NOW + 1 }, NOW)).toBe(1);
    expect(daysLeft({ ...required, requiredFrom: NOW + DAY + 1 }, NOW)).toBe(2);
    expect(daysLeft(required, NOW)).toBe(0);
  });
});
