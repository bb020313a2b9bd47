/** The login over the real store, keys and audit trail; oathtool's part (another authenticator) is played by otplib's code of the key URI. */
import { describe, expect, it } from 'vitest';
import { beginLogin } from '../../../src/core/login/begin-login.ts';
import type { Conversation, Message, Pair } from '../../../src/core/login/message.ts';
import { PERIOD_SECONDS, timeStepAt } from '../../../src/core/time-step.ts';
import { codeAt } from '../../../src/core/totp.ts';
import { loginDeps } from '../../../src/gate/login-world.ts';
import {
  ADMIN,
  type Answers,
  doneOf,
  logOn,
  noticesOf,
  PASSWORD,
  type TemporaryFacility,
  temporaryFacility,
} from '../../support/temporary-facility.ts';
import { recordsOf } from '../../support/trail-records.ts';

const STEP_MS = PERIOD_SECONDS * 1000;
const wrongPassword: Answers = { username: 'alice', password: 'wrong wrong wrong' };

function secretOf(uri: string): Uint8Array {
  const key = new URL(uri).searchParams.get('secret') ?? '';
  const bits = [...key].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  return Uint8Array.from(bits.join('').match(/.{8}/g) ?? [], (octet) => Number.parseInt(octet, 2));
}

function code(place: TemporaryFacility, uri: string, stepsAhead = 0): string {
  return codeAt(secretOf(uri), timeStepAt(place.clock.now()) + stepsAhead);
}

function pairOf(said: readonly Message[]): Pair {
  const pair = said.find((message): message is Pair => message.type === 'pair');
  if (pair === undefined) throw new Error('no QR code was shown');
  return pair;
}

/** Logs alice on for the first time; the URI that her phone scanned. */
async function pairAlice(place: TemporaryFacility): Promise<string> {
  const conversation = place.converse();
  const said = [...(await talk(conversation, ['alice', PASSWORD]))];
  const { uri } = pairOf(said);
  said.push(...(await conversation.answer(3, code(place, uri))));
  expect(doneOf(said)).toMatchObject({ outcome: 'granted', method: 'password+totp', paired: true });
  return uri;
}

/** Starts, and answers the first questions in order. */
async function talk(conversation: Conversation, values: readonly string[]): Promise<readonly Message[]> {
  let reply = await conversation.start();
  for (const value of values) {
    const ask = reply.at(-1);
    if (ask?.type !== 'ask') throw new Error(`no question is open: ${JSON.stringify(reply)}`);
    reply = await conversation.answer(ask.id, value);
  }
  return reply;
}

async function auditText(place: TemporaryFacility): Promise<string> {
  return (await recordsOf(place.facility.trail)).map((record) => JSON.stringify(record)).join('\n');
}

async function withAlice(settings?: string, more?: string): Promise<TemporaryFacility> {
  const place = await temporaryFacility(settings, more);
  await place.addUser('alice');
  await place.require('alice');
  return place;
}

