/**
 * Guessing, as the attacks go: other spellings of a name, a process killed before its answer, a victim locked out by a stranger. What the
 * store itself does about parallel guesses is in test/store-contract, the machine's part in test/core/login/session.test.ts.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { userCounter } from '../../src/core/lockout.ts';
import { timeStepAt } from '../../src/core/time-step.ts';
import { codeAt } from '../../src/core/totp.ts';
import { secretBytes } from '../support/authenticator.ts';
import { secretIn } from '../support/host-login.ts';
import { plainStore } from '../support/plain-store.ts';
import {
  ADMIN,
  doneOf,
  logOn,
  PASSWORD,
  type TemporaryFacility,
  temporaryFacility,
} from '../support/temporary-facility.ts';

vi.setConfig({ testTimeout: 120_000 });

const WRONG = 'wrong wrong wrong';
const SETTINGS = '2FA=Central:Ward LIVE\n';

/** Of the log-on with that name and password: `granted`, or the seconds to wait. */
async function tried(place: TemporaryFacility, user: string, password: string): Promise<number | 'granted'> {
  const done = doneOf(await logOn(place.converse({ user }), { password }));
  return done.outcome === 'granted' ? 'granted' : done.outcome === 'denied' ? (done.retryAfterSeconds ?? 0) : -1;
}

async function eventsOf(place: TemporaryFacility, user: string): Promise<readonly string[]> {
  const events: string[] = [];
  for await (const { event } of place.facility.trail.read({ user })) events.push(event);
  return events;
}

describe('another spelling of a name (C9)', () => {
  it('is the same user and the same counter: case, composed and decomposed, width, spaces', async () => {
    const place = await temporaryFacility('2FA=Auto:Ward LIVE\n[Login]\nAttempts=1\n');
    await place.addUser('Zoë Brandt');
    const spellings = ['ZOË BRANDT', 'zoe\u0308 brandt', ' Zoë  Brandt ', 'Ｚｏë Brandt', 'Zoë\u00a0Brandt'];
    const waits = [];
    for (const spelling of spellings) waits.push(await tried(place, spelling, WRONG));
    expect(waits).toEqual([0, 0, 0, 0, 30]);
    expect(await tried(place, 'zoë brandt', PASSWORD)).toBe(30);
    place.clock.advance(30_000);
    expect(await tried(place, 'ZOE\u0308 BRANDT', PASSWORD)).toBe('granted');
  });

  it('is the same counter for a name that nobody has', async () => {
    const place = await temporaryFacility('2FA=Auto:Ward LIVE\n[Login]\nAttempts=1\n');
    const waits = [];
    for (const spelling of ['Nobody', 'NOBODY', 'nobody ', 'Ｎobody', 'nobody'])
      waits.push(await tried(place, spelling, WRONG));
    expect(waits).toEqual([0, 0, 0, 0, 30]);
  });
});

