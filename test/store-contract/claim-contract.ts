/** What a login stands on, looked at again in each of its transactions (ACCEPTANCE C37), and what it records there (C36). */
import { expect, it } from 'vitest';
import type { AuditEvent } from '../../src/core/audit-event.ts';
import { Fault } from '../../src/core/errors.ts';
import { userCounter } from '../../src/core/lockout.ts';
import type { ClaimFailure, GrantProof, GrantRequest, LoginClaim, Store, User } from '../../src/core/ports.ts';
import type { Journal } from '../../src/core/store/recording-engine.ts';
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import { openSqlStore } from '../../src/core/store/sql-store.ts';
import { claimOf } from '../support/plain-store.ts';
import fc from '../support/properties.ts';
import type { Bench } from './bench.ts';
import { code, expiring, idOf, NOON, pairing, person, RULES } from './people.ts';
import { journalInto } from './record-contract.ts';
import { withBench } from './with-bench.ts';

export function claimContract(openBench: () => Promise<Bench>): void {
  const bench = withBench(openBench);
  const alice = idOf('alice');

  it('grants what still stands, and records it with the counters cleared, the time of the login and the code in one', async () => {
    const { store, recorded, claim } = await ready();
    const counter = userCounter(alice);
    const user = { id: alice, name: 'alice', disabled: false };
    await store.settlePassword({ counter, user, right: false, rules: RULES });
    recorded.length = 0;
    bench.current.setNow(NOON + 5000);
    const attempt = { claim, rules: RULES, pairingId: 'p1', window: 1 };
    expect(await store.claimTimeStep({ ...attempt, step: 7, grant: GRANTED })).toEqual({
      kind: 'claimed',
      granted: true,
    });
    expect(recorded).toEqual([
      { event: 'pairing.confirmed', ...ALICE },
      { ...GRANTED, ...ALICE },
    ]);
    expect(await store.userById(alice)).toMatchObject({ lastLoginAt: NOON + 5000, twoFactor: { state: 'paired' } });
    // The budget is whole again.
    for (let failure = 0; failure < 4; failure += 1) {
      const settled = await store.settlePassword({ counter, user, right: false, rules: RULES });
      expect(settled).toEqual({ kind: 'refused', retryAfterSeconds: 0 });
    }
  });

  it('uses a code up without a grant where more is asked, and leaves the counters to the grant', async () => {
    const { store, recorded, claim } = await ready();
    const attempt = { claim, rules: RULES, pairingId: 'p1', window: 1 };
    for (let failure = 0; failure < 4; failure += 1) await store.claimTimeStep({ ...attempt, step: null });
    expect(await store.claimTimeStep({ ...attempt, step: 7 })).toEqual({ kind: 'claimed', granted: false });
    expect(recorded.at(-1)).toMatchObject({ event: 'pairing.confirmed' });
    expect(await store.userById(alice)).toMatchObject({ lastLoginAt: null });
    // The fifth in a row.
    expect(await store.claimTimeStep({ ...attempt, step: null })).toEqual({ kind: 'refused', retryAfterSeconds: 30 });
    expect(await store.grant(request(claim))).toEqual({ kind: 'granted' });
    expect(recorded.at(-1)).toEqual({ ...GRANTED, ...ALICE });
    expect(await store.claimTimeStep({ ...attempt, step: null })).toEqual({ kind: 'refused', retryAfterSeconds: 0 });
  });

  type Changes = { readonly [Why in ClaimFailure]?: (ready: Ready) => Promise<unknown> };
  const VOID: Changes = {
    'user-removed': ({ admin }) => admin.removeUser(alice),
    'user-disabled': ({ admin }) => admin.editUser({ id: alice, changes: { disabled: true } }),
    'password-changed': ({ admin }) => admin.editUser({ id: alice, changes: { passwordHash: 'another' } }),
    'password-expired': async ({ admin }) => {
      await admin.editUser({ id: alice, changes: { passwordExpiresAt: NOON + 1 } });
      bench.current.setNow(NOON + 1);
    },
    'facility-restored': ({ engine }) => engine.write((tx) => tx.run("UPDATE facility SET epoch = 'restored'")),
  };

  it.each(Object.entries(VOID))('does nothing more for a login after: %s', async (why, change) => {
    const prepared = await ready({ role: 'helpdesk', roles: ['helpdesk'] });
    const { store, recorded, claim } = prepared;
    await store.claimTimeStep({ claim, rules: RULES, pairingId: 'p1', window: 1, step: 7 });
    await change(prepared);
    recorded.length = 0;
    const gone = { kind: 'void', why };
    const attempt = { claim, rules: RULES, grant: GRANTED };
    expect(await store.grant(request(claim))).toEqual(gone);
    expect(await store.grant({ ...request(claim), newPasswordHash: 'mine' })).toEqual(gone);
    expect(await store.claimTimeStep({ ...attempt, pairingId: 'p1', window: 1, step: 8 })).toEqual(gone);
    expect(await store.claimTimeStep({ ...attempt, pairingId: 'p1', window: 1, step: null })).toEqual(gone);
    expect(await store.consumeRecoveryCode({ ...attempt, codeId: 'r1' })).toEqual(gone);
    expect(await store.consumeOneTimeCode({ ...attempt, codeId: 'o1' })).toEqual(gone);
    expect(await store.keepRecoveryCodes({ claim, codes: [code('mine')] })).toEqual(gone);
    expect(await store.issuePairing({ claim, rules: RULES, seen: 'p1', pairing: expiring('mine') })).toEqual(gone);
    expect(recorded).toEqual([]);
    expect((await store.recoveryCodes(alice)).map(({ id }) => id)).not.toContain('mine');
    expect((await store.userById(alice))?.passwordHash).not.toBe('mine');
  });

  it('lets in where a role is needed those who have it when they are let in, and no others', async () => {
    const { store, admin, claim } = await ready({ role: 'helpdesk', roles: ['helpdesk'] });
    const attempt = { claim, rules: RULES, pairingId: 'p1', window: 1 };
    await store.claimTimeStep({ ...attempt, step: 7 });
    await admin.editUser({ id: alice, changes: { role: 'user' } });
    const refused = { kind: 'void', why: 'role-not-allowed' };
    expect(await store.grant(request(claim))).toEqual(refused);
    // A wrong code is counted all the same, and a right one used up.
    expect(await store.claimTimeStep({ ...attempt, step: null, grant: GRANTED })).toMatchObject({ kind: 'refused' });
    expect(await store.claimTimeStep({ ...attempt, step: 8, grant: GRANTED })).toEqual(refused);
    await admin.editUser({ id: alice, changes: { role: 'helpdesk' } });
    expect(await store.claimTimeStep({ ...attempt, step: 8, grant: GRANTED })).toMatchObject({ kind: 'already-used' });
    expect(await store.grant({ ...request(claim), grant: { ...GRANTED, console: true } })).toEqual({ kind: 'granted' });
  });

  it('goes on with a login whose user was edited, and whose password got a better hash', async () => {
    const { store, admin, claim } = await ready();
    await store.claimTimeStep({ claim, rules: RULES, pairingId: 'p1', window: 1, step: 7 });
    await admin.editUser({ id: alice, changes: { display: 'Alice', group: 'elsewhere' } });
    await store.rehashPassword({ userId: alice, from: 'hash of alice', to: 'better' });
    expect(await store.grant(request(claim))).toEqual({ kind: 'granted' });
  });

  it('grants no forced change of a password without it, and changes it with the grant', async () => {
    const { store, admin, recorded, claim } = await ready();
    await store.claimTimeStep({ claim, rules: RULES, pairingId: 'p1', window: 1, step: 7 });
    await admin.editUser({ id: alice, changes: { mustChangePassword: true } });
    expect(await store.grant(request(claim))).toEqual({ kind: 'void', why: 'must-change-password' });
    expect(
      await store.claimTimeStep({ claim, rules: RULES, pairingId: 'p1', window: 1, step: 8, grant: GRANTED }),
    ).toEqual({
      kind: 'claimed',
      granted: false,
    });
    recorded.length = 0;
    expect(await store.grant({ ...request(claim), newPasswordHash: 'mine' })).toEqual({ kind: 'granted' });
    expect(recorded).toEqual([
      { event: 'password.changed', ...ALICE },
      { ...GRANTED, ...ALICE },
    ]);
    expect(await store.userById(alice)).toMatchObject({ passwordHash: 'mine', mustChangePassword: false });
    // A host with passwords of its own is asked for none.
    await admin.editUser({ id: alice, changes: { mustChangePassword: true } });
    expect(await store.grant(request({ ...claim, passwordVersion: null }))).toEqual({ kind: 'granted' });
  });

  const changed = { kind: 'void', why: 'two-factor-changed' };
  it.each<GrantProof>([
    { by: 'time-step', pairingId: 'p1' },
    { by: 'recovery-code', pairingId: 'p1' },
    { by: 'one-time-code', requiredAt: NOON },
  ])('does not grant by a second factor that was deactivated, required again or paired anew: $by', async (proof) => {
    const { store, admin, claim } = await ready();
    await store.claimTimeStep({ claim, rules: RULES, pairingId: 'p1', window: 1, step: 7 });
    expect(await store.grant({ ...request(claim), proof })).toEqual({ kind: 'granted' });
    await admin.deactivate(alice);
    expect(await store.grant({ ...request(claim), proof })).toEqual(changed);
    bench.current.setNow(NOON + 1000);
    await admin.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    expect(await store.grant({ ...request(claim), proof })).toEqual(changed);
    await admin.issueByAdmin({ userId: alice, pairing: pairing('p2') });
    await store.claimTimeStep({ claim, rules: RULES, pairingId: 'p2', window: 1, step: 9 });
    expect(await store.grant({ ...request(claim), proof })).toEqual(changed);
  });

  it('does not grant by password alone what needs a code by now', async () => {
    const { store, admin } = await ready();
    await admin.addUsers([person('bob')]);
    const claim = await claimOf(store, idOf('bob'));
    const alone = (twoFactorRequired: 'never' | 'by-user') =>
      store.grant({ ...request(claim), proof: { by: 'password', twoFactorRequired } });
    expect(await alone('by-user')).toEqual({ kind: 'granted' });
    await admin.requireTwoFactor({ selection: { kind: 'all' }, from: NOON + 1000 });
    expect(await alone('by-user')).toEqual({ kind: 'granted' });
    bench.current.setNow(NOON + 1000);
    expect(await alone('by-user')).toEqual(changed);
    expect(await alone('never')).toEqual({ kind: 'granted' });
  });

  it('never grants after a revocation that was committed before it, in any order of both', async () => {
    const { store, admin, engine } = await ready();
    const revocations = ['disable', 'password', 'deactivate', 'restore'] as const;
    type Step = 'begin' | 'claim' | 'grant' | (typeof revocations)[number] | 'edit';
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom<Step>('claim', 'grant') },
      { weight: 1, arbitrary: fc.constantFrom<Step>('begin', 'edit', ...revocations) },
    );
    const steps = fc.array(step, { minLength: 3, maxLength: 12 });
    let grants = 0;
    let number = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        number += 1;
        const name = `user-${number}`;
        const id = idOf(name);
        await admin.addUsers([person(name)]);
        await admin.requireTwoFactor({ selection: { kind: 'users', ids: [id] }, from: null });
        await admin.issueByAdmin({ userId: id, pairing: pairing(`p-${name}`) });
        let claim = await claimOf(store, id);
        let revoked = false;
        let claimed = false;
        let at = 1;
        for (const step of ['begin', ...sequence] as const) {
          switch (step) {
            case 'begin':
              claim = await claimOf(store, id);
              revoked = (await store.userById(id))?.disabled ?? true;
              claimed = false;
              break;
            case 'claim': {
              at += 1;
              const attempt = { claim, rules: RULES, pairingId: `p-${name}`, window: 1, step: at };
              const outcome = await store.claimTimeStep(attempt);
              if (outcome.kind === 'claimed') {
                expect(revoked).toBe(false);
                claimed = true;
              }
              break;
            }
            case 'grant': {
              const proof = { by: 'time-step', pairingId: `p-${name}` } as const;
              const { kind } = await store.grant({ ...request(claim), proof });
              if (kind === 'granted') {
                grants += 1;
                expect(revoked).toBe(false);
              } else if (claimed) expect(revoked).toBe(true);
              break;
            }
            case 'disable':
              await admin.editUser({ id, changes: { disabled: true } });
              revoked = true;
              break;
            case 'password':
              await admin.editUser({ id, changes: { passwordHash: `another ${at}` } });
              revoked = true;
              break;
            case 'deactivate':
              await admin.deactivate(id);
              revoked = true;
              claimed = false;
              break;
            case 'restore':
              await engine.write((tx) => tx.run('UPDATE facility SET epoch = ?', [`epoch ${number} ${at}`]));
              revoked = true;
              break;
            case 'edit':
              await admin.editUser({ id, changes: { display: `edit ${at}` } });
              break;
          }
        }
      }),
      { numRuns: 30 },
    );
    expect(grants).toBeGreaterThan(0);
  });

  it('makes no change that cannot be recorded, and none that is not', async () => {
    const { admin, engine, claim, recorded } = await ready();
    await admin.replaceRecoveryCodes({ userId: alice, codes: [] });
    const mute = (await openSqlStore(await bench.current.open(), failingJournal)).by({ actor: 'root' });
    const before = await rowsOf(engine);
    const attempt = { claim, rules: RULES, grant: GRANTED };
    const user = { id: alice, name: 'alice', disabled: false };
    const writes: Readonly<Record<string, () => Promise<unknown>>> = {
      addUsers: () => mute.addUsers([person('new')]),
      editUser: () => mute.editUser({ id: alice, changes: { role: 'auditor' } }),
      removeUser: () => mute.removeUser(alice),
      unlock: () => mute.unlock(alice),
      requireTwoFactor: () => mute.requireTwoFactor({ selection: { kind: 'users', ids: [idOf('off')] }, from: null }),
      issueByAdmin: () => mute.issueByAdmin({ userId: alice, pairing: pairing('p2') }),
      issueMany: () => mute.issueMany([{ userId: idOf('off'), pairing: pairing('p3') }], 'elsewhere'),
      deactivate: () => mute.deactivate(alice),
      putOneTimeCode: () => mute.putOneTimeCode({ userId: alice, code: code('o9') }),
      settlePassword: () => mute.settlePassword({ counter: userCounter(alice), user, right: false, rules: RULES }),
      claimTimeStep: () => mute.claimTimeStep({ ...attempt, pairingId: 'p1', window: 1, step: 7 }),
      wrongTimeStep: () => mute.claimTimeStep({ ...attempt, pairingId: 'p1', window: 1, step: null }),
      consumeOneTimeCode: () => mute.consumeOneTimeCode({ ...attempt, codeId: 'o1' }),
    };
    for (const [what, write] of Object.entries(writes)) {
      await expect(write(), what).rejects.toMatchObject({ code: 'unavailable' });
      expect(await rowsOf(engine), what).toEqual(before);
    }
    // And with a journal, each of them records.
    const store = (await openSqlStore(await bench.current.open(), journalInto(recorded))).by({ actor: 'root' });
    recorded.length = 0;
    await store.editUser({ id: alice, changes: { role: 'auditor' } });
    await store.unlock(alice);
    await store.removeUser(alice);
    expect(recorded.map(({ event, actor, userId }) => [event, actor, userId])).toEqual([
      ['user.edited', 'root', alice],
      ['user.unlocked', 'root', alice],
      ['user.removed', 'root', alice],
    ]);
  });

  it('counts answers while locked, and records the first of them alone', async () => {
    const { store, recorded } = await ready();
    const attempt = { counter: userCounter(alice), user: { id: alice, name: 'alice', disabled: false }, rules: RULES };
    for (let failure = 0; failure < 5; failure += 1) await store.settlePassword({ ...attempt, right: false });
    recorded.length = 0;
    for (let answer = 0; answer < 50; answer += 1) await store.settlePassword({ ...attempt, right: answer % 2 === 0 });
    expect(recorded.map(({ event }) => event)).toEqual(['password.locked']);
    bench.current.setNow(NOON + 30_000);
    await store.settlePassword({ ...attempt, right: false });
    expect(recorded.at(-1)).toMatchObject({ event: 'password.wrong', lockedAnswers: 49 });
  });

  it('issues no secret at a login while codes are locked, and a grant by password says nothing of that lock', async () => {
    const { store, admin, recorded } = await ready();
    await admin.addUsers([person('bob')]);
    await admin.requireTwoFactor({ selection: { kind: 'users', ids: [idOf('bob')] }, from: NOON + 1_000_000 });
    const claim = await claimOf(store, idOf('bob'));
    const attempt = { claim, rules: RULES, codeId: null };
    for (let failure = 0; failure < 5; failure += 1) await store.consumeOneTimeCode(attempt);
    for (let answer = 0; answer < 3; answer += 1) {
      const issued = await store.issuePairing({ claim, rules: RULES, seen: null, pairing: expiring('p-bob') });
      expect(issued).toEqual({ kind: 'locked', retryAfterSeconds: 30 });
    }
    expect((await store.userById(idOf('bob')))?.twoFactor.pairing).toBeNull();
    const later = { ...request(claim), proof: { by: 'password', twoFactorRequired: 'by-user' } } as const;
    expect(await store.grant(later)).toEqual({ kind: 'granted' });
    expect(recorded.at(-1)).not.toHaveProperty('lockedAnswers');
  });

  type Ready = {
    readonly engine: SqlEngine;
    readonly store: ReturnType<Store['by']>;
    readonly admin: ReturnType<Store['by']>;
    readonly recorded: AuditEvent[];
    readonly claim: LoginClaim;
  };

  /** Alice has a secret, one recovery code and a one-time code; `off` has nothing. */
  async function ready(more: Partial<Pick<User, 'role'>> & Pick<LoginClaim, 'roles'> = {}): Promise<Ready> {
    const engine = await bench.current.open();
    const recorded: AuditEvent[] = [];
    const whole = await openSqlStore(engine, journalInto(recorded));
    const admin = whole.by({ actor: 'root' });
    await admin.addUsers([
      person('admin', { role: 'admin' }),
      person('alice', { role: more.role ?? 'user' }),
      person('off'),
    ]);
    await admin.requireTwoFactor({ selection: { kind: 'users', ids: [alice] }, from: null });
    await admin.issueByAdmin({ userId: alice, pairing: pairing('p1') });
    await admin.putOneTimeCode({ userId: alice, code: code('o1') });
    recorded.length = 0;
    const claim = { ...(await claimOf(whole, alice)), ...(more.roles === undefined ? {} : { roles: more.roles }) };
    return { engine, store: whole.by({}), admin, recorded, claim };
  }
}

const GRANTED = { event: 'login.granted', detail: 'password+totp' } as const;
const ALICE = { actor: 'alice', user: 'alice', userId: idOf('alice') };

function request(claim: LoginClaim): GrantRequest {
  return { claim, proof: { by: 'time-step', pairingId: 'p1' }, grant: GRANTED };
}

const failingJournal: Journal = {
  append: () => Promise.reject(new Fault('unavailable', 'The audit trail cannot be written.')),
  committed: async () => undefined,
  aside: (_event, thrown) => Promise.reject(thrown),
};

async function rowsOf(engine: SqlEngine): Promise<unknown> {
  return engine.read(async (tx) => [
    await tx.all('SELECT * FROM users ORDER BY id'),
    await tx.all('SELECT * FROM failures ORDER BY counter, factor'),
    await tx.all('SELECT * FROM one_time_codes ORDER BY user_id'),
    await tx.all('SELECT * FROM recovery_codes ORDER BY user_id, code_id'),
  ]);
}