describe('auto mode', () => {
  it('pairs a phone at the first log-on, and asks for its code from then on', async () => {
    const place = await withAlice();
    const uri = await pairAlice(place);
    expect(uri).toMatch(/^otpauth:\/\/totp\/Ward%20LIVE:alice\?secret=[A-Z2-7]{32}&issuer=Ward%20LIVE$/);
    place.clock.advance(STEP_MS);
    const said = await logOn(place.converse(), { username: 'alice', password: PASSWORD, code: () => code(place, uri) });
    expect(doneOf(said)).toMatchObject({ outcome: 'granted', user: 'alice', method: 'password+totp', paired: true });
    expect(said.some((message) => message.type === 'pair')).toBe(false);
  });

  it('refuses a code that was accepted, and takes the next one', async () => {
    const place = await withAlice();
    const uri = await pairAlice(place);
    const used = code(place, uri);
    const again = await logOn(place.converse(), { username: 'alice', password: PASSWORD, code: used });
    expect(doneOf(again).outcome).toBe('denied');
    expect(noticesOf(again)).toContainEqual(expect.stringContaining('used already'));
    expect(await auditText(place)).toContain('code.reused');
    place.clock.advance(STEP_MS);
    const next = await logOn(place.converse(), { username: 'alice', password: PASSWORD, code: () => code(place, uri) });
    expect(doneOf(next).outcome).toBe('granted');
  });

  it('lets an unconfirmed secret die with the next log-on', async () => {
    const place = await withAlice();
    const first = pairOf(await talk(place.converse(), ['alice', PASSWORD]));
    const conversation = place.converse();
    const second = pairOf(await talk(conversation, ['alice', PASSWORD]));
    expect(second.uri).not.toBe(first.uri);
    const early = await conversation.answer(3, code(place, first.uri));
    expect(early.at(-1)).toMatchObject({ type: 'ask', field: 'code' });
    const late = await conversation.answer(4, code(place, second.uri));
    expect(doneOf(late).outcome).toBe('granted');
  });

  it('lets one of two pairings at once win, and only with the secret that the store holds', async () => {
    const place = await withAlice();
    const one = place.converse();
    const first = pairOf(await talk(one, ['alice', PASSWORD]));
    const other = place.converse();
    const second = pairOf(await talk(other, ['alice', PASSWORD]));
    const lost = await one.answer(3, code(place, first.uri));
    expect(lost.at(-1)?.type === 'done' && doneOf(lost).outcome === 'granted').toBe(false);
    expect(doneOf(await other.answer(3, code(place, second.uri))).outcome).toBe('granted');
  });

  it('lets an unconfirmed secret die after a quarter of an hour', async () => {
    const place = await withAlice('2FA=Auto:Ward LIVE\n[Login]\nTimeoutSeconds=3600\n');
    const conversation = place.converse();
    const { uri } = pairOf(await talk(conversation, ['alice', PASSWORD]));
    place.clock.advance(15 * 60_000);
    expect(doneOf(await conversation.answer(3, code(place, uri))).outcome).toBe('denied');
  });

  it('closes pairing by oneself after AutoPairingWithinDays', async () => {
    const place = await withAlice('2FA=Auto:Ward LIVE\n[Login]\nAutoPairingWithinDays=7\n');
    place.clock.advance(8 * 86_400_000);
    const said = await logOn(place.converse(), { username: 'alice', password: PASSWORD });
    expect(doneOf(said)).toMatchObject({ outcome: 'denied', reason: 'administrator' });
  });
});

describe('central mode', () => {
  it('sends the user to the administrator until the QR code was shown, then takes its code', async () => {
    const place = await withAlice('2FA=Central:Ward LIVE\n');
    const before = await logOn(place.converse(), { username: 'alice', password: PASSWORD });
    expect(doneOf(before)).toMatchObject({ outcome: 'denied', reason: 'administrator' });
    expect(noticesOf(before)).toEqual(['Ask your administrator for your QR code. You need it to log on.']);
    const uri = await showQr(place);
    expect(await showQr(place)).toBe(uri);
    const said = await logOn(place.converse(), { username: 'alice', password: PASSWORD, code: () => code(place, uri) });
    expect(doneOf(said)).toMatchObject({ outcome: 'granted', paired: true });
  });

  it('never lets an old secret in after deactivation', async () => {
    const place = await withAlice('2FA=Central:Ward LIVE\n');
    const old = await showQr(place);
    const directory = await place.facility.directory();
    const alice = await directory.find('alice');
    if (!alice) throw new Error('alice is gone');
    await directory.deactivate(ADMIN, alice.id);
    await place.require('alice');
    const fresh = await showQr(place);
    expect(fresh).not.toBe(old);
    const said = await logOn(place.converse(), { username: 'alice', password: PASSWORD, code: () => code(place, old) });
    expect(doneOf(said).outcome).toBe('denied');
  });
});

async function showQr(place: TemporaryFacility): Promise<string> {
  const directory = await place.facility.directory();
  const alice = await directory.find('alice');
  if (!alice) throw new Error('alice is gone');
  const shown = await directory.showQr(ADMIN, alice.id);
  if (shown.kind === 'refused') throw new Error(shown.text);
  return shown.uri;
}

