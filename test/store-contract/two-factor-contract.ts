import { expect, it } from 'vitest';
import { type Bench, storeWith } from './bench.ts';
import { code, expiring, idOf, NOON, pairing, RULES } from './people.ts';
import { withBench } from './with-bench.ts';

export function twoFactorContract(openBench: () => Promise<Bench>): void {
  const bench = withBench(openBench);
  const userId = idOf('alice');

  it('requires two-factor of all, of a group, of a selection; active users stay untouched', async () => {
    const store = await storeWith(bench.current, 'alice', 'bob', 'carol');
    await store.editUser({ id: idOf('bob'), changes: { group: 'Theatre' } });
    const group = { kind: 'group', group: 'Theatre' } as const;
    expect(await store.requireTwoFactor({ selection: group, from: NOON + 9000 })).toEqual({
      activated: [idOf('bob')],
      alreadyActive: 0,
    });
    bench.current.setNow(NOON + 1000);
    const some = { kind: 'users', ids: [idOf('bob'), userId, userId, idOf('nobody')] } as const;
    expect(await store.requireTwoFactor({ selection: some, from: null })).toEqual({
      activated: [userId],
      alreadyActive: 1,
    });
    const all = await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    expect(all).toEqual({ activated: [idOf('carol')], alreadyActive: 2 });
    expect((await store.userById(idOf('bob')))?.twoFactor).toEqual({
      state: 'required',
      requiredAt: NOON,
      requiredFrom: NOON + 9000,
      pairing: null,
    });
    expect((await store.userById(userId))?.twoFactor).toMatchObject({ requiredAt: NOON + 1000, requiredFrom: null });
  });

  it('requires two-factor of more users than a statement takes parameters', async () => {
    const names = Array.from({ length: 1100 }, (_, number) => `user-${number}`);
    const store = await storeWith(bench.current, ...names);
    const outcome = await store.requireTwoFactor({ selection: { kind: 'users', ids: names.map(idOf) }, from: null });
    expect(outcome.activated.toSorted()).toEqual(names.map(idOf).toSorted());
    expect(await store.countStates()).toMatchObject({ off: 0, required: 1100 });
  });

  it('issues a secret at a log-on, and another one at the next: the first dies', async () => {
    const store = await storeWith(bench.current, 'alice');
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    expect(await store.issuePairing({ userId, seen: null, pairing: expiring('first') })).toBe('issued');
    expect((await store.userById(userId))?.twoFactor).toMatchObject({ state: 'issued', pairing: expiring('first') });
    expect(await store.issuePairing({ userId, seen: 'first', pairing: expiring('second') })).toBe('issued');
    const late = await store.claimTimeStep({ userId, pairingId: 'first', step: 1, rules: RULES });
    expect(late).toEqual({ kind: 'pairing-gone' });
    expect(await store.claimTimeStep({ userId, pairingId: 'second', step: 1, rules: RULES })).toEqual({
      kind: 'claimed',
    });
  });

  it('issues one secret when two terminals pair one user at once', async () => {
    const store = await storeWith(bench.current, 'alice');
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    const outcomes = await Promise.all(
      ['a', 'b', 'c'].map((id) => store.issuePairing({ userId, seen: null, pairing: expiring(id) })),
    );
    expect(outcomes.toSorted()).toEqual(['changed', 'changed', 'issued']);
  });

  it('issues nothing at a log-on where two-factor is off, paired, an admin issued, or the user is disabled', async () => {
    const store = await storeWith(bench.current, 'alice');
    const issue = (seen: string | null) => store.issuePairing({ userId, seen, pairing: expiring('new') });
    expect(await issue(null)).toBe('changed');
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    await store.editUser({ id: userId, changes: { disabled: true } });
    expect(await issue(null)).toBe('changed');
    await store.editUser({ id: userId, changes: { disabled: false } });
    await store.issueByAdmin({ userId, pairing: pairing('p1') });
    expect(await issue('p1')).toBe('changed');
    await store.claimTimeStep({ userId, pairingId: 'p1', step: 1, rules: RULES });
    expect(await issue('p1')).toBe('changed');
    expect((await store.userById(userId))?.twoFactor.pairing?.id).toBe('p1');
  });

  it('hands out the same secret again, for an admin and for a further device', async () => {
    const store = await storeWith(bench.current, 'alice');
    const issue = (id: string) => store.issueByAdmin({ userId, pairing: pairing(id) });
    expect(await issue('p0')).toEqual({ kind: 'off' });
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    expect(await issue('p1')).toEqual({ kind: 'issued', pairing: pairing('p1') });
    expect(await issue('p2')).toEqual({ kind: 'kept', pairing: pairing('p1') });
    await store.claimTimeStep({ userId, pairingId: 'p1', step: 7, rules: RULES });
    const kept = { kind: 'kept', pairing: pairing('p1', { pairedAt: NOON, lastStep: 7 }) };
    expect(await issue('p3')).toEqual(kept);
    expect(await store.issueByAdmin({ userId: idOf('nobody'), pairing: pairing('p4') })).toEqual({ kind: 'gone' });
  });

  it('makes a secret of a log-on lasting when an admin shows it, and replaces one that ran out', async () => {
    const store = await storeWith(bench.current, 'alice');
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    await store.issuePairing({ userId, seen: null, pairing: expiring('p1') });
    const shown = await store.issueByAdmin({ userId, pairing: pairing('p2') });
    expect(shown).toEqual({ kind: 'kept', pairing: pairing('p1') });
    bench.current.setNow(NOON + 86_400_000);
    expect((await store.userById(userId))?.twoFactor).toMatchObject({ state: 'issued', pairing: { expiresAt: null } });

    await store.deactivate(userId);
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    await store.issuePairing({ userId, seen: null, pairing: expiring('p3') });
    const replaced = await store.issueByAdmin({ userId, pairing: pairing('p4') });
    expect(replaced).toEqual({ kind: 'issued', pairing: pairing('p4') });
  });

  it('issues secrets to many at once, whether two-factor was off, required from a date, or had a secret that ran out', async () => {
    const store = await storeWith(bench.current, 'alice', 'bob', 'carol', 'dave');
    await store.requireTwoFactor({ selection: { kind: 'users', ids: [idOf('bob')] }, from: NOON + 9000 });
    await store.requireTwoFactor({ selection: { kind: 'users', ids: [idOf('carol')] }, from: null });
    await store.issuePairing({ userId: idOf('carol'), seen: null, pairing: expiring('old') });
    const later = NOON + 86_400_000;
    bench.current.setNow(later);
    const before = await store.userById(userId);
    const names = ['alice', 'bob', 'carol'];
    const issues = names.map((name) => ({ userId: idOf(name), pairing: expiring(`of-${name}`) }));
    expect(await store.issueMany(issues, 'elsewhere')).toEqual({ kind: 'issued' });
    const twoFactor = async (name: string) => (await store.userById(idOf(name)))?.twoFactor;
    const issued = (name: string) => ({ state: 'issued', requiredFrom: null, pairing: pairing(`of-${name}`) });
    expect(await twoFactor('alice')).toEqual({ ...issued('alice'), requiredAt: later });
    expect(await twoFactor('bob')).toEqual({ ...issued('bob'), requiredAt: NOON, requiredFrom: NOON + 9000 });
    expect(await twoFactor('carol')).toEqual({ ...issued('carol'), requiredAt: NOON });
    expect(await twoFactor('dave')).toMatchObject({ state: 'off' });
    expect((await store.userById(userId))?.version).toBe((before?.version ?? 0) + 1);
    expect(await store.claimTimeStep({ userId, pairingId: 'of-alice', step: 1, rules: RULES })).toEqual({
      kind: 'claimed',
    });
    expect(await twoFactor('alice')).toMatchObject({ state: 'paired' });
  });

  it('issues to nobody where one of many is gone or has a secret', async () => {
    const store = await storeWith(bench.current, 'alice', 'bob', 'carol');
    const issue = (name: string) => ({ userId: idOf(name), pairing: pairing(`new-${name}`) });
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    await store.issueByAdmin({ userId: idOf('bob'), pairing: pairing('of-bob') });
    await store.issuePairing({ userId: idOf('carol'), seen: null, pairing: expiring('of-carol') });
    const names = ['alice', 'bob', 'carol', 'nobody'];
    const outcome = { kind: 'refused', gone: [idOf('nobody')], issued: [idOf('bob'), idOf('carol')] };
    expect(await store.issueMany(names.map(issue), 'elsewhere')).toEqual(outcome);
    await store.claimTimeStep({ userId: idOf('bob'), pairingId: 'of-bob', step: 1, rules: RULES });
    expect(await store.issueMany(['alice', 'bob'].map(issue), 'elsewhere')).toEqual({
      kind: 'refused',
      gone: [],
      issued: [idOf('bob')],
    });
    expect((await store.userById(userId))?.twoFactor.state).toBe('required');
    await expect(store.issueMany([issue('alice'), issue('alice')], 'elsewhere')).rejects.toMatchObject({
      code: 'internal',
    });
    expect((await store.userById(userId))?.twoFactor.state).toBe('required');
    expect((await store.userById(idOf('bob')))?.twoFactor.pairing?.id).toBe('of-bob');
  });

  it('issues to more users than a statement takes parameters', async () => {
    const names = Array.from({ length: 1100 }, (_, number) => `user-${number}`);
    const store = await storeWith(bench.current, ...names);
    const issues = names.map((name) => ({ userId: idOf(name), pairing: pairing(`of-${name}`) }));
    expect(await store.issueMany(issues, 'elsewhere')).toEqual({ kind: 'issued' });
    expect(await store.countStates()).toMatchObject({ off: 0, issued: 1100 });
    expect((await store.userById(idOf('user-1099')))?.twoFactor.pairing).toEqual(pairing('of-user-1099'));
  });

  it('issues once where two want to issue to the same users at once', async () => {
    const store = await storeWith(bench.current, 'alice', 'bob');
    const issues = (mark: string) =>
      ['alice', 'bob'].map((name) => ({ userId: idOf(name), pairing: pairing(mark + name) }));
    const outcomes = await Promise.all(['a-', 'b-'].map((mark) => store.issueMany(issues(mark), 'elsewhere')));
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['issued', 'refused']);
    const marks = await Promise.all(
      ['alice', 'bob'].map(async (name) => (await store.userById(idOf(name)))?.twoFactor.pairing?.id.slice(0, 2)),
    );
    expect(new Set(marks).size).toBe(1);
  });

  it('deactivates from every state: secret, recovery and one-time codes and code failures are gone', async () => {
    const store = await storeWith(bench.current, 'alice');
    expect(await store.deactivate(userId)).toBe('already-off');
    expect(await store.deactivate(idOf('nobody'))).toBe('gone');
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    await store.issueByAdmin({ userId, pairing: pairing('p1') });
    await store.claimTimeStep({ userId, pairingId: 'p1', step: 1, rules: RULES });
    await store.replaceRecoveryCodes({ userId, codes: [code('r1'), code('r2')] });
    await store.putOneTimeCode({ userId, code: code('o1', NOON + 3_600_000) });
    for (let failure = 0; failure < 5; failure += 1) {
      await store.claimTimeStep({ userId, pairingId: 'p1', step: null, rules: RULES });
    }
    expect(await store.deactivate(userId)).toBe('deactivated');
    const off = { state: 'off', requiredAt: null, requiredFrom: null, pairing: null };
    expect(await store.userById(userId)).toMatchObject({ twoFactor: off, lockedUntil: null });
    expect(await store.recoveryCodes(userId)).toEqual([]);
    expect(await store.oneTimeCode(userId)).toBeUndefined();
    expect(await store.claimTimeStep({ userId, pairingId: 'p1', step: 2, rules: RULES })).toEqual({
      kind: 'pairing-gone',
    });
  });

  it('knows no step of an old secret after deactivating and requiring again', async () => {
    const store = await storeWith(bench.current, 'alice');
    for (const id of ['p1', 'p2']) {
      await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
      await store.issueByAdmin({ userId, pairing: pairing(id) });
      expect(await store.claimTimeStep({ userId, pairingId: id, step: 50, rules: RULES })).toEqual({ kind: 'claimed' });
      await store.deactivate(userId);
    }
  });
}
