import { expect, it } from 'vitest';

import { openPlainStore, type PlainStore } from '../support/plain-store.ts';
import { type Bench, storeWith } from './bench.ts';
import { code, idOf, NOON, pairing, RULES } from './people.ts';
import { withBench } from './with-bench.ts';

export function secondCodeContract(openBench: () => Promise<Bench>): void {
  const bench = withBench(openBench);
  const userId = idOf('alice');

  it('grants once by a recovery code, leaves the others, and notes the log-on', async () => {
    const store = await paired();
    await store.replaceRecoveryCodes({ userId, codes: [code('r1'), code('r2')] });
    bench.current.setNow(NOON + 1000);
    expect(await recover(store, 'r1')).toEqual({ kind: 'claimed' });
    expect(await recover(store, 'r1')).toEqual({ kind: 'already-used', retryAfterSeconds: 0 });
    expect(await store.recoveryCodes(userId)).toEqual([code('r2')]);
    expect(await store.userById(userId)).toMatchObject({ lastLoginAt: NOON + 1000 });
  });

  it('grants one of many log-ons with one recovery or one-time code', async () => {
    const store = await paired();
    const other = await openPlainStore(await bench.current.open());
    const rules = { ...RULES, codeFailures: 1000, hardLimit: 1000 };
    await store.replaceRecoveryCodes({ userId, codes: [code('r1')] });
    await store.putOneTimeCode({ userId, code: code('o1', NOON + 1000) });
    const twenty = Array.from({ length: 20 }, (_, number) => (number % 2 === 0 ? store : other));
    const recovered = await Promise.all(
      twenty.map((each) => each.consumeRecoveryCode({ userId, codeId: 'r1', rules })),
    );
    const once = await Promise.all(twenty.map((each) => each.consumeOneTimeCode({ userId, codeId: 'o1', rules })));
    for (const outcomes of [recovered, once]) {
      expect(outcomes.filter((outcome) => outcome.kind === 'claimed')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome.kind === 'already-used')).toHaveLength(19);
    }
  });

  it('counts wrong ones with the same counter as time-based codes', async () => {
    const store = await paired();
    await store.replaceRecoveryCodes({ userId, codes: [code('r1')] });
    await store.claimTimeStep({ userId, pairingId: 'p1', step: null, rules: RULES });
    await recover(store, null);
    await store.consumeOneTimeCode({ userId, codeId: null, rules: RULES });
    await recover(store, null);
    expect(await recover(store, null)).toEqual({ kind: 'refused', retryAfterSeconds: 30 });
    expect(await recover(store, 'r1')).toEqual({ kind: 'locked', retryAfterSeconds: 30 });
    expect(await store.recoveryCodes(userId)).toHaveLength(1);
  });

  it('counts what looks like a recovery code of a user who has none yet as a wrong code', async () => {
    const store = await storeWith(bench.current, 'alice');
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    await store.issueByAdmin({ userId, pairing: pairing('p1') });
    for (let failure = 1; failure < 5; failure += 1) {
      expect(await recover(store, null)).toEqual({ kind: 'refused', retryAfterSeconds: 0 });
    }
    expect(await recover(store, 'r1')).toEqual({ kind: 'refused', retryAfterSeconds: 30 });
  });

  it('replaces recovery codes as a set, and only for a paired user', async () => {
    const store = await paired();
    await store.replaceRecoveryCodes({ userId, codes: [code('r1'), code('r2')] });
    expect(await store.replaceRecoveryCodes({ userId, codes: [code('r3')] })).toBe('replaced');
    expect(await recover(store, 'r1')).toMatchObject({ kind: 'already-used' });
    expect(await store.recoveryCodes(userId)).toEqual([code('r3')]);
    await store.deactivate(userId);
    expect(await store.replaceRecoveryCodes({ userId, codes: [code('r4')] })).toBe('not-paired');
    expect(await store.replaceRecoveryCodes({ userId: idOf('nobody'), codes: [] })).toBe('not-paired');
    expect(await recover(store, 'r3')).toEqual({ kind: 'pairing-gone' });
  });

  it('keeps one one-time code a user, for as long as it lives', async () => {
    const store = await storeWith(bench.current, 'alice');
    const put = (id: string) => store.putOneTimeCode({ userId, code: code(id, NOON + 3_600_000) });
    expect(await put('o0')).toBe('off');
    expect(await store.putOneTimeCode({ userId: idOf('nobody'), code: code('o0') })).toBe('gone');
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    expect(await put('o1')).toBe('put');
    expect(await put('o2')).toBe('put');
    expect(await store.oneTimeCode(userId)).toEqual(code('o2', NOON + 3_600_000));
    expect(await once(store, 'o1')).toMatchObject({ kind: 'already-used' });
    bench.current.setNow(NOON + 3_600_000);
    expect(await store.oneTimeCode(userId)).toBeUndefined();
    expect(await once(store, 'o2')).toMatchObject({ kind: 'refused' });
    bench.current.setNow(NOON + 3_599_999);
    expect(await once(store, 'o2')).toEqual({ kind: 'claimed' });
    expect(await once(store, 'o2')).toMatchObject({ kind: 'already-used' });
  });

  it('grants nobody by the code of another user, and no disabled user', async () => {
    const store = await storeWith(bench.current, 'alice', 'bob');
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    await store.putOneTimeCode({ userId: idOf('bob'), code: code('o-bob', NOON + 1000) });
    expect(await once(store, 'o-bob')).toMatchObject({ kind: 'already-used' });
    await store.editUser({ id: idOf('bob'), changes: { disabled: true } });
    const disabled = await store.consumeOneTimeCode({ userId: idOf('bob'), codeId: 'o-bob', rules: RULES });
    expect(disabled).toEqual({ kind: 'pairing-gone' });
  });

  async function paired(): Promise<PlainStore> {
    const store = await storeWith(bench.current, 'alice');
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    await store.issueByAdmin({ userId, pairing: pairing('p1') });
    await store.claimTimeStep({ userId, pairingId: 'p1', step: 1, rules: RULES });
    return store;
  }

  function recover(store: PlainStore, codeId: string | null) {
    return store.consumeRecoveryCode({ userId, codeId, rules: RULES });
  }

  function once(store: PlainStore, codeId: string | null) {
    return store.consumeOneTimeCode({ userId, codeId, rules: RULES });
  }
}