describe('recovery and one-time codes', () => {
  it('each let in once, in any spelling of them', async () => {
    const place = await withAlice();
    await pairAlice(place);
    const directory = await place.facility.directory();
    const alice = await directory.find('alice');
    if (!alice) throw new Error('alice is gone');
    const made = await directory.makeRecoveryCodes(ADMIN, alice.id);
    if (made.kind === 'refused') throw new Error(made.text);
    const [recovery = ''] = made.codes;
    const answers: Answers = { username: 'alice', password: PASSWORD, code: recovery.toLowerCase().replace('-', ' ') };
    const said = await logOn(place.converse(), answers);
    expect(doneOf(said)).toMatchObject({ outcome: 'granted', method: 'password+recovery' });
    expect(noticesOf(said)).toContainEqual(expect.stringContaining('9 left'));
    expect(doneOf(await logOn(place.converse(), answers)).outcome).toBe('denied');

    const oneTime = await directory.makeOneTimeCode(ADMIN, alice.id);
    if (oneTime.kind === 'refused') throw new Error(oneTime.text);
    const once: Answers = { username: 'alice', password: PASSWORD, code: oneTime.code };
    expect(doneOf(await logOn(place.converse(), once))).toMatchObject({ method: 'password+one-time' });
    expect(doneOf(await logOn(place.converse(), once)).outcome).toBe('denied');
  });

  it('let a one-time code in for an hour only', async () => {
    const place = await withAlice();
    await pairAlice(place);
    const directory = await place.facility.directory();
    const alice = await directory.find('alice');
    if (!alice) throw new Error('alice is gone');
    const oneTime = await directory.makeOneTimeCode(ADMIN, alice.id);
    if (oneTime.kind === 'refused') throw new Error(oneTime.text);
    place.clock.advance(60 * 60_000);
    const said = await logOn(place.converse(), { username: 'alice', password: PASSWORD, code: oneTime.code });
    expect(doneOf(said).outcome).toBe('denied');
  });
});

describe('guessing', () => {
  it('says the same to unknown, disabled, locked and known users, and to the right password of the last two', async () => {
    const place = await temporaryFacility();
    const directory = await place.facility.directory();
    for (const name of ['alice', 'dora', 'lou']) await place.addUser(name);
    const dora = await directory.find('dora');
    if (!dora) throw new Error('dora is gone');
    await directory.disableUser(ADMIN, dora.id);
    for (let tries = 0; tries < 2; tries += 1) {
      await logOn(place.converse({ user: 'lou' }), { password: 'wrong wrong wrong' });
    }
    const tried = [
      await logOn(place.converse({ user: 'alice' }), { password: 'wrong wrong wrong' }),
      await logOn(place.converse({ user: 'nobody' }), { password: 'wrong wrong wrong' }),
      await logOn(place.converse({ user: 'dora' }), { password: PASSWORD }),
      await logOn(place.converse({ user: 'lou' }), { password: PASSWORD }),
    ];
    const words = tried.map((said) => said.map((message) => ({ ...message, retryAfterSeconds: undefined })));
    for (const other of words.slice(1)) expect(other).toEqual(words[0]);
    expect(doneOf(tried[3] ?? [])).toMatchObject({ outcome: 'denied', retryAfterSeconds: 30 });
  });

  it('locks a name that no user has like one that a user has', async () => {
    const place = await withAlice();
    const waits = async (user: string) => {
      const seen: (number | undefined)[] = [];
      for (let tries = 0; tries < 3; tries += 1) {
        const done = doneOf(await logOn(place.converse({ user }), { password: 'wrong wrong wrong' }));
        seen.push(done.outcome === 'denied' ? done.retryAfterSeconds : -1);
      }
      return seen;
    };
    expect(await waits('nobody')).toEqual(await waits('alice'));
  });

  it('lets the user in again after the delay at most, whoever burned the budget', async () => {
    const place = await temporaryFacility();
    await place.addUser('alice');
    for (let tries = 0; tries < 4; tries += 1) await logOn(place.converse(), wrongPassword);
    const right: Answers = { username: 'alice', password: PASSWORD };
    const locked = doneOf(await logOn(place.converse(), right));
    expect(locked.outcome).toBe('denied');
    const wait = locked.outcome === 'denied' ? (locked.retryAfterSeconds ?? 0) : 0;
    expect(wait).toBeGreaterThan(0);
    place.clock.advance(wait * 1000);
    expect(doneOf(await logOn(place.converse(), right)).outcome).toBe('granted');
  });

  it('keeps the code counter through right passwords, up to the hard stop', async () => {
    const place = await withAlice('2FA=Auto:Ward LIVE\n[Lockout]\nHardLimit=10\n');
    const uri = await pairAlice(place);
    let checked = 0;
    for (let tries = 0; tries < 40; tries += 1) {
      place.clock.advance(900_000);
      const said = await logOn(place.converse(), { username: 'alice', password: PASSWORD, code: '000000' });
      checked += noticesOf(said).filter((text) => text.startsWith('That code is not right')).length;
    }
    expect(checked).toBe(10);
    const said = await logOn(place.converse(), { username: 'alice', password: PASSWORD, code: () => code(place, uri) });
    expect(doneOf(said).outcome).toBe('denied');
    const directory = await place.facility.directory();
    const alice = await directory.find('alice');
    if (!alice) throw new Error('alice is gone');
    await directory.unlockUser(ADMIN, alice.id);
    const after = await logOn(place.converse(), {
      username: 'alice',
      password: PASSWORD,
      code: () => code(place, uri),
    });
    expect(doneOf(after).outcome).toBe('granted');
  });

  it('counts one failure for what can be no code, and grants on no variant of a used one', async () => {
    const place = await withAlice('2FA=Auto:Ward LIVE\n[Lockout]\nCodeFailures=20\n');
    const uri = await pairAlice(place);
    const used = code(place, uri);
    const fullWidth = [...used].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join('');
    const variants = [
      ` ${used}`,
      `${used.slice(0, 3)} ${used.slice(3)}`,
      fullWidth,
      `+${used}`,
      `${used}\0`,
      used.repeat(1700),
      '',
    ];
    for (const [tried, variant] of variants.entries()) {
      const said = await logOn(place.converse({ user: 'alice' }), (ask) => (ask.field === 'code' ? variant : PASSWORD));
      expect(doneOf(said).outcome).toBe('denied');
      // Three attempts a log-on, and one failure each: the 20th locks.
      const done = doneOf(said);
      expect(done.outcome === 'denied' && done.retryAfterSeconds !== undefined).toBe(tried >= 6);
    }
  });
});

