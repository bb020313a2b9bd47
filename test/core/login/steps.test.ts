/** Steps of a login where something is no longer as it was when the login began, and what the trail says of each. */
import { describe, expect, it, vi } from 'vitest';
import { Fault } from '../../../src/core/errors.ts';
import { beginLogin, type LoginOptions } from '../../../src/core/login/begin-login.ts';
import type { Conversation, Message } from '../../../src/core/login/message.ts';
import type { LoginDeps } from '../../../src/core/login/world.ts';
import { PERIOD_SECONDS, timeStepAt } from '../../../src/core/time-step.ts';
import { codeAt } from '../../../src/core/totp.ts';
import { loginDeps } from '../../../src/gate/login-world.ts';
import { secretBytes } from '../../support/authenticator.ts';
import { claimOf } from '../../support/plain-store.ts';
import { ADMIN, doneOf, logOn, noticesOf, PASSWORD } from '../../support/temporary-facility.ts';
import { type DirectoryBench, directoryBench, granted } from '../directory/bench.ts';

const DAY = 86_400_000;

type Bench = DirectoryBench & {
  readonly id: Awaited<ReturnType<DirectoryBench['user']>>['id'];
  /** A login with other parts than those of the facility. */
  begin(options?: LoginOptions, parts?: Partial<LoginDeps>): Conversation;
  /** What was recorded since the last call. */
  news(): Promise<readonly string[]>;
};

async function withAlice(settings = '2FA=Auto:Ward LIVE\n'): Promise<Bench> {
  const bench = await directoryBench(settings);
  const { id } = await bench.addUser('alice');
  let seen = 0;
  return {
    ...bench,
    id,
    begin: (options = {}, parts = {}) => beginLogin({ ...loginDeps(bench.facility), ...parts }, options),
    async news() {
      const all = await bench.trail();
      const fresh = all.slice(seen);
      seen = all.length;
      return fresh;
    },
  };
}

/** With a phone; the code that it shows. */
async function withPhone(settings?: string) {
  const bench = await withAlice(settings);
  await bench.require('alice');
  const { uri } = granted(await bench.directory.showQr(ADMIN, bench.id));
  const secret = secretBytes(new URL(uri).searchParams.get('secret') ?? '');
  const code = (stepsAhead = 0) => codeAt(secret, timeStepAt(bench.clock.now()) + stepsAhead);
  const pair = async () => {
    expect(doneOf(await logOn(bench.begin(), { ...ALICE, code }))).toMatchObject({ outcome: 'granted' });
    bench.clock.advance(2 * PERIOD_SECONDS * 1000);
    await bench.news();
  };
  return { ...bench, code, pair };
}

const ALICE = { username: 'alice', password: PASSWORD };
const denied = { outcome: 'denied', reason: 'login-incorrect' };

/** Starts, and answers the first questions in order. */
async function talk(conversation: Conversation, values: readonly string[]): Promise<readonly Message[]> {
  let reply = await conversation.start();
  for (const [index, value] of values.entries()) reply = await conversation.answer(index + 1, value);
  return reply;
}

describe('a code', () => {
  it('of a user who was removed meanwhile, and of another one who has the name by now, is worth nothing', async () => {
    const bench = await withPhone();
    await bench.addUser('admin');
    for (const again of [false, true]) {
      const conversation = bench.begin();
      await talk(conversation, ['alice', PASSWORD]);
      const { id } = await bench.user('alice');
      granted(await bench.directory.removeUser(ADMIN, id));
      if (again) await bench.addUser('alice');
      await bench.news();
      const said = await conversation.answer(3, bench.code());
      expect(doneOf(said)).toMatchObject(denied);
      expect(await bench.news()).toEqual(['login.denied alice user-removed']);
      if (!again) await bench.addUser('alice').then(() => bench.require('alice'));
    }
  });

  it('is one record with the grant, and two where a new password comes between; each says how the clocks differ', async () => {
    const bench = await withPhone();
    await bench.pair();
    const { trail } = bench.facility;
    const last = async () => {
      let stepsOff: number | undefined;
      for await (const record of trail.read({ limit: 1 })) stepsOff = record.stepsOff;
      return stepsOff;
    };
    await logOn(bench.begin(), { ...ALICE, code: () => bench.code(-1) });
    expect(await bench.news()).toEqual(['login.granted alice password+totp']);
    expect(await last()).toBe(-1);
    bench.clock.advance(60_000);
    await logOn(bench.begin(), { ...ALICE, code: () => bench.code() });
    expect(await last()).toBe(0);
    granted(await bench.directory.editUser(ADMIN, { id: bench.id, changes: { mustChangePassword: true } }));
    bench.clock.advance(60_000);
    await bench.news();
    const fresh = 'tulip cannot sing';
    const answers = { ...ALICE, code: () => bench.code(-1), 'new-password': fresh, 'repeat-password': fresh };
    expect(doneOf(await logOn(bench.begin(), answers))).toMatchObject({ outcome: 'granted' });
    expect(await bench.news()).toEqual([
      'code.accepted alice',
      'password.changed alice',
      'login.granted alice password+totp',
    ]);
    expect(await last()).toBe(-1);
  });
});

