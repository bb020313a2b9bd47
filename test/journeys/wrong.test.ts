/** Everything typed wrong, at the gate until the account waits, and at the console; then an admin helps. */
import { describe, expect, it } from 'vitest';
import { GATEHOUSE } from '../support/gatehouse-process.ts';
import { signedIn, signIn } from '../support/journey-console.ts';
import { eventText, JOURNEY_PASSWORD, journeyFacility } from '../support/journey-facility.ts';
import { formTalk } from '../support/journey-form.ts';
import { linesTalk } from '../support/journey-lines.ts';
import type { OpenTalk } from '../support/journey-talk.ts';
import { openPty } from '../support/pty-screen.ts';

const FRONT_ENDS: readonly (readonly [string, OpenTalk])[] = [
  ['the form', formTalk],
  ['plain lines', linesTalk],
];

describe.each(FRONT_ENDS)('at %s', (_, open) => {
  it('wrong passwords lock; the right one says no more than a wrong one; the help desk unlocks', async () => {
    const at = await journeyFacility();
    for (const tries of [3, 2]) {
      const talk = open(at);
      for (let turn = 0; turn < tries; turn += 1) {
        await talk.answer('username', 'bob');
        await talk.answer('password', `guess ${turn}`);
        await talk.says('Login incorrect.');
      }
      if (tries < 3) await talk.giveUp('username');
      else await talk.readLastWord();
      await talk.end();
    }
    const locked = open(at);
    await locked.answer('username', 'bob');
    await locked.answer('password', JOURNEY_PASSWORD);
    await locked.says('Login incorrect.');
    await locked.giveUp('username');
    expect(await locked.end()).toMatchObject({ status: 130 });

    const desk = await signIn(at, 'hana');
    await desk.openUser('bob');
    expect(desk.screen.text()).toMatch(/Account +.*(locked|wait)/i);
    await desk.press('l', /Account +active/);
    expect(await desk.leave()).toBe(0);
    const talk = open(at);
    await talk.answer('username', 'bob');
    await talk.answer('password', JOURNEY_PASSWORD);
    await talk.answer('code', at.phone('bob').next());
    expect(await talk.end()).toMatchObject({ status: 0, verdict: { method: 'password+totp' } });
    expect((await at.events()).map(eventText)).toEqual(
      expect.arrayContaining(['password.wrong bob', 'password.locked bob', 'user.unlocked bob']),
    );
  });

  it('wrong codes lock although the password is right each time; an admin unlocks', async () => {
    const at = await journeyFacility();
    for (const tries of [3, 2]) {
      const talk = open(at);
      await talk.answer('username', 'bob');
      await talk.answer('password', JOURNEY_PASSWORD);
      for (let turn = 0; turn < tries; turn += 1) await talk.answer('code', at.phone('bob').wrong());
      await talk.says('code');
      await talk.readLastWord();
      expect(await talk.end()).toMatchObject({ status: 77 });
    }
    const locked = open(at);
    await locked.answer('username', 'bob');
    await locked.answer('password', JOURNEY_PASSWORD);
    await locked.answer('code', at.phone('bob').next());
    await locked.says('Too many wrong codes.');
    await locked.readLastWord();
    expect(await locked.end()).toMatchObject({ status: 77 });

    const desk = await signIn(at);
    await desk.openUser('bob');
    await desk.press('l', /Account +active/);
    expect(await desk.leave()).toBe(0);
    const talk = open(at);
    await talk.answer('username', 'bob');
    await talk.answer('password', JOURNEY_PASSWORD);
    await talk.answer('code', at.phone('bob').next());
    expect(await talk.end()).toMatchObject({ status: 0 });
  });
});

describe('at the console', () => {
  it('a wrong password, a user without a role and a wrong code are told so, and the right ones open it', async () => {
    const at = await journeyFacility();
    const screen = openPty(GATEHOUSE, [], { folder: at.folder });
    await screen.until(/› User name/);
    screen.type('root\r');
    await screen.until(/› Password/);
    screen.type('not this one\r');
    await screen.until(/› User name[\s\S]*Login incorrect\./);
    screen.type('carol\r');
    await screen.until(/› Password/);
    screen.type(`${JOURNEY_PASSWORD}\r`);
    await screen.until(/This account has no role in the console[\s\S]*Enter Try again/);
    screen.type('\r');
    await screen.until(/› User name/);
    screen.type('root\r');
    await screen.until(/› Password/);
    screen.type(`${JOURNEY_PASSWORD}\r`);
    await screen.until(/› Code/);
    screen.type(`${at.phone('root').wrong()}\r`);
    await screen.until(/That code is not right/);
    screen.type(`${at.phone('root').next()}\r`);
    await screen.until(/Gatehouse · Overview/);
    const desk = signedIn(at, 'root', screen);
    // Keys that mean nothing here do nothing.
    await desk.press('\x1b[17~ß€', /Gatehouse · Overview/);
    expect(await desk.leave()).toBe(0);
  });

  it('step-up takes no wrong code, and Esc there shows no QR code', async () => {
    const at = await journeyFacility();
    const desk = await signIn(at);
    await desk.openUser('bob');
    await desk.press('s', /› Password/);
    await desk.press(`${JOURNEY_PASSWORD}\r`, /› Code/);
    await desk.press(`${at.phone('root').last()}\r`, /That code was used already/);
    await desk.press('\x1b', /User Properties[\s\S]*Recent activity/);
    expect(desk.screen.text()).not.toMatch(/▀/);
    expect((await at.events()).map(eventText)).not.toContain('pairing.shown bob');
    expect(await desk.leave()).toBe(0);
  });

  it('a lost terminal and Ctrl-C leave nothing of the screen behind', async () => {
    const at = await journeyFacility();
    const desk = await signIn(at);
    desk.screen.type('\x03');
    expect(await desk.screen.exited).not.toBe(70);
    const bytes = desk.screen.bytes();
    expect(bytes.lastIndexOf('\x1b[?1049l')).toBeGreaterThan(bytes.lastIndexOf('\x1b[?1049h'));
    expect(bytes.lastIndexOf('\x1b[?25h')).toBeGreaterThan(bytes.lastIndexOf('\x1b[?25l'));
  });
});
