/** What the trail says of each change to the users: a restore and an administrator go by it. */
import { expect, it } from 'vitest';
import { type AuditEvent, RECORD_USER_IDS } from '../../src/core/audit-event.ts';
import { userCounter } from '../../src/core/lockout.ts';
import type { Store, UserEdit } from '../../src/core/ports.ts';
import type { Journal } from '../../src/core/store/recording-engine.ts';
import { openSqlStore } from '../../src/core/store/sql-store.ts';
import { claimOf } from '../support/plain-store.ts';
import type { Bench } from './bench.ts';
import { code, expiring, idOf, NOON, pairing, person, RULES } from './people.ts';
import { withBench } from './with-bench.ts';

/** Keeps what is recorded, where the transaction comes to its end. */
export function journalInto(recorded: AuditEvent[]): Journal {
  return {
    append: async (_tx, { events }) => {
      recorded.push(...events);
      return 0;
    },
    committed: async () => undefined,
    aside: (_event, thrown) => Promise.reject(thrown),
  };
}

const alice = idOf('alice');
const ALICE = { actor: 'root', user: 'alice', userId: alice };

export function recordContract(openBench: () => Promise<Bench>): void {
  const bench = withBench(openBench);

  async function ready() {
    const recorded: AuditEvent[] = [];
    const whole = await openSqlStore(await bench.current.open(), journalInto(recorded));
    const store = whole.by({ actor: 'root' });
    await store.addUsers([person('alice'), person('bob', { group: 'Theatre' }), person('carol', { group: 'Theatre' })]);
    recorded.length = 0;
    /** The records of a change, in order. */
    const of = async (change: (by: ReturnType<Store['by']>) => Promise<unknown>) => {
      recorded.length = 0;
      await change(store);
      return [...recorded];
    };
    return { whole, store, of };
  }

  it('names each user who was added, with the role; of an import the ids of all, so many in a record', async () => {
    const { of } = await ready();
    const added = [person('dora', { role: 'auditor' }), person('erna')];
    expect(await of((store) => store.addUsers(added))).toEqual([
      { event: 'user.added', actor: 'root', user: 'dora', userId: idOf('dora'), detail: 'role=auditor' },
      { event: 'user.added', actor: 'root', user: 'erna', userId: idOf('erna'), detail: 'role=user' },
    ]);
    const many = Array.from({ length: RECORD_USER_IDS + 2 }, (_, index) => person(`n${index}`));
    const ids = many.map(({ id }) => id);
    expect(await of((store) => store.addUsers(many, 'imported'))).toEqual([
      ...[ids.slice(0, RECORD_USER_IDS), ids.slice(RECORD_USER_IDS)].map((userIds) => ({
        ...{ event: 'user.imported', actor: 'root', count: userIds.length, userIds },
      })),
    ]);
  });

  it('says which fields of a user were edited, and the values that a restore goes by', async () => {
    const { of } = await ready();
    const edited = (changes: UserEdit) => of((store) => store.editUser({ id: alice, changes }));
    const expiresAt = NOON + 86_400_000;
    const CASES: readonly (readonly [UserEdit, readonly AuditEvent[]])[] = [
      [{ display: 'A. Liddell', group: 'Day' }, [{ event: 'user.edited', detail: 'display,group' }]],
      [{ role: 'auditor' }, [{ event: 'user.edited', detail: 'role=auditor' }]],
      [{ mustChangePassword: true }, [{ event: 'user.edited', detail: 'mustChangePassword=yes' }]],
      [{ mustChangePassword: false }, [{ event: 'user.edited', detail: 'mustChangePassword=no' }]],
      [
        { passwordExpiresAt: expiresAt },
        [{ event: 'user.edited', detail: 'passwordExpiresAt=2026-11-25T12:00:00.000Z' }],
      ],
      [{ passwordExpiresAt: null }, [{ event: 'user.edited', detail: 'passwordExpiresAt=never' }]],
      [{ disabled: true }, [{ event: 'user.disabled' }]],
      [{ disabled: false }, [{ event: 'user.enabled' }]],
      [{ passwordHash: null }, [{ event: 'user.password-set', detail: 'none' }]],
      [
        { passwordHash: 'h', mustChangePassword: true, passwordExpiresAt: null },
        [{ event: 'user.password-set', detail: 'given' }],
      ],
      [
        { passwordHash: 'h', mustChangePassword: true, passwordExpiresAt: expiresAt },
        [{ event: 'user.password-set', detail: 'generated' }],
      ],
      [
        { role: 'user', passwordHash: 'h', disabled: true },
        [
          { event: 'user.edited', detail: 'role=user' },
          { event: 'user.password-set', detail: 'given' },
          { event: 'user.disabled' },
        ],
      ],
      [{}, [{ event: 'user.edited', detail: '' }]],
    ];
    for (const [changes, events] of CASES) {
      expect(await edited(changes)).toEqual(events.map((event) => ({ ...event, ...ALICE })));
    }
  });

  it('says of whom two-factor is required, from when, and as what it was asked for', async () => {
    const { of } = await ready();
    const from = Date.UTC(2027, 0, 1);
    const only = { kind: 'users', ids: [alice] } as const;
    expect(await of((store) => store.requireTwoFactor({ selection: only, from }))).toEqual([
      { event: 'two-factor.required', ...ALICE, count: 1, detail: 'users from=2027-01-01T00:00:00.000Z' },
    ]);
    expect(await of((store) => store.requireTwoFactor({ selection: only, from }))).toEqual([]);
    const group = { kind: 'group', group: 'Theatre' } as const;
    const both = { count: 2, userIds: [idOf('bob'), idOf('carol')] };
    expect(await of((store) => store.requireTwoFactor({ selection: group, from: null }))).toEqual([
      { event: 'two-factor.required', actor: 'root', detail: 'group=Theatre', ...both },
    ]);
    for (const id of [alice, idOf('bob'), idOf('carol')]) await of((store) => store.deactivate(id));
    const some = { kind: 'users', ids: both.userIds } as const;
    const asked = { selection: some, asked: { kind: 'all' }, from: null } as const;
    expect(await of((store) => store.requireTwoFactor(asked))).toEqual([
      { event: 'two-factor.required', actor: 'root', detail: 'all', ...both },
    ]);
  });

  it('says what became of a secret: made, shown, taken over, given up', async () => {
    const { of } = await ready();
    await of((store) => store.requireTwoFactor({ selection: { kind: 'all' }, from: null }));
    const issue = () => of((store) => store.issueByAdmin({ userId: alice, pairing: pairing('p1') }));
    expect(await issue()).toEqual([
      { event: 'pairing.issued', ...ALICE },
      { event: 'pairing.shown', ...ALICE },
    ]);
    expect(await issue()).toEqual([{ event: 'pairing.shown', ...ALICE }]);
    expect(await of((store) => store.issueMany([{ userId: idOf('bob'), pairing: pairing('p2') }], 'folder'))).toEqual([
      { event: 'pairing.imported', actor: 'root', user: 'bob', userId: idOf('bob'), detail: 'folder' },
    ]);
    expect(await of((store) => store.deactivate(alice))).toEqual([{ event: 'two-factor.deactivated', ...ALICE }]);
    expect(await of((store) => store.deactivate(alice))).toEqual([]);
  });

  it('says that codes were made, and how many, by an administrator and by the user', async () => {
    const { whole, of } = await ready();
    await of((store) => store.requireTwoFactor({ selection: { kind: 'all' }, from: null }));
    const oneTime = () => of((store) => store.putOneTimeCode({ userId: alice, code: code('o1') }));
    expect(await oneTime()).toEqual([{ event: 'one-time.made', ...ALICE }]);
    const self = whole.by({ terminal: 'ward-3' });
    const login = { terminal: 'ward-3', actor: 'alice', user: 'alice', userId: alice };
    const issued = { claim: await claimOf(whole, alice), rules: RULES, seen: null, pairing: expiring('p1') };
    expect(await of(() => self.issuePairing(issued))).toEqual([
      { event: 'pairing.issued', ...login, detail: 'log-on' },
    ]);
    const claim = { claim: await claimOf(whole, alice), rules: RULES };
    const keep = () => of(() => self.keepRecoveryCodes({ claim: claim.claim, codes: [code('r1')] }));
    expect(await keep()).toEqual([]);
    expect(await of(() => self.claimTimeStep({ ...claim, pairingId: 'p1', step: 7, window: 1 }))).toEqual([
      { event: 'pairing.confirmed', ...login },
    ]);
    expect(await of(() => self.claimTimeStep({ ...claim, pairingId: 'p1', step: 8, window: 1 }))).toEqual([
      { event: 'code.accepted', ...login },
    ]);
    expect(await keep()).toEqual([{ event: 'recovery.made', ...login }]);
    const codes = [code('r1'), code('r2')];
    expect(await of((store) => store.replaceRecoveryCodes({ userId: alice, codes }))).toEqual([
      { event: 'recovery.made', ...ALICE, count: 2 },
    ]);
  });

  it('says how often somebody answered while locked, in the record that ends the lock', async () => {
    const { of } = await ready();
    await of((store) => store.requireTwoFactor({ selection: { kind: 'all' }, from: null }));
    const password = { counter: userCounter(alice), user: { id: alice, name: 'alice', disabled: false } };
    const guess = async (store: ReturnType<Store['by']>, times: number) => {
      const wrong = { claim: await claimOf(store, alice), rules: RULES, codeId: null };
      for (let answer = 0; answer < times; answer += 1) {
        await store.settlePassword({ ...password, right: false, rules: RULES });
        await store.consumeOneTimeCode(wrong);
      }
    };
    // Five that count, and of each factor one that is recorded, and three that are not.
    await of((store) => guess(store, 9));
    expect(await of((store) => store.unlock(alice))).toEqual([{ event: 'user.unlocked', ...ALICE, lockedAnswers: 6 }]);
    await of((store) => guess(store, 9));
    expect(await of((store) => store.deactivate(alice))).toEqual([
      { event: 'two-factor.deactivated', ...ALICE, lockedAnswers: 3 },
    ]);
    expect(await of((store) => store.removeUser(alice))).toEqual([{ event: 'user.removed', ...ALICE }]);
  });

  it('says of a code that was used before that the clock may have gone back, where it has', async () => {
    const { of } = await ready();
    await of((store) => store.requireTwoFactor({ selection: { kind: 'all' }, from: null }));
    await of((store) => store.issueByAdmin({ userId: alice, pairing: pairing('p1') }));
    const present = NOON / 30_000;
    const claim = (step: number) =>
      of(async (store) =>
        store.claimTimeStep({ claim: await claimOf(store, alice), rules: RULES, pairingId: 'p1', step, window: 1 }),
      );
    await claim(present + 1);
    const reused = { event: 'code.reused', ...{ user: 'alice', userId: alice, actor: 'root' } };
    expect(await claim(present)).toEqual([reused]);
    bench.current.setNow(NOON - 30_000);
    expect(await claim(present - 1)).toEqual([{ ...reused, detail: 'clock-behind' }]);
  });

  it('says that somebody signed in to the console, behind the grant', async () => {
    const { whole, of } = await ready();
    const grant = { event: 'login.granted', detail: 'password', console: true } as const;
    const proof = { by: 'password', twoFactorRequired: 'never' } as const;
    const claim = await claimOf(whole, alice);
    const self = { actor: 'alice', user: 'alice', userId: alice, detail: 'password' };
    expect(await of(() => whole.by({}).grant({ claim, proof, grant }))).toEqual([
      { event: 'login.granted', ...self },
      { event: 'console.signed-in', ...self },
    ]);
  });
}
