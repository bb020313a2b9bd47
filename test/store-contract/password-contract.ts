import { expect, it } from 'vitest';
import { LOCKED_FOR_GOOD, userCounter } from '../../src/core/lockout.ts';
import type { LoginClaim } from '../../src/core/ports.ts';
import { claimOf, openPlainStore, type PlainStore } from '../support/plain-store.ts';
import { type Bench, storeWith } from './bench.ts';
import { idOf, NOON, pairing, person, RULES } from './people.ts';
import { withBench } from './with-bench.ts';

const RIGHT = { right: true, known: true, rules: RULES } as const;
const WRONG = { right: false, known: true, rules: RULES } as const;
const ALICE = userCounter(idOf('alice'));

export function passwordContract(openBench: () => Promise<Bench>): void {
  const bench = withBench(openBench);

  it('locks after the budget, hides right and wrong while locked, and lets in again after the delay', async () => {
    const store = await storeWith(bench.current, 'alice');
    const settle = (attempt: typeof RIGHT | typeof WRONG) => store.settlePassword({ counter: ALICE, ...attempt });
    expect(await settle(RIGHT)).toEqual({ kind: 'right' });
    for (let failure = 1; failure < 5; failure += 1) {
      expect(await settle(WRONG)).toEqual({ kind: 'refused', retryAfterSeconds: 0 });
    }
    expect(await settle(WRONG)).toEqual({ kind: 'refused', retryAfterSeconds: 30 });
    expect(await settle(RIGHT)).toEqual({ kind: 'locked', retryAfterSeconds: 30 });
    expect(await settle(WRONG)).toEqual({ kind: 'locked', retryAfterSeconds: 30 });
    expect(await store.userById(idOf('alice'))).toMatchObject({ lockedUntil: NOON + 30_000 });
    bench.current.setNow(NOON + 30_000);
    expect(await settle(RIGHT)).toEqual({ kind: 'right' });
    expect(await store.userById(idOf('alice'))).toMatchObject({ lockedUntil: null });
  });

  it('doubles the delay with each failure after it, since a right password clears nothing', async () => {
    const store = await storeWith(bench.current, 'alice');
    await fail(store, 5);
    bench.current.setNow(NOON + 30_000);
    expect(await store.settlePassword({ counter: ALICE, ...RIGHT })).toEqual({ kind: 'right' });
    expect(await store.settlePassword({ counter: ALICE, ...WRONG })).toEqual({
      kind: 'refused',
      retryAfterSeconds: 60,
    });
  });

  it('stops for good at the hard limit, until an admin unlocks', async () => {
    const store = await storeWith(bench.current, 'alice');
    const rules = { ...RULES, hardLimit: 3 };
    for (let failure = 0; failure < 3; failure += 1) {
      await store.settlePassword({ counter: ALICE, ...WRONG, rules });
    }
    bench.current.setNow(NOON + 365 * 86_400_000);
    expect(await store.settlePassword({ counter: ALICE, ...RIGHT, rules })).toMatchObject({ kind: 'locked' });
    expect(await store.userById(idOf('alice'))).toMatchObject({ lockedUntil: LOCKED_FOR_GOOD });
    expect(await store.unlock(idOf('alice'))).toBe(true);
    expect(await store.settlePassword({ counter: ALICE, ...RIGHT, rules })).toEqual({ kind: 'right' });
    expect(await store.unlock(idOf('nobody'))).toBe(false);
  });

  it('locks nobody longer than the longest delay where the clock was a year ahead and is corrected', async () => {
    const store = await storeWith(bench.current, 'alice');
    const unknown = { counter: 'opaque', known: false, right: false, rules: RULES };
    const attempts = [
      { counter: ALICE, ...WRONG },
      { counter: ALICE, ...RIGHT },
      { ...unknown, right: false },
    ];
    bench.current.setNow(NOON + 365 * 86_400_000);
    await fail(store, 5);
    for (let failure = 0; failure < 5; failure += 1) await store.settlePassword(unknown);
    bench.current.setNow(NOON);
    for (const attempt of attempts) {
      expect(await store.settlePassword(attempt)).toEqual({ kind: 'locked', retryAfterSeconds: 900 });
    }
    // Nobody waits anew with each attempt.
    bench.current.setNow(NOON + 899_999);
    for (const attempt of attempts) {
      expect(await store.settlePassword(attempt)).toEqual({ kind: 'locked', retryAfterSeconds: 1 });
    }
    expect(await store.userById(idOf('alice'))).toMatchObject({ lockedUntil: NOON + 900_000 });
    bench.current.setNow(NOON + 900_000);
    expect(await store.settlePassword({ counter: ALICE, ...RIGHT })).toEqual({ kind: 'right' });
    expect(await store.settlePassword(unknown)).toEqual({ kind: 'refused', retryAfterSeconds: 60 });
  });

  it('tells no more of 200 parallel guesses than the budget allows (AuthQuake)', async () => {
    const stores = [await storeWith(bench.current, 'alice'), await openPlainStore(await bench.current.open())];
    const guesses = Array.from({ length: 200 }, (_, number) => {
      const store = stores[number % stores.length] ?? stores[0];
      return store?.settlePassword({ counter: ALICE, ...WRONG });
    });
    const outcomes = await Promise.all(guesses);
    expect(outcomes.filter((outcome) => outcome?.kind === 'refused')).toHaveLength(5);
    expect(outcomes.filter((outcome) => outcome?.kind === 'locked')).toHaveLength(195);
  });

  it('locks a name that has no user just the same', async () => {
    const store = await storeWith(bench.current, 'alice');
    const unknown = { counter: 'opaque', known: false, right: false, rules: RULES };
    for (let failure = 1; failure < 5; failure += 1) {
      expect(await store.settlePassword(unknown)).toEqual({ kind: 'refused', retryAfterSeconds: 0 });
    }
    expect(await store.settlePassword(unknown)).toEqual({ kind: 'refused', retryAfterSeconds: 30 });
    expect(await store.settlePassword(unknown)).toEqual({ kind: 'locked', retryAfterSeconds: 30 });
    expect(await store.userById(idOf('alice'))).toMatchObject({ lockedUntil: null });
  });

  it('keeps a lock on a name that has no user, whatever other names are tried', async () => {
    const store = await storeWith(bench.current, 'alice');
    const unknown = { known: false, rules: RULES };
    for (let failure = 0; failure < 5; failure += 1) {
      await store.settlePassword({ counter: 'locked', right: false, ...unknown });
    }
    for (const counter of ['another', 'one more']) await store.settlePassword({ counter, right: false, ...unknown });
    expect(await store.settlePassword({ counter: 'locked', right: true, ...unknown })).toMatchObject({
      kind: 'locked',
    });
  });

  it('replaces a hash by a better one of the same password, unless the password changed meanwhile', async () => {
    const store = await storeWith(bench.current, 'alice');
    await store.rehashPassword({ userId: idOf('alice'), from: 'hash of alice', to: 'better' });
    await store.rehashPassword({ userId: idOf('alice'), from: 'hash of alice', to: 'late' });
    expect(await store.userById(idOf('alice'))).toMatchObject({ passwordHash: 'better', version: 1 });
  });

  it("takes a user's own new password once, with the grant, against the password that was checked", async () => {
    const store = await storeWith(bench.current);
    const initial = { mustChangePassword: true, passwordExpiresAt: NOON + 1000 };
    await store.addUsers([person('alice', initial), person('bob', { passwordHash: null })]);
    const userId = idOf('alice');
    const claim = await claimOf(store, userId);
    expect(await changed(store, claim, 'new')).toEqual({ kind: 'granted' });
    expect(await changed(store, claim, 'other')).toEqual({ kind: 'void', why: 'password-changed' });
    const expected = { passwordHash: 'new', mustChangePassword: false, passwordExpiresAt: null, passwordVersion: 2 };
    expect(await store.userById(userId)).toMatchObject(expected);
    expect(await changed(store, await claimOf(store, idOf('bob')), 'first')).toEqual({ kind: 'granted' });
  });

  it('records a log-on by password alone while two-factor is off for the user or for all, or may be put off', async () => {
    const store = await storeWith(bench.current, 'alice');
    const userId = idOf('alice');
    await fail(store, 2);
    const record = (twoFactorRequired: 'never' | 'by-user') =>
      store.recordPasswordOnlyLogin({ userId, twoFactorRequired });
    expect(await record('by-user')).toBe('recorded');
    expect(await store.userById(userId)).toMatchObject({ lastLoginAt: NOON });
    await fail(store, 4);
    expect(await store.userById(userId)).toMatchObject({ lockedUntil: null });
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: NOON + 60_000 });
    expect(await record('by-user')).toBe('recorded');
    bench.current.setNow(NOON + 60_000);
    expect(await record('by-user')).toBe('refused');
    expect(await record('never')).toBe('recorded');
    await store.editUser({ id: userId, changes: { disabled: true } });
    expect(await record('never')).toBe('refused');
    expect(await store.recordPasswordOnlyLogin({ userId: idOf('nobody'), twoFactorRequired: 'never' })).toBe('refused');
  });

  it('does not let a paired user fall back to the password, whatever the date', async () => {
    const store = await storeWith(bench.current, 'alice');
    const userId = idOf('alice');
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: NOON + 60_000 });
    await store.issueByAdmin({ userId, pairing: pairing('p1') });
    await store.claimTimeStep({ userId, pairingId: 'p1', step: 1, rules: RULES });
    expect(await store.recordPasswordOnlyLogin({ userId, twoFactorRequired: 'by-user' })).toBe('refused');
  });

  it('keeps the code counter over a log-on that was put off: "later" does not refill the budget for codes', async () => {
    const store = await storeWith(bench.current, 'alice');
    const userId = idOf('alice');
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: NOON + 60_000 });
    await store.issueByAdmin({ userId, pairing: pairing('p1') });
    const guess = () => store.claimTimeStep({ userId, pairingId: 'p1', step: null, rules: RULES });
    for (let failure = 0; failure < 4; failure += 1) await guess();
    expect(await store.recordPasswordOnlyLogin({ userId, twoFactorRequired: 'by-user' })).toBe('recorded');
    expect(await guess()).toEqual({ kind: 'refused', retryAfterSeconds: 30 });
  });

  async function fail(store: PlainStore, times: number): Promise<void> {
    for (let failure = 0; failure < times; failure += 1) await store.settlePassword({ counter: ALICE, ...WRONG });
  }
}

/** A login whose last question was a new password. */
function changed(store: PlainStore, claim: LoginClaim, newPasswordHash: string) {
  return store.whole.by({}).grant({
    claim,
    proof: { by: 'password', twoFactorRequired: 'by-user' },
    grant: { event: 'login.granted', detail: 'password' },
    newPasswordHash,
  });
}