describe('the clock', () => {
  it('accepts no used step again after it was set back and put right', async () => {
    const place = await withAlice();
    const uri = await pairAlice(place);
    const used = code(place, uri);
    const right = place.clock.now();
    place.clock.set(right - 3_600_000);
    const behind = await logOn(place.converse(), {
      username: 'alice',
      password: PASSWORD,
      code: () => code(place, uri),
    });
    expect(doneOf(behind).outcome).toBe('denied');
    expect(await auditText(place)).toContain('clock-behind');
    place.clock.set(right);
    const again = await logOn(place.converse(), { username: 'alice', password: PASSWORD, code: used });
    expect(doneOf(again).outcome).toBe('denied');
  });

  it('ends a log-on that took longer than TimeoutSeconds', async () => {
    const place = await withAlice('2FA=Auto:Ward LIVE\n[Login]\nTimeoutSeconds=60\n');
    const conversation = place.converse();
    await conversation.start();
    place.clock.advance(60_000);
    expect(doneOf(await conversation.answer(1, 'alice'))).toMatchObject({ outcome: 'denied', reason: 'timed-out' });
  });
});

describe('time', () => {
  it('is longer than TimeoutSeconds while somebody installs an app and scans', async () => {
    const place = await withAlice('2FA=Auto:Ward LIVE\n[Login]\nTimeoutSeconds=60\n');
    const conversation = place.converse();
    const { uri } = pairOf(await talk(conversation, ['alice', PASSWORD]));
    place.clock.advance(10 * 60_000);
    expect(doneOf(await conversation.answer(3, code(place, uri))).outcome).toBe('granted');
  });
});

describe('a staged roll-out', () => {
  it('lets a user put pairing off until the date, and not after it', async () => {
    const place = await temporaryFacility();
    const { id } = await place.addUser('alice');
    const directory = await place.facility.directory();
    const from = place.clock.now() + 3 * 86_400_000;
    await directory.requireTwoFactor(ADMIN, { selection: { kind: 'users', ids: [id] }, from });
    const said = await logOn(place.converse(), { username: 'alice', password: PASSWORD, choice: 'later' });
    expect(doneOf(said)).toMatchObject({ outcome: 'granted', method: 'password', paired: false });
    expect(said).toContainEqual(expect.objectContaining({ field: 'choice', options: ['pair', 'later'] }));
    place.clock.set(from);
    const due = await talk(place.converse(), ['alice', PASSWORD]);
    expect(pairOf(due)).toBeDefined();
  });
});

