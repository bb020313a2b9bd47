/** A change of config.ini at the console: what is wrong is not kept, what is right is asked about, saved and in force at once. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { signIn } from '../support/journey-console.ts';
import { eventText, JOURNEY_LABEL, JOURNEY_PASSWORD, journeyFacility } from '../support/journey-facility.ts';
import { formTalk } from '../support/journey-form.ts';
import { withAdmin } from '../support/journey-shell.ts';

it.each([
  { columns: 80, rows: 24 },
  { columns: 140, rows: 40 },
])('from Auto to Central, with another label, at $columns x $rows', async (size) => {
  const at = await journeyFacility();
  const before = readFileSync(at.configFile, 'utf8');
  const desk = await signIn(at, 'root', size);
  await desk.goTo('Config');
  await desk.press('\r', /› Mode +< Auto/);
  await desk.press('\t', /› Label/);
  await desk.press('\x15a:b', /colon/);
  await desk.press('\r', /› Label[\s\S]*colon/);
  await desk.press('\x15St Elsewhere ACCEPTANCE', /The app on the phone will show\W+St Elsewhere ACCEPTANCE: root/);
  await desk.press('\x1b[Z', /› Mode/);
  await desk.press('\x1b[C', /Central: administrators hand out QR codes/);
  await desk.press('\r', /1 change not saved/);
  expect(readFileSync(at.configFile, 'utf8')).toBe(before);
  await desk.press('s', /now "Central:[\s\S]*y Yes, save/);
  await desk.press('\r', /1 change not saved/);
  expect(readFileSync(at.configFile, 'utf8')).toBe(before);
  await desk.press('s', /y Yes, save/);
  await desk.press('y', /Gatehouse · Config +.*ACCEPTANCE \(Central\)/);
  expect(readFileSync(at.configFile, 'utf8')).toBe(
    before.replace(`2FA=Auto:${JOURNEY_LABEL}`, '2FA=Central:St Elsewhere ACCEPTANCE'),
  );
  expect((await at.events()).map(eventText)).toContainEqual(expect.stringMatching(/^config\.changed \(2FA before=/));

  const refused = formTalk(at, size);
  await refused.answer('username', 'alice');
  await refused.answer('password', JOURNEY_PASSWORD);
  await refused.says('Ask your administrator for your QR code.');
  await refused.readLastWord();
  expect(await refused.end()).toMatchObject({ status: 77, verdict: { reason: 'administrator' } });

  await desk.openUser('alice');
  await desk.press('s', /› Password/);
  const shown = await desk.confirmIdentity(/System: St Elsewhere ACCEPTANCE[\s\S]*Blanked in/);
  at.phone('alice').scan([...shown.matchAll(/(?:[A-Z2-7]{4} ){3,7}[A-Z2-7]{4}/g)].join(' '));
  expect(await desk.leave()).toBe(0);
  expect(await at.stateOf('alice')).toBe('issued');
  const talk = formTalk(at, size);
  await talk.answer('username', 'alice');
  await talk.answer('password', JOURNEY_PASSWORD);
  await talk.answer('code', at.phone('alice').next());
  await talk.choose('skip');
  expect(await talk.end()).toMatchObject({ status: 0, verdict: { method: 'password+totp' } });
  // A pairing from before the change goes on as it was.
  const old = formTalk(at, size);
  await old.answer('username', 'bob');
  await old.answer('password', JOURNEY_PASSWORD);
  await old.answer('code', at.phone('bob').next());
  expect(await old.end()).toMatchObject({ status: 0 });
  expect(await withAdmin(at, ['config', 'check'])).toMatch(/in order|ok/i);
});

it('what another process wrote meanwhile is not overwritten', async () => {
  const at = await journeyFacility();
  const desk = await signIn(at);
  await desk.goTo('Config');
  await desk.press('\r', /› Mode +< Auto/);
  await desk.press('\x1b[C', /Central: administrators/);
  await desk.press('\r', /1 change not saved/);
  await withAdmin(at, ['config', 'set', 'Login.Attempts', '5']);
  await desk.press('s', /y Yes, save/);
  await desk.press('y', /Changed meanwhile[\s\S]*Login\.Attempts: was "3", is "5" now/);
  expect(readFileSync(at.configFile, 'utf8')).toContain(`2FA=Auto:${JOURNEY_LABEL}`);
  await desk.press('\r', /1 change not saved[\s\S]*Attempts +5/);
  await desk.press('s', /y Yes, save/);
  await desk.press('y', /Gatehouse · Config +.*\(Central\)/);
  const text = readFileSync(at.configFile, 'utf8');
  expect(text).toMatch(/^Attempts ?= ?5$/m);
  expect(text).toContain(`2FA=Central:${JOURNEY_LABEL}`);
  expect(await desk.leave()).toBe(0);
});