describe('setting a phone up, chosen when it is no longer', () => {
  /** At the question whether now or later. */
  async function offered() {
    const bench = await withAlice();
    const selection = { kind: 'users', ids: [bench.id] } as const;
    granted(await bench.directory.requireTwoFactor(ADMIN, { selection, from: bench.clock.now() + 5 * DAY }));
    const conversation = bench.begin();
    expect((await talk(conversation, ['alice', PASSWORD])).at(-1)).toMatchObject({ options: ['pair', 'later'] });
    await bench.news();
    return { ...bench, choose: async () => doneOf(await conversation.answer(3, 'pair')) };
  }

  it('the same user: removed, or disabled', async () => {
    const one = await offered();
    await one.addUser('admin');
    granted(await one.directory.removeUser(ADMIN, one.id));
    await one.news();
    expect(await one.choose()).toMatchObject(denied);
    expect(await one.news()).toEqual(['login.denied alice user-removed']);
    const other = await offered();
    granted(await other.directory.disableUser(ADMIN, other.id));
    await other.news();
    expect(await other.choose()).toMatchObject(denied);
    expect(await other.news()).toEqual(['login.denied alice user-disabled']);
  });

  it('to be done: an administrator has shown a QR code', async () => {
    const bench = await offered();
    granted(await bench.directory.showQr(ADMIN, bench.id));
    await bench.news();
    expect(await bench.choose()).toMatchObject(denied);
    expect(await bench.news()).toEqual(['login.denied alice two-factor-changed']);
  });

  it('allowed: somebody guessed at codes', async () => {
    const bench = await offered();
    const { store, config } = bench.facility;
    const claim = await claimOf(store, bench.id);
    for (let wrong = 0; wrong < config.lockout.codeFailures; wrong += 1) {
      await store.by({}).consumeOneTimeCode({ claim, rules: config.lockout, codeId: null });
    }
    await bench.news();
    expect(await bench.choose()).toMatchObject({ ...denied, retryAfterSeconds: config.lockout.firstDelaySeconds });
    expect(await bench.news()).toEqual(['code.locked alice']);
  });

  it('needed for recovery codes: two-factor was deactivated', async () => {
    const bench = await withPhone();
    const conversation = bench.begin({ recoveryCodes: 'offered' });
    await talk(conversation, ['alice', PASSWORD]);
    const paired = await conversation.answer(3, bench.code());
    expect(paired.at(-1)).toMatchObject({ options: ['show', 'skip'] });
    granted(await bench.directory.deactivate(ADMIN, bench.id));
    const said = await conversation.answer(4, 'show');
    expect(doneOf(said)).toMatchObject(denied);
    expect(noticesOf(said)).toEqual([expect.stringContaining('QR code')]);
    expect(said.some((message) => 'codes' in message)).toBe(false);
  });
});

describe('the end of a login', () => {
  it('is in the trail with its reason, whatever it is', async () => {
    const bench = await withAlice('2FA=Central:Ward LIVE\n');
    await bench.require('alice');
    await bench.news();
    await logOn(bench.begin(), ALICE);
    await logOn(bench.begin(), { username: 'alice' });
    const broken = { isBlocked: () => Promise.reject(new Error('broken')), verifyPassword: undefined };
    const open: LoginDeps['hasher'] = {
      ...bench.facility.hasher,
      verify: () => Promise.reject(new Fault('busy', 'x')),
    };
    const said = await logOn(bench.begin({}, { ...broken, hasher: open }), ALICE);
    expect(doneOf(said)).toMatchObject({ outcome: 'unavailable', reason: 'busy' });
    const late = bench.begin();
    await late.start();
    await late.timeOut();
    expect(await bench.news()).toEqual([
      'login.denied alice administrator',
      'login.cancelled',
      'login.unavailable busy',
      'login.denied timed-out',
    ]);
  });

  it('stands where it cannot be written down, and nobody is let in where anything else breaks', async () => {
    const bench = await withPhone();
    const { store } = loginDeps(bench.facility);
    const failing = (parts: Partial<ReturnType<LoginDeps['store']['by']>>): Partial<LoginDeps> => ({
      store: { ...store, by: (who) => ({ ...store.by(who), ...parts }) },
    });
    const away = () => Promise.reject(new Fault('unavailable', 'away'));
    const mute = bench.begin({}, failing({ record: away }));
    await mute.start();
    expect(doneOf(await mute.timeOut())).toMatchObject({ outcome: 'denied', reason: 'timed-out' });
    const answers = { ...ALICE, code: () => bench.code() };
    for (const parts of [{ settlePassword: away }, { claimTimeStep: away }]) {
      const said = await logOn(bench.begin({}, failing(parts)), answers);
      expect(doneOf(said)).toMatchObject({ outcome: 'unavailable', reason: 'unavailable' });
    }
  });

  it('is the answer to whatever comes after it', async () => {
    const bench = await withAlice();
    const conversation = bench.begin({ nonce: 'n1' });
    await conversation.start();
    const done = (await conversation.cancel()).at(-1);
    expect(done).toMatchObject({ outcome: 'cancelled', nonce: 'n1' });
    expect(await conversation.answer(1, 'alice')).toEqual([done]);
    expect(await conversation.inputEnded()).toEqual([done]);
  });

  it('comes by the time that has passed as well, and later for a phone that is set up', async () => {
    const bench = await withAlice('2FA=Auto:Ward LIVE\n[Login]\nTimeoutSeconds=60\n');
    await bench.require('alice');
    const begun = performance.now();
    const passed = vi.spyOn(performance, 'now').mockReturnValue(begun);
    try {
      const conversation = bench.begin();
      expect((await talk(conversation, ['alice', PASSWORD]))[0]?.type).toBe('pair');
      passed.mockReturnValue(begun + 14 * 60_000);
      expect((await conversation.answer(3, '000000')).at(-1)).toMatchObject({ type: 'ask', field: 'code' });
      passed.mockReturnValue(begun + 15 * 60_000);
      expect(doneOf(await conversation.answer(4, '000000'))).toMatchObject({ reason: 'timed-out' });
      const slow = bench.begin();
      await slow.start();
      passed.mockReturnValue(begun + 16 * 60_000);
      expect(doneOf(await slow.answer(1, 'alice'))).toMatchObject({ reason: 'timed-out' });
    } finally {
      passed.mockRestore();
    }
  });
});

