import { expect, it } from 'vitest';
import { userCounter } from '../../src/core/lockout.ts';
import { UNCONFIRMED_PAIRING_MS } from '../../src/core/two-factor.ts';
import { claimOf, openPlainStore, type PlainStore } from '../support/plain-store.ts';
import { type Bench, storeWith } from './bench.ts';
import { expiring, idOf, NOON, pairing, person, RULES } from './people.ts';
import { withBench } from './with-bench.ts';

export function codeContract(openBench: () => Promise<Bench>): void {
  const bench = withBench(openBench);
  const userId = idOf('alice');

  it('pairs an issued pairing with its first right code, notes the log-on, and clears both counters', async () => {
    const store = await issued();
    const counter = userCounter(userId);
    for (let failure = 0; failure < 4; failure += 1) {
      await store.settlePassword({ counter, known: true, right: false, rules: RULES });
      await claim(store, null);
    }
    bench.current.setNow(NOON + 1000);
    expect(await claim(store, 100)).toEqual({ kind: 'claimed' });
    expect(await store.userById(userId)).toMatchObject({
      lastLoginAt: NOON + 1000,
      twoFactor: { state: 'paired', pairing: { pairedAt: NOON + 1000, lastStep: 100, expiresAt: null } },
    });
    for (let failure = 0; failure < 4; failure += 1) {
      expect(await claim(store, null)).toEqual({ kind: 'refused', retryAfterSeconds: 0 });
      const settled = await store.settlePassword({ counter, known: true, right: false, rules: RULES });
      expect(settled).toEqual({ kind: 'refused', retryAfterSeconds: 0 });
    }
  });

  it('accepts a time step once, and none before it, in every process and after a restart', async () => {
    const store = await issued();
    expect(await claim(store, 100)).toEqual({ kind: 'claimed' });
    expect(await claim(store, 100)).toEqual({ kind: 'already-used', retryAfterSeconds: 0 });
    const other = await openPlainStore(await bench.current.open());
    expect(await claim(other, 100)).toEqual({ kind: 'already-used', retryAfterSeconds: 0 });
    expect(await claim(other, 99)).toEqual({ kind: 'already-used', retryAfterSeconds: 0 });
    expect(await claim(other, 101)).toEqual({ kind: 'claimed' });
    expect(await claim(store, 101)).toEqual({ kind: 'already-used', retryAfterSeconds: 0 });
    // Paired once: the time of the first code stays.
    expect((await store.userById(userId))?.twoFactor.pairing).toMatchObject({ pairedAt: NOON, lastStep: 101 });
  });

  it('locks nobody longer than the longest delay where the clock was a year ahead and is corrected', async () => {
    const store = await issued();
    await store.addUsers([person('bob')]);
    await store.requireTwoFactor({ selection: { kind: 'users', ids: [idOf('bob')] }, from: null });
    const bob = { userId: idOf('bob'), codeId: null, rules: RULES };
    const pairBob = async () =>
      store.whole.by({}).issuePairing({
        ...{ claim: await claimOf(store.whole.by({}), bob.userId), rules: RULES },
        ...{ seen: null, pairing: expiring('p-bob') },
      });
    bench.current.setNow(NOON + 365 * 86_400_000);
    for (let failure = 0; failure < 5; failure += 1) {
      await claim(store, null);
      await store.consumeOneTimeCode(bob);
    }
    bench.current.setNow(NOON);
    expect(await claim(store, 101)).toEqual({ kind: 'locked', retryAfterSeconds: 900 });
    expect(await pairBob()).toEqual({ kind: 'locked', retryAfterSeconds: 900 });
    bench.current.setNow(NOON + 899_001);
    expect(await claim(store, 101)).toEqual({ kind: 'locked', retryAfterSeconds: 1 });
    bench.current.setNow(NOON + 900_000);
    expect(await claim(store, 101)).toEqual({ kind: 'claimed' });
    expect(await pairBob()).toBe('issued');
  });

  it('accepts no used step again when the clock is set back and forward', async () => {
    const store = await issued();
    await claim(store, 200);
    bench.current.setNow(NOON - 3_600_000);
    expect(await claim(store, 80)).toMatchObject({ kind: 'already-used' });
    bench.current.setNow(NOON);
    expect(await claim(store, 200)).toMatchObject({ kind: 'already-used' });
    expect(await claim(store, 201)).toEqual({ kind: 'claimed' });
  });

  it('grants one of 32 log-ons with one code, over several connections, round after round', async () => {
    const store = await issued();
    const stores = [
      store,
      await openPlainStore(await bench.current.open()),
      await openPlainStore(await bench.current.open()),
    ];
    for (let step = 1; step <= 5; step += 1) {
      const rules = { ...RULES, codeFailures: 1000, hardLimit: 1000 };
      const attempts = Array.from({ length: 32 }, (_, number) =>
        stores[number % stores.length]?.claimTimeStep({ userId, pairingId: 'p1', step, rules }),
      );
      const kinds = (await Promise.all(attempts)).map((outcome) => outcome?.kind);
      expect(kinds.filter((kind) => kind === 'claimed')).toHaveLength(1);
      expect(kinds.filter((kind) => kind === 'already-used')).toHaveLength(31);
    }
  });

  it('counts wrong and used codes, hides right ones while locked, and lets in again after the delay', async () => {
    const store = await issued();
    await claim(store, 100);
    for (let failure = 0; failure < 3; failure += 1) await claim(store, null);
    expect(await claim(store, 100)).toEqual({ kind: 'already-used', retryAfterSeconds: 0 });
    expect(await claim(store, null)).toEqual({ kind: 'refused', retryAfterSeconds: 30 });
    expect(await claim(store, 101)).toEqual({ kind: 'locked', retryAfterSeconds: 30 });
    expect(await claim(store, null)).toEqual({ kind: 'locked', retryAfterSeconds: 30 });
    expect(await store.userById(userId)).toMatchObject({ lockedUntil: NOON + 30_000 });
    bench.current.setNow(NOON + 30_000);
    expect(await claim(store, 101)).toEqual({ kind: 'claimed' });
  });

  it('keeps the code counter over right passwords and stops at the hard limit', async () => {
    const store = await issued();
    const counter = userCounter(userId);
    const rules = { ...RULES, hardLimit: 10 };
    let now = NOON;
    for (let failure = 0; failure < 10; failure += 1) {
      now += 1_000_000;
      bench.current.setNow(now);
      expect(await store.settlePassword({ counter, known: true, right: true, rules })).toEqual({ kind: 'right' });
      expect(await store.claimTimeStep({ userId, pairingId: 'p1', step: null, rules })).toMatchObject({
        kind: 'refused',
      });
    }
    bench.current.setNow(now + 365 * 86_400_000);
    expect(await store.claimTimeStep({ userId, pairingId: 'p1', step: 1, rules })).toMatchObject({ kind: 'locked' });
    await store.unlock(userId);
    expect(await store.claimTimeStep({ userId, pairingId: 'p1', step: 1, rules })).toEqual({ kind: 'claimed' });
  });

  it('checks no more of 200 parallel codes than the budget allows, the right one among them or not', async () => {
    const store = await issued();
    const other = await openPlainStore(await bench.current.open());
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, number) => claim(number % 2 === 0 ? store : other, number === 150 ? 9 : null)),
    );
    const kinds = outcomes.map((outcome) => outcome.kind);
    const told = kinds.filter((kind) => kind !== 'locked').length;
    const claimed = kinds.filter((kind) => kind === 'claimed').length;
    // A right code within the budget clears the counter; whatever came first, nobody learned of more than two budgets.
    expect(told).toBeLessThanOrEqual(claimed === 0 ? 5 : 10);
    expect(kinds.filter((kind) => kind === 'locked').length).toBeGreaterThanOrEqual(190);
  });

  it('grants nothing by a secret that ran out, of somebody else, or of a user who was disabled or removed', async () => {
    const store = await storeWith(bench.current, 'alice', 'bob');
    const gone = { kind: 'pairing-gone' };
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    expect(await claim(store, 1)).toEqual(gone);
    await store.issuePairing({ userId, seen: null, pairing: expiring('p1') });
    await store.issueByAdmin({ userId: idOf('bob'), pairing: pairing('p-bob') });
    expect(await store.claimTimeStep({ userId, pairingId: 'p-bob', step: 1, rules: RULES })).toEqual(gone);
    bench.current.setNow(NOON + UNCONFIRMED_PAIRING_MS);
    expect(await claim(store, 1)).toEqual(gone);
    bench.current.setNow(NOON + UNCONFIRMED_PAIRING_MS - 1);
    await store.editUser({ id: userId, changes: { disabled: true } });
    expect(await claim(store, 1)).toEqual(gone);
    await store.editUser({ id: userId, changes: { disabled: false } });
    expect(await claim(store, 1)).toEqual({ kind: 'claimed' });
    await store.removeUser(userId);
    expect(await claim(store, 2)).toEqual(gone);
  });

  async function issued(): Promise<PlainStore> {
    const store = await storeWith(bench.current, 'alice');
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    await store.issueByAdmin({ userId, pairing: pairing('p1') });
    return store;
  }

  function claim(store: PlainStore, step: number | null) {
    return store.claimTimeStep({ userId, pairingId: 'p1', step, rules: RULES });
  }
}
