/**
 * One script, three front ends: a person at the form, a person at plain lines and a host that speaks JSON do the same things, hear the
 * same words, get the same verdict, and leave the same audit trail.
 */
import { describe, expect, it } from 'vitest';
import { eventText, JOURNEY_PASSWORD, type JourneyFacility, journeyFacility } from '../support/journey-facility.ts';
import { formTalk } from '../support/journey-form.ts';
import { hostTalk } from '../support/journey-host.ts';
import { linesTalk } from '../support/journey-lines.ts';
import { withAdmin } from '../support/journey-shell.ts';
import {
  JOURNEY_FRONT_ENDS,
  type JourneyFrontEnd,
  type OpenTalk,
  type Talk,
  type Verdict,
} from '../support/journey-talk.ts';

const OPEN: Readonly<Record<JourneyFrontEnd, OpenTalk>> = { ink: formTalk, line: linesTalk, json: hostTalk };

type Script = {
  readonly mode?: 'Auto' | 'Central';
  /** What an admin did before. */
  readonly before?: (at: JourneyFacility) => Promise<unknown>;
  readonly play: (talk: Talk, at: JourneyFacility) => Promise<void>;
  readonly verdict: Partial<Verdict>;
  readonly status: number;
  /** Of the log-on, in order. */
  readonly events: readonly string[];
};