describe('a login that a host vouches for', () => {
  it('is denied, and recorded with the name that is known, for a disabled user and for none', async () => {
    const bench = await withAlice();
    granted(await bench.directory.disableUser(ADMIN, bench.id));
    await bench.news();
    const host = { password: 'checked-by-host' } as const;
    expect(doneOf(await bench.begin({ user: 'alice', ...host }).start())).toMatchObject(denied);
    expect(doneOf(await bench.begin({ user: 'nobody', ...host }).start())).toMatchObject(denied);
    expect(await bench.news()).toEqual(['login.denied alice disabled', 'login.denied unknown-user']);
  });
});

describe('a login to the console', () => {
  it('is for users with a role, and a sign-in is recorded as one', async () => {
    const bench = await withPhone();
    await bench.pair();
    const login = async (console: 'sign-in' | 'step-up') => {
      bench.clock.advance(60_000);
      const said = await logOn(bench.begin({ console }), { ...ALICE, code: () => bench.code() });
      return { outcome: doneOf(said).outcome, notices: noticesOf(said), news: await bench.news() };
    };
    expect(await login('sign-in')).toMatchObject({
      outcome: 'denied',
      notices: [expect.stringContaining('console')],
      news: ['code.accepted alice', 'login.denied alice role-not-allowed'],
    });
    await bench.addUser('admin');
    granted(await bench.directory.editUser(ADMIN, { id: bench.id, changes: { role: 'auditor' } }));
    await bench.news();
    const grant = 'login.granted alice password+totp';
    expect(await login('sign-in')).toMatchObject({
      outcome: 'granted',
      news: [grant, 'console.signed-in alice password+totp'],
    });
    expect(await login('step-up')).toMatchObject({ outcome: 'granted', news: [grant] });
  });
});

describe('passwords that somebody guesses at', () => {
  it('are counted for the user, whom an administrator can unlock', async () => {
    const bench = await withAlice();
    for (let guess = 0; guess < 3; guess += 1) await logOn(bench.begin(), { ...ALICE, password: 'wrong' });
    expect(doneOf(await logOn(bench.begin(), ALICE))).toMatchObject(denied);
    granted(await bench.directory.unlockUser(ADMIN, bench.id));
    expect(doneOf(await logOn(bench.begin(), ALICE))).toMatchObject({ outcome: 'granted' });
  });
});

describe('a hash that is weaker than config.ini says', () => {
  it('is replaced by the next right password, and by no other', async () => {
    const bench = await withAlice();
    const hashNow = async () => (await bench.user('alice')).passwordHash;
    const before = await hashNow();
    const weak = { hasher: { ...bench.facility.hasher, needsRehash: () => true } };
    await logOn(bench.begin(), ALICE);
    await logOn(bench.begin({}, weak), { ...ALICE, password: 'wrong wrong wrong' });
    await logOn(bench.begin({}, { ...weak, verifyPassword: async () => true }), ALICE);
    expect(await hashNow()).toBe(before);
    await logOn(bench.begin({}, weak), ALICE);
    expect(await hashNow()).not.toBe(before);
    expect(doneOf(await logOn(bench.begin(), ALICE)).outcome).toBe('granted');
  });
});
