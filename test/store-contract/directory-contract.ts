import { expect, it } from 'vitest';
import type { ListedUser } from '../../src/core/ports.ts';
import { UNCONFIRMED_PAIRING_MS } from '../../src/core/two-factor.ts';
import type { NameKey } from '../../src/core/user.ts';
import { voidPasswordHash } from '../../src/core/void-password.ts';
import { openPlainStore } from '../support/plain-store.ts';
import { type Bench, storeWith } from './bench.ts';
import { code, expiring, idOf, NOON, pairing, person, RULES } from './people.ts';
import { withBench } from './with-bench.ts';

export function directoryContract(openBench: () => Promise<Bench>): void {
  const bench = withBench(openBench);

  it('finds a user that was added, by key and by id, with two-factor off', async () => {
    const store = await storeWith(bench.current, 'Alice');
    const expected = {
      ...person('Alice'),
      disabled: false,
      twoFactor: { state: 'off', requiredAt: null, requiredFrom: null, pairing: null },
      lastLoginAt: null,
      createdAt: NOON,
      lockedUntil: null,
      version: 1,
      passwordVersion: 1,
    };
    expect((await store.findUser('alice' as NameKey)).user).toEqual(expected);
    expect(await store.userById(idOf('Alice'))).toEqual(expected);
    const initial = { mustChangePassword: true, passwordExpiresAt: NOON + 1, passwordHash: null } as const;
    await store.addUsers([person('bob', initial)]);
    expect(await store.userById(idOf('bob'))).toMatchObject(initial);
  });

  it('finds nobody under a name that no database can hold', async () => {
    const store = await storeWith(bench.current, 'alice', '\ufffd');
    for (const strange of ['alice\0', '\0', '\ud800', "' OR 1=1 --", 'alice%', '']) {
      expect((await store.findUser(strange as NameKey)).user).toBeUndefined();
    }
  });

  it('adds all users of a list or none, and names those whose key is taken', async () => {
    const store = await storeWith(bench.current, 'alice');
    const taken = await store.addUsers([person('bob'), { ...person('ALICE'), id: idOf('another') }]);
    expect(taken).toEqual({ kind: 'taken', keys: ['alice'] });
    const twice = await store.addUsers([person('carol'), { ...person('Carol'), id: idOf('another') }]);
    expect(twice).toEqual({ kind: 'taken', keys: ['carol'] });
    expect((await store.users()).map((user) => user.name)).toEqual(['alice']);
  });

  it('says which of many keys are taken, and of a key that no database can hold that it is not', async () => {
    const store = await storeWith(bench.current, 'alice', 'bob');
    const free = Array.from({ length: 1200 }, (_, number) => `user-${number}` as NameKey);
    const asked = [...free, 'bob' as NameKey, 'alice\0' as NameKey, '\ud800' as NameKey];
    expect(await store.takenKeys(asked)).toEqual(['bob']);
    expect(await store.takenKeys([])).toEqual([]);
  });

  it('adds more users at once than a statement takes parameters', async () => {
    const store = await storeWith(bench.current);
    const many = Array.from({ length: 1200 }, (_, number) => person(`user-${number}`));
    expect(await store.addUsers(many)).toEqual({ kind: 'added' });
    expect(await store.addUsers([person('new'), ...many.slice(-1)])).toEqual({ kind: 'taken', keys: ['user-1199'] });
    expect(await store.users()).toHaveLength(1200);
  });

  it('keeps names, groups and displays of every script as they are', async () => {
    const store = await storeWith(bench.current);
    const strange = {
      display: "Zoë 'O\u2019Neill' \u{1f469}\u200d\u2695\ufe0f <b>; DROP TABLE users",
      group: '第三病棟',
    };
    await store.addUsers([person('Ædwin Þórr', strange)]);
    expect(await store.userById(idOf('Ædwin Þórr'))).toMatchObject({ ...strange, name: 'Ædwin Þórr' });
  });

  it('lists users in the order of their keys, by state, by group and by what is searched for', async () => {
    const store = await storeWith(bench.current, 'zoe', 'alice', 'Émile', 'bob', 'alice2');
    await store.editUser({ id: idOf('bob'), changes: { group: 'Theatre', display: 'Robert' } });
    await store.requireTwoFactor({ selection: { kind: 'users', ids: [idOf('zoe')] }, from: null });
    const names = async (filter?: Parameters<typeof store.users>[0]) =>
      (await store.users(filter)).map((user) => user.name);
    expect(await names()).toEqual(['alice', 'alice2', 'bob', 'zoe', 'Émile']);
    expect(await names({ state: 'required' })).toEqual(['zoe']);
    expect(await names({ group: 'Theatre' })).toEqual(['bob']);
    await store.editUser({ id: idOf('zoe'), changes: { role: 'auditor' } });
    expect(await names({ role: 'auditor' })).toEqual(['zoe']);
    expect(await names({ role: 'user', group: 'Theatre' })).toEqual(['bob']);
    expect(await names({ search: 'ROBERT' })).toEqual(['bob']);
    expect(await names({ search: 'theat' })).toEqual(['bob']);
    expect(await names({ search: 'alice', group: 'wards', state: 'off' })).toEqual(['alice', 'alice2']);
    expect(await names({ search: '%' })).toEqual([]);
  });

  it('shows a table everybody as they are now, locked ones and secrets that ran out of time among them', async () => {
    const store = await storeWith(bench.current, 'alice', 'Zoë', 'ran-out');
    await store.editUser({ id: idOf('Zoë'), changes: { disabled: true, role: 'admin', display: '第三', group: '' } });
    await store.requireTwoFactor({ selection: { kind: 'users', ids: [idOf('ran-out')] }, from: null });
    await store.issuePairing({ userId: idOf('ran-out'), seen: null, pairing: expiring('p1') });
    bench.current.setNow(NOON + UNCONFIRMED_PAIRING_MS);
    for (let attempt = 0; attempt < RULES.passwordFailures; attempt += 1) {
      await store.settlePassword({ counter: `user:${idOf('alice')}`, known: true, right: false, rules: RULES });
    }
    const listed: ListedUser[] = [];
    await store.visitUsers((user) => listed.push(user));
    const byName = (name: string) => listed.find((user) => user.name === name);
    for (const { name } of listed) {
      const { id, display, group, role, disabled, lastLoginAt, lockedUntil } = (await store.userById(idOf(name))) ?? {};
      expect(byName(name)).toMatchObject({ id, display, group, role, disabled, lastLoginAt, lockedUntil });
    }
    expect(byName('alice')).toMatchObject({ state: 'off', lockedUntil: expect.any(Number) });
    expect(byName('Zoë')).toMatchObject({ disabled: true, role: 'admin', display: '第三', group: '' });
    expect(byName('ran-out')).toMatchObject({ state: 'required' });
    expect(listed).toHaveLength(3);
  });

  it('counts states as they are now: a secret that ran out of time is none', async () => {
    const store = await storeWith(bench.current, 'off', 'required', 'issued', 'paired', 'ran-out');
    const ids = ['required', 'issued', 'paired', 'ran-out'].map(idOf);
    expect(await store.anyTwoFactor()).toBe(false);
    await store.requireTwoFactor({ selection: { kind: 'users', ids }, from: null });
    expect(await store.anyTwoFactor()).toBe(true);
    await store.issueByAdmin({ userId: idOf('issued'), pairing: pairing('p1') });
    await store.issueByAdmin({ userId: idOf('paired'), pairing: pairing('p2') });
    await store.claimTimeStep({ userId: idOf('paired'), pairingId: 'p2', step: 1, rules: RULES });
    await store.issuePairing({ userId: idOf('ran-out'), seen: null, pairing: expiring('p3') });
    expect(await store.countStates()).toEqual({ off: 1, required: 1, issued: 2, paired: 1 });
    bench.current.setNow(NOON + 15 * 60_000);
    expect(await store.countStates()).toEqual({ off: 1, required: 2, issued: 1, paired: 1 });
    const required = await store.users({ state: 'required' });
    expect(required.map((user) => user.name)).toEqual(['ran-out', 'required']);
  });

  it('edits what is named and leaves the rest, one version up', async () => {
    const store = await storeWith(bench.current, 'alice');
    const edited = await store.editUser({
      id: idOf('alice'),
      expectedVersion: 1,
      changes: { group: 'Theatre', passwordHash: null, mustChangePassword: true, passwordExpiresAt: NOON + 1 },
    });
    const expected = { ...person('alice'), group: 'Theatre', passwordHash: null, mustChangePassword: true };
    expect(edited).toMatchObject({ kind: 'edited', user: { ...expected, passwordExpiresAt: NOON + 1, version: 2 } });
    expect(await store.userById(idOf('alice'))).toMatchObject({ group: 'Theatre', version: 2 });
  });

  it('refuses an edit of a user that somebody edited meanwhile, and shows what is there now', async () => {
    const store = await storeWith(bench.current, 'alice');
    const other = await openPlainStore(await bench.current.open());
    await other.editUser({ id: idOf('alice'), expectedVersion: 1, changes: { group: 'Theatre' } });
    const late = await store.editUser({ id: idOf('alice'), expectedVersion: 1, changes: { group: 'Pharmacy' } });
    expect(late).toMatchObject({ kind: 'conflict', user: { group: 'Theatre', version: 2 } });
    expect(await store.editUser({ id: idOf('nobody'), changes: {} })).toEqual({ kind: 'gone' });
  });

  it('keeps the last admin who can log on: not demoted, not disabled, not removed', async () => {
    const store = await storeWith(bench.current, 'admin', 'alice');
    const id = idOf('admin');
    expect(await store.editUser({ id, changes: { role: 'auditor' } })).toEqual({ kind: 'last-admin' });
    expect(await store.editUser({ id, changes: { disabled: true } })).toEqual({ kind: 'last-admin' });
    expect(await store.removeUser(id)).toBe('last-admin');
    expect(await store.editUser({ id, changes: { role: 'admin', display: 'Boss' } })).toMatchObject({ kind: 'edited' });
    await store.editUser({ id: idOf('alice'), changes: { role: 'admin', disabled: true } });
    expect(await store.removeUser(id)).toBe('last-admin');
    await store.editUser({ id: idOf('alice'), changes: { disabled: false } });
    expect(await store.removeUser(id)).toBe('removed');
    expect(await store.removeUser(id)).toBe('gone');
  });

  it('keeps the last admin who has a password, since one without cannot sign in', async () => {
    const store = await storeWith(bench.current, 'admin');
    const id = idOf('admin');
    await store.addUsers([
      person('bare', { role: 'admin', passwordHash: null }),
      person('void', { role: 'admin', passwordHash: voidPasswordHash({ memoryMiB: 19, passes: 2 }) }),
    ]);
    for (const changes of [{ role: 'user' }, { disabled: true }, { passwordHash: null }] as const)
      expect(await store.editUser({ id, changes })).toEqual({ kind: 'last-admin' });
    expect(await store.removeUser(id)).toBe('last-admin');
    expect(await store.editUser({ id, changes: { passwordHash: 'another' } })).toMatchObject({ kind: 'edited' });
    expect(await store.removeUser(idOf('void'))).toBe('removed');
    await store.editUser({ id: idOf('bare'), changes: { passwordHash: 'set' } });
    expect(await store.editUser({ id, changes: { passwordHash: null } })).toMatchObject({ kind: 'edited' });
    expect(await store.removeUser(idOf('bare'))).toBe('last-admin');
  });

  it('keeps the last admin where none has a password, because a host checks them', async () => {
    const store = await storeWith(bench.current);
    const bare = { role: 'admin', passwordHash: null } as const;
    await store.addUsers([person('first', bare), person('second', bare)]);
    expect(await store.removeUser(idOf('first'))).toBe('removed');
    expect(await store.removeUser(idOf('second'))).toBe('last-admin');
    expect(await store.editUser({ id: idOf('second'), changes: { passwordHash: null } })).toMatchObject({
      kind: 'edited',
    });
  });

  it('leaves one admin when two remove each other at once', async () => {
    const store = await storeWith(bench.current, 'admin');
    await store.addUsers([person('second', { role: 'admin' })]);
    const other = await openPlainStore(await bench.current.open());
    const outcomes = await Promise.all([store.removeUser(idOf('admin')), other.removeUser(idOf('second'))]);
    expect(outcomes.toSorted()).toEqual(['last-admin', 'removed']);
    expect(await store.users()).toHaveLength(1);
  });

  it('removes a user with everything that was his: nothing is left for a user of the same name or id', async () => {
    const store = await storeWith(bench.current, 'alice');
    const userId = idOf('alice');
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    await store.issueByAdmin({ userId, pairing: pairing('p1') });
    await store.claimTimeStep({ userId, pairingId: 'p1', step: 1, rules: RULES });
    await store.replaceRecoveryCodes({ userId, codes: [code('r1')] });
    await store.putOneTimeCode({ userId, code: code('o1', NOON + 1000) });
    for (let failures = 0; failures < 5; failures += 1) {
      await store.claimTimeStep({ userId, pairingId: 'p1', step: null, rules: RULES });
    }
    expect(await store.removeUser(userId)).toBe('removed');
    await store.addUsers([person('alice')]);
    expect(await store.userById(userId)).toMatchObject({
      lockedUntil: null,
      twoFactor: { state: 'off', pairing: null },
    });
    expect(await store.recoveryCodes(userId)).toEqual([]);
    expect(await store.oneTimeCode(userId)).toBeUndefined();
  });
}
