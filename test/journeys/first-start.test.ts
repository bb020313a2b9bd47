/** From an empty folder to the first paired user: the wizard, the administrator's own phone, a user added, required, and let in. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { phoneCode } from '../support/authenticator.ts';
import { emptyShell, GATEHOUSE } from '../support/gatehouse-process.ts';
import { signedIn } from '../support/journey-console.ts';
import { emptyFolder } from '../support/journey-facility.ts';
import { formTalk } from '../support/journey-form.ts';
import { openPty, type PtyScreen } from '../support/pty-screen.ts';
import { decodeByAll } from '../support/qr-decoders.ts';
import { terminalPixels } from '../support/terminal-picture.ts';

const PASSWORD = 'daisies whisper at noon';

it.each([
  { columns: 80, rows: 24 },
  { columns: 140, rows: 40 },
])('at $columns x $rows', async (size) => {
  const shell = emptyShell();
  const at = emptyFolder(shell.folder);
  const screen = openPty(GATEHOUSE, [], { folder: at.folder, ...size });
  await setUp(screen);
  await screen.until(/Gatehouse · Sign in[\s\S]*root[\s\S]*› Password/);
  expect(statSync(join(at.folder, 'config.ini')).mode & 0o022).toBe(0);
  expect(statSync(join(at.folder, 'data/gatehouse.key')).mode & 0o777).toBe(0o600);
  await pairAdministrator(screen);

  const desk = signedIn(at, 'root', screen);
  await desk.goTo('Users');
  await desk.press('n', /› User name/);
  await desk.press('alice\tAlice Moss\tWard 3', /Ward 3/);
  const told = await desk.press('\r', /Give alice this password[\s\S]*Enter Close/);
  const initialPassword = /[a-z0-9]+(-[a-z0-9]+){2,}/.exec(told.slice(told.indexOf('not shown')))?.[0] ?? '';
  await desk.press('\r', /alice +off/);
  await desk.openUser('alice');
  await desk.press('a', /1 user would need a code[\s\S]*y Yes/);
  await desk.press('y', /Two-factor +required/);

  const talk = formTalk(at, size);
  await talk.answer('username', 'alice');
  await talk.answer('password', initialPassword);
  const secret = (await talk.key()).replaceAll(' ', '');
  await talk.answer('code', phoneCode(secret));
  await talk.says('Your phone is paired.');
  await talk.choose('skip');
  await talk.says('You have to choose a new password.');
  await talk.answer('new-password', PASSWORD);
  await talk.answer('repeat-password', PASSWORD);
  await talk.says('Your password is changed.');
  await talk.readLastWord();
  expect(await talk.end()).toMatchObject({ status: 0, verdict: { user: 'alice', method: 'password+totp' } });
  await desk.screen.until(/Two-factor +paired/);
  await desk.goTo('Overview');
  await desk.screen.until(/2 of 2 users paired/);
  expect(await desk.leave()).toBe(0);
  expect(await shell.json(['audit', 'verify'])).toMatchObject({ ok: true, firstBroken: null });
  expect(await shell.json(['doctor'])).toMatchObject({ ok: true });
});

it('makes nothing where it is given up, and asks again the next time', async () => {
  const shell = emptyShell();
  for (const keys of ['\x1b', '\r\x1bOR', '\rSt Elsewhere LIVE\r\x03']) {
    const screen = openPty(GATEHOUSE, [], { folder: shell.folder });
    await screen.until(/Set up Gatehouse[\s\S]*› Mode/);
    screen.type(keys);
    expect(await screen.exited).toBe(130);
    expect(existsSync(join(shell.folder, 'config.ini'))).toBe(false);
    expect(existsSync(join(shell.folder, 'data'))).toBe(false);
  }
});

async function setUp(screen: PtyScreen): Promise<void> {
  await screen.until(/Set up Gatehouse: how codes get to people[\s\S]*› Mode +< Auto/);
  screen.type('\r');
  await screen.until(/› Label/);
  screen.type('St Elsewhere LIVE');
  await screen.until(/The app on the phone will show\W+St Elsewhere LIVE: alice/);
  screen.type('\r');
  await screen.until(/the first administrator[\s\S]*› User name/);
  screen.type(`root\t${PASSWORD}\tanother one\r`);
  await screen.until(/not the same|differ/);
  expect(screen.text()).not.toContain('another one');
  // Back to the password, and both again.
  screen.type(`\x15${PASSWORD}\r`);
}

/** Off the screen with a camera, the key beside it the same. */
async function pairAdministrator(screen: PtyScreen): Promise<void> {
  screen.type(`${PASSWORD}\r`);
  const shown = await screen.until(/Then type the code that it shows/);
  const read = Object.values(await decodeByAll(terminalPixels(screen.terminal)));
  const secret = new URL(read[0] ?? '').searchParams.get('secret') ?? '';
  expect(new Set(read).size).toBe(1);
  expect(read[0]).toBe(`otpauth://totp/St%20Elsewhere%20LIVE:root?secret=${secret}&issuer=St%20Elsewhere%20LIVE`);
  expect([...shown.matchAll(/(?:[A-Z2-7]{4} ){3,7}[A-Z2-7]{4}/g)].join(' ').replaceAll(' ', '')).toBe(secret);
  screen.type(`${phoneCode(secret)}\r`);
  await screen.until(/› Show recovery codes[\s\S]*Your phone is paired/);
  screen.type('\x1b[B');
  await screen.until(/› Not now/);
  screen.type('\r');
  await screen.until(/Gatehouse · Overview/);
}
