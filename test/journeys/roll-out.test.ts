/** Two-factor in stages, as the FAQ has it: a group first, a selection, then everybody else from a date on; each after its rehearsal. */
import { expect, it } from 'vitest';
import { signIn } from '../support/journey-console.ts';
import { eventText, JOURNEY_PASSWORD, type JourneyFacility, journeyFacility } from '../support/journey-facility.ts';
import { formTalk } from '../support/journey-form.ts';
import { withAdmin } from '../support/journey-shell.ts';
import type { Talk } from '../support/journey-talk.ts';

it('goes by group at once: the rehearsal names who, No does nothing, Yes asks for a phone at the next log-on', async () => {
  const at = await journeyFacility();
  const desk = await signIn(at);
  await desk.goTo('Users');
  await desk.press('R', /Require 2FA[\s\S]*For +< all 6 users >[\s\S]*Rehearse/);
  // Left goes round to the last choice: the group that sorts last is Ward 3, the one before it Theatre.
  await desk.press('\x1b[D', /< group Ward 3 >/);
  await desk.press('\x1b[D', /< group Theatre >/);
  const rehearsed = await desk.press('\r', /2 users would need a code from their next log-on[\s\S]*y Yes/);
  expect(rehearsed).toMatch(/carol \(Theatre\)[\s\S]*dan \(Theatre\)/);
  expect(rehearsed).not.toMatch(/alice|bob/);
  await desk.press('\r', /Gatehouse · Users[\s\S]*User ↑/);
  expect(await at.stateOf('carol')).toBe('off');
  await desk.press('R', /< all 6 users >/);
  await desk.press('\x1b[D', /< group Ward 3 >/);
  await desk.press('\x1b[D', /< group Theatre >/);
  await desk.press('\r', /y Yes, require 2FA for 2 users/);
  await desk.press('y', /2FA is required for 2 users more; 0 users had it already|carol +required/);
  await desk.screen.until(/carol +required[\s\S]*dan +required/);
  expect((await at.events()).map(eventText)).toContain('two-factor.required (group=Theatre)');
  expect(await desk.leave()).toBe(0);

  const talk = await passwordOf(at, 'carol');
  at.phone('carol').scan(await talk.key());
  await talk.answer('code', at.phone('carol').next());
  await talk.choose('skip');
  expect(await talk.end()).toMatchObject({ status: 0, verdict: { method: 'password+totp' } });
});

it('goes by selection, and the console sees by itself who has paired meanwhile', async () => {
  const at = await journeyFacility();
  const desk = await signIn(at, 'root', { columns: 140, rows: 40 });
  await desk.goTo('Users');
  await desk.press('/carol\r', /1 of 6 users/);
  await desk.press(' ', /1 selected/);
  await desk.press('u', /^ *6 users/m);
  await desk.press('/dan\r', /1 of 6 users/);
  await desk.press(' ', /1 selected/);
  await desk.press('R', /For +< the 1 selected >/);
  await desk.press('\r', /1 user would need a code[\s\S]*dan \(Theatre\)[\s\S]*y Yes/);
  await desk.press('y', /dan +required/);
  expect(await at.stateOf('carol')).toBe('off');

  const talk = await passwordOf(at, 'dan');
  at.phone('dan').scan(await talk.key());
  await talk.answer('code', at.phone('dan').next());
  await talk.choose('skip');
  expect(await talk.end()).toMatchObject({ status: 0 });
  await desk.screen.until(/dan +paired/);
  await desk.goTo('Overview');
  await desk.screen.until(/4 of 6 users paired/);
  expect(await desk.leave()).toBe(0);
});

it('goes from a date on: until then "later" lets in and says the days that are left', async () => {
  const at = await journeyFacility();
  const desk = await signIn(at);
  await desk.openUser('carol');
  await desk.goTo('Users');
  await desk.press('u', /^ *6 users/m);
  await desk.press('R', /For +< all 6 users >/);
  await desk.press('\t', /› From +< at once >/);
  await desk.press('\x1b[C', /< a date >[\s\S]*Date/);
  await desk.press('\t', /› Date/);
  await desk.press('2026-02-31\r', /Type a date like \d{4}-\d\d-\d\d/);
  const date = new Date(Date.now() + 12 * 86_400_000).toISOString().slice(0, 10);
  await desk.press(`\x15${date}`, new RegExp(date));
  const rehearsed = await desk.press('\r', new RegExp(`would need a code from ${date}[\\s\\S]*y Yes`));
  expect(rehearsed).toMatch(/With two-factor on already: 4 users/);
  expect(rehearsed).toMatch(/2 users \(marked below\) did not log on for 90 days/);
  await desk.press('y', /carol +required[\s\S]*dan +required/);
  expect(await desk.leave()).toBe(0);

  const later = await passwordOf(at, 'carol');
  await later.says('Two-factor login will be required of you in 12 days.');
  await later.choose('later');
  expect(await later.end()).toMatchObject({ status: 0, verdict: { method: 'password' } });
  expect(await at.stateOf('carol')).toBe('required');
  const status = JSON.parse(await withAdmin(at, ['2fa', 'status', '--json']));
  expect(status.counts).toEqual({ off: 0, required: 3, issued: 0, paired: 3 });

  const now = await passwordOf(at, 'carol');
  await now.choose('pair');
  at.phone('carol').scan(await now.key());
  await now.answer('code', at.phone('carol').next());
  await now.choose('skip');
  expect(await now.end()).toMatchObject({ status: 0, verdict: { method: 'password+totp' } });
});

async function passwordOf(at: JourneyFacility, name: string): Promise<Talk> {
  const talk = formTalk(at);
  await talk.answer('username', name);
  await talk.answer('password', JOURNEY_PASSWORD);
  return talk;
}