describe('a gate that is killed before it answers (C7)', () => {
  async function killed(place: TemporaryFacility, ...words: readonly string[]): Promise<unknown> {
    const child = fork(
      join(import.meta.dirname, 'child/die-before-answering.ts'),
      [join(place.folder, 'config.ini'), ...words],
      {
        execArgv: [],
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    let said = '';
    child.stdout?.on('data', (text) => {
      said += text;
    });
    const [, signal] = await once(child, 'close');
    expect(said).toBe('');
    return signal;
  }

  it('has counted the wrong code: after the kills a right one is told to wait', async () => {
    const place = await temporaryFacility(`${SETTINGS}[Lockout]\nCodeFailures=2\n`);
    const { id } = await place.addUser('bob');
    await place.require('bob');
    const shown = await (await place.facility.directory()).showQr(ADMIN, id);
    if (shown.kind === 'refused') throw new Error(shown.text);
    for (let kills = 0; kills < 2; kills += 1) expect(await killed(place, 'bob', PASSWORD, '000000')).toBe('SIGKILL');
    place.clock.set(Date.now());
    const right = codeAt(secretBytes(secretIn(shown.uri)), timeStepAt(place.clock.now()));
    const late = doneOf(await logOn(place.converse({ user: 'bob' }), { password: PASSWORD, code: right }));
    expect(late).toMatchObject({ outcome: 'denied', retryAfterSeconds: expect.any(Number) });
  });

  it('has counted the wrong password, of a user and of a name that nobody has', async () => {
    const place = await temporaryFacility('2FA=Auto:Ward LIVE\n[Lockout]\nPasswordFailures=2\n');
    await place.addUser('bob');
    for (const name of ['bob', 'nobody']) {
      for (let kills = 0; kills < 2; kills += 1) expect(await killed(place, name, WRONG)).toBe('SIGKILL');
      place.clock.set(Date.now());
      expect(await tried(place, name, PASSWORD)).toBeGreaterThan(0);
    }
  });
});

describe('somebody who burns the budget of another (C12)', () => {
  it('makes them wait twice as long each time, 15 minutes at most, and never longer than one delay from the last', async () => {
    const place = await temporaryFacility('2FA=Auto:Ward LIVE\n[Login]\nAttempts=1\n');
    await place.addUser('alice');
    const waits = [];
    for (let failures = 0; failures < 12; failures += 1) {
      const wait = await tried(place, 'alice', WRONG);
      if (wait === 'granted') throw new Error('let in by a wrong password');
      waits.push(wait);
      // A hammering stranger adds nothing while the wait lasts.
      await tried(place, 'alice', WRONG);
      place.clock.advance(wait * 1000);
    }
    // While no wait is set, the stranger's second try counts as well.
    expect(waits).toEqual([0, 0, 30, 60, 120, 240, 480, 900, 900, 900, 900, 900]);
    expect(await tried(place, 'alice', PASSWORD)).toBe('granted');
    expect(await tried(place, 'alice', WRONG)).toBe(0);
  });

  it('is undone by an administrator, and both stand in the audit trail', async () => {
    const place = await temporaryFacility('2FA=Auto:Ward LIVE\n[Lockout]\nHardLimit=6\n');
    const { id } = await place.addUser('alice');
    for (let tries = 0; tries < 4; tries += 1) {
      await tried(place, 'alice', WRONG);
      place.clock.advance(900_000);
    }
    place.clock.advance(365 * 86_400_000);
    expect(await tried(place, 'alice', PASSWORD)).toBeGreaterThan(86_400);
    const directory = await place.facility.directory();
    await directory.unlockUser(ADMIN, id);
    expect(await tried(place, 'alice', PASSWORD)).toBe('granted');
    const events = await eventsOf(place, 'alice');
    expect(events.filter((event) => event === 'password.wrong')).toHaveLength(6);
    expect(events).toContain('password.locked');
    expect(events.slice(-2)).toEqual(['user.unlocked', 'login.granted']);
  });

  it('spends the budget for passwords alone: codes have their own', async () => {
    const place = await temporaryFacility(SETTINGS);
    const { id } = await place.addUser('bob');
    await place.require('bob');
    await (await place.facility.directory()).showQr(ADMIN, id);
    const counter = userCounter(id);
    const { lockout } = place.facility.config;
    for (let failures = 0; failures < 4; failures += 1) {
      await plainStore(place.facility.store).settlePassword({ counter, known: true, right: false, rules: lockout });
    }
    const codes = [];
    for (let failures = 0; failures < 5; failures += 1) {
      const claim = await plainStore(place.facility.store).consumeOneTimeCode({
        userId: id,
        codeId: null,
        rules: lockout,
      });
      codes.push(claim.kind === 'refused' ? claim.retryAfterSeconds : claim.kind);
    }
    expect(codes).toEqual([0, 0, 0, 0, 30]);
    const fifth = await plainStore(place.facility.store).settlePassword({
      counter,
      known: true,
      right: false,
      rules: lockout,
    });
    expect(fifth).toEqual({ kind: 'refused', retryAfterSeconds: 30 });
  });
});