describe('passwords', () => {
  it('have to be changed where an administrator made them, after the second factor', async () => {
    const place = await temporaryFacility();
    const directory = await place.facility.directory();
    const added = await directory.addUser(ADMIN, { name: 'alice', password: { kind: 'generated' } });
    if (added.kind === 'refused') throw new Error(added.text);
    await place.require('alice');
    const initial = added.initialPassword ?? '';
    const conversation = place.converse();
    const shown = await talk(conversation, ['alice', initial]);
    const proven = await conversation.answer(3, code(place, pairOf(shown).uri));
    expect(proven.at(-1)).toMatchObject({ field: 'new-password', secret: true });
    expect((await conversation.answer(4, 'short')).at(-1)).toMatchObject({ field: 'new-password' });
    await conversation.answer(5, 'tulip cannot sing');
    expect((await conversation.answer(6, 'tulip cannot sang')).at(-1)).toMatchObject({ field: 'new-password' });
    await conversation.answer(7, 'tulip cannot sing');
    expect(doneOf(await conversation.answer(8, 'tulip cannot sing')).outcome).toBe('granted');
    expect((await logOn(place.converse(), { username: 'alice', password: initial })).at(-1)).toMatchObject({
      outcome: 'denied',
    });
  });

  it('are the host’s own where it verifies them', async () => {
    const place = await withAlice();
    const asked: string[] = [];
    const verify = async (name: string, password: string) => {
      asked.push(name);
      return password === 'of the host';
    };
    const said = await talk(place.converse({}, verify), ['ALICE', 'of the host']);
    expect(pairOf(said)).toBeDefined();
    expect(asked).toEqual(['alice']);
    const refused = await logOn(place.converse({}, verify), { username: 'alice', password: PASSWORD });
    expect(doneOf(refused).outcome).toBe('denied');
    const broken = async () => Promise.reject(new Error('the host is broken'));
    expect(doneOf(await logOn(place.converse({}, broken), { username: 'alice', password: 'x' }))).toMatchObject({
      outcome: 'unavailable',
    });
  });

  it('are not asked where a host vouches for them', async () => {
    const place = await withAlice();
    const said = await place.converse({ user: 'alice', password: 'checked-by-host' }).start();
    expect(said.map((message) => message.type)).toEqual(['pair', 'ask']);
    const unknown = await place.converse({ user: 'nobody', password: 'checked-by-host' }).start();
    expect(doneOf(unknown).outcome).toBe('denied');
  });
});

describe('configuration', () => {
  it('lets everybody in by password alone when it says 2FA=Off', async () => {
    const place = await withAlice('2FA=Off\n');
    const said = await logOn(place.converse(), { username: 'alice', password: PASSWORD });
    expect(doneOf(said)).toMatchObject({ outcome: 'granted', method: 'password' });
  });

  it('lets nobody in when the 2FA key is missing while somebody has two-factor on', async () => {
    const place = await withAlice();
    const without = { ...place.facility, config: { ...place.facility.config, mode: undefined } };
    const said = await logOn(beginLogin(loginDeps(without), {}), { username: 'alice', password: PASSWORD });
    expect(doneOf(said)).toMatchObject({ outcome: 'unavailable', reason: 'configuration' });
    expect(noticesOf(said)[0]).toContain('no 2FA setting');
  });
});

describe('the audit trail', () => {
  it('has what happened, and no password, code, secret or unknown name', async () => {
    const place = await withAlice();
    const uri = await pairAlice(place);
    const typed = 'hunter2-typed-as-a-name';
    await logOn(place.converse(), { username: typed, password: 'canary-password' });
    place.clock.advance(STEP_MS);
    const said = await logOn(place.converse({ terminal: 'ward-3' }), {
      username: 'alice',
      password: PASSWORD,
      code: () => code(place, uri),
    });
    expect(doneOf(said).outcome).toBe('granted');
    const text = await auditText(place);
    for (const event of ['pairing.issued', 'pairing.confirmed', 'password.wrong', 'login.denied', 'login.granted']) {
      expect(text).toContain(event);
    }
    expect(text).toContain('ward-3');
    const secret = new URL(uri).searchParams.get('secret') ?? '';
    for (const canary of [PASSWORD, 'canary-password', typed, secret, code(place, uri)]) {
      expect(text).not.toContain(canary);
    }
  });
});

describe('a flood of answers while locked', () => {
  it('is counted, and neither recorded answer by answer nor verdict by verdict (C47)', async () => {
    const place = await withAlice(undefined, '[Login]\nAttempts=1\n[Lockout]\nPasswordFailures=2\n');
    for (let login = 0; login < 12; login += 1) {
      const said = await logOn(place.converse(), { username: 'alice', password: 'wrong' });
      expect(doneOf(said)).toMatchObject({ outcome: 'denied', reason: 'login-incorrect' });
    }
    const events = (await recordsOf(place.facility.trail)).map(({ event }) => event);
    const wrong = ['password.wrong', 'login.denied'];
    expect(events.slice(-5)).toEqual([...wrong, ...wrong, 'password.locked']);
    place.clock.advance(3_600_000);
    await logOn(place.converse(), { username: 'alice', password: 'wrong' });
    expect((await recordsOf(place.facility.trail)).at(-2)).toMatchObject({ event: 'password.wrong', lockedAnswers: 9 });
  });
});