const SCRIPTS: Readonly<Record<string, Script>> = {
  'a first log-on pairs a phone': {
    async play(talk, at) {
      const phone = at.phone('alice');
      await password(talk, 'alice');
      phone.scan(await talk.key());
      await talk.answer('code', phone.wrong());
      await talk.says('Check that the clock of your phone is set automatically');
      await talk.answer('code', phone.next());
      await talk.says('Your phone is paired.');
      await talk.choose('skip');
    },
    verdict: { outcome: 'granted', user: 'alice', method: 'password+totp' },
    status: 0,
    events: [
      'pairing.issued alice (log-on)',
      'code.wrong alice',
      'pairing.confirmed alice',
      'login.granted alice (password+totp)',
    ],
  },
  'a log-on with a paired phone, the code typed with a space': {
    async play(talk, at) {
      await password(talk, 'bob');
      await talk.answer('code', at.phone('bob').next().replace(/(...)/, '$1 '));
    },
    verdict: { outcome: 'granted', user: 'bob', method: 'password+totp' },
    status: 0,
    events: ['login.granted bob (password+totp)'],
  },
  'a password alone, where no second factor is required': {
    play: (talk) => password(talk, 'carol'),
    verdict: { outcome: 'granted', user: 'carol', method: 'password' },
    status: 0,
    events: ['login.granted carol (password)'],
  },
  'a wrong password, a wrong code, then the right ones': {
    async play(talk, at) {
      await wrongPassword(talk, 'bob');
      await password(talk, 'bob');
      await talk.answer('code', at.phone('bob').wrong());
      await talk.says('That code is not right.');
      await talk.answer('code', at.phone('bob').next());
    },
    verdict: { outcome: 'granted', user: 'bob', method: 'password+totp' },
    status: 0,
    events: ['password.wrong bob', 'code.wrong bob', 'login.granted bob (password+totp)'],
  },
  'three wrong passwords': {
    async play(talk) {
      for (const name of ['bob', 'nobody', 'bob']) await wrongPassword(talk, name);
      await talk.readLastWord();
    },
    verdict: { outcome: 'denied', reason: 'login-incorrect' },
    status: 77,
    events: [
      'password.wrong bob',
      'password.wrong (unknown-user)',
      'password.wrong bob',
      'login.denied (login-incorrect)',
    ],
  },
  'three wrong codes': {
    async play(talk, at) {
      await password(talk, 'bob');
      for (let turn = 0; turn < 3; turn += 1) {
        await talk.answer('code', at.phone('bob').wrong());
        await talk.says('That code is not right.');
      }
      await talk.readLastWord();
    },
    verdict: { outcome: 'denied', reason: 'login-incorrect' },
    status: 77,
    events: ['code.wrong bob', 'code.wrong bob', 'code.wrong bob', 'login.denied bob (login-incorrect)'],
  },
  'a code that was used before': {
    async before(at) {
      const talk = hostTalk(at);
      await password(talk, 'bob');
      await talk.answer('code', at.phone('bob').next());
      await talk.end();
    },
    async play(talk, at) {
      await password(talk, 'bob');
      await talk.answer('code', at.phone('bob').last());
      await talk.says('That code was used already.');
      await talk.answer('code', at.phone('bob').next());
    },
    verdict: { outcome: 'granted', user: 'bob', method: 'password+totp' },
    status: 0,
    events: ['code.reused bob', 'login.granted bob (password+totp)'],
  },
  'giving up at the code': {
    async play(talk) {
      await password(talk, 'bob');
      await talk.giveUp('code');
    },
    verdict: { outcome: 'cancelled', reason: 'cancelled' },
    status: 130,
    events: ['login.cancelled bob'],
  },
  'later, before the date': {
    before: (at) => withAdmin(at, ['2fa', 'require', 'carol', '--from', daysAhead(10)]),
    async play(talk) {
      await password(talk, 'carol');
      await talk.choose('later');
    },
    verdict: { outcome: 'granted', user: 'carol', method: 'password' },
    status: 0,
    events: ['login.deferred carol (password)'],
  },
  'pairing before the date': {
    before: (at) => withAdmin(at, ['2fa', 'require', 'carol', '--from', daysAhead(10)]),
    async play(talk, at) {
      await password(talk, 'carol');
      await talk.choose('pair');
      at.phone('carol').scan(await talk.key());
      await talk.answer('code', at.phone('carol').next());
      await talk.choose('skip');
    },
    verdict: { outcome: 'granted', user: 'carol', method: 'password+totp' },
    status: 0,
    events: ['pairing.issued carol (log-on)', 'pairing.confirmed carol', 'login.granted carol (password+totp)'],
  },
  'Central, before an admin has shown the QR code': {
    mode: 'Central',
    async play(talk) {
      await password(talk, 'alice');
      await talk.says('Ask your administrator for your QR code.');
      await talk.readLastWord();
    },
    verdict: { outcome: 'denied', reason: 'administrator' },
    status: 77,
    events: ['login.denied alice (administrator)'],
  },
  'Central, with the QR code on paper': {
    mode: 'Central',
    before: async (at) => at.phone('alice').scan(await withAdmin(at, ['2fa', 'qr', 'alice', '--format', 'uri'])),
    async play(talk, at) {
      await password(talk, 'alice');
      await talk.answer('code', at.phone('alice').next());
      await talk.says('Your phone is paired.');
      await talk.choose('skip');
    },
    verdict: { outcome: 'granted', user: 'alice', method: 'password+totp' },
    status: 0,
    events: ['pairing.confirmed alice', 'login.granted alice (password+totp)'],
  },
  'a recovery code instead of the phone': {
    async before(at) {
      const [code = ''] = /[0-9A-Z]{5}-[0-9A-Z]{5}/.exec(await withAdmin(at, ['2fa', 'recovery', 'bob'])) ?? [];
      handedOut.set(at.folder, code);
    },
    async play(talk, at) {
      await password(talk, 'bob');
      await talk.answer('code', handedOut.get(at.folder) ?? '');
      await talk.says('You used a recovery code. You have 9 left.');
      await talk.readLastWord();
    },
    verdict: { outcome: 'granted', user: 'bob', method: 'password+recovery' },
    status: 0,
    events: ['recovery.used bob', 'login.granted bob (password+recovery)'],
  },
  "an admin's one-time code instead of the phone": {
    async before(at) {
      const made = JSON.parse(await withAdmin(at, ['2fa', 'one-time', 'bob', '--json']));
      handedOut.set(at.folder, made.code);
    },
    async play(talk, at) {
      await password(talk, 'bob');
      await talk.answer('code', handedOut.get(at.folder) ?? '');
    },
    verdict: { outcome: 'granted', user: 'bob', method: 'password+one-time' },
    status: 0,
    events: ['one-time.used bob', 'login.granted bob (password+one-time)'],
  },
  'a password that has to be changed, after the code': {
    async before(at) {
      const set = JSON.parse(await withAdmin(at, ['user', 'passwd', 'bob', '--generate', '--json']));
      handedOut.set(at.folder, set.initialPassword);
    },
    async play(talk, at) {
      await talk.answer('username', 'bob');
      await talk.answer('password', handedOut.get(at.folder) ?? '');
      await talk.answer('code', at.phone('bob').next());
      await talk.says('You have to choose a new password.');
      await talk.answer('new-password', 'short');
      await talk.says('A password has at least 8 characters.');
      await talk.answer('new-password', 'daisies whisper');
      await talk.answer('repeat-password', 'daisies shout');
      await talk.says('The two passwords are not the same.');
      await talk.answer('new-password', 'daisies whisper');
      await talk.answer('repeat-password', 'daisies whisper');
      await talk.says('Your password is changed.');
      await talk.readLastWord();
    },
    verdict: { outcome: 'granted', user: 'bob', method: 'password+totp' },
    status: 0,
    events: ['code.accepted bob', 'password.changed bob', 'login.granted bob (password+totp)'],
  },
};

/** What an admin gave the user of a facility, by its folder. */
const handedOut = new Map<string, string>();

describe.each(JOURNEY_FRONT_ENDS)('by %s', (frontEnd) => {
  it.each(Object.entries(SCRIPTS))('%s', async (_, script) => {
    const at = await journeyFacility(script.mode);
    await script.before?.(at);
    const before = (await at.events()).length;
    const talk = OPEN[frontEnd](at);
    await script.play(talk, at);
    const { status, verdict } = await talk.end();
    expect({ status, verdict }).toMatchObject({ status: script.status, verdict: script.verdict });
    expect((await at.events()).slice(before).map(eventText)).toEqual(script.events);
  });
});

async function password(talk: Talk, name: string): Promise<void> {
  await talk.answer('username', name);
  await talk.answer('password', JOURNEY_PASSWORD);
}

async function wrongPassword(talk: Talk, name: string): Promise<void> {
  await talk.answer('username', name);
  await talk.answer('password', 'not this one');
  await talk.says('Login incorrect.');
}

function daysAhead(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
