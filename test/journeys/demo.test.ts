/** `npm run demo` as somebody new to it plays: reads the sheet, signs in with what stands there, leaves; and nothing is left of it. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { DEMO_PASSWORD, DEMO_PEOPLE } from '../../tools/demo-people.ts';
import { signedIn } from '../support/journey-console.ts';
import { emptyFolder } from '../support/journey-facility.ts';
import { openPty, type PtyScreen } from '../support/pty-screen.ts';

const DEMO = [resolve('tools/demo.ts'), 'as-built'];
const MENU = /4 {2}Fresh codes[\s\S]*Number, then Enter:/;

it('opens console and gate with what its sheet says, fits 80 x 24, and is gone when it is left', async () => {
  const screen = openPty(process.execPath, DEMO);
  const sheet = await screen.until(MENU);
  expect(sheet.split('\n').length).toBeLessThanOrEqual(24);
  expect(sheet).toContain(DEMO_PASSWORD);
  const folder = /(\/\S+)\/config\.ini/.exec(sheet)?.[1] ?? '';
  expect(existsSync(folder)).toBe(true);

  screen.type('1\r');
  await logOn(screen, 'ada', codeOn(sheet, 'ada'));
  await screen.until(/Gatehouse · Overview[\s\S]*27 of 60 users paired/);
  const desk = signedIn(emptyFolder(folder), 'ada', screen);
  await desk.goTo('Users');
  await screen.until(new RegExp(`${DEMO_PEOPLE.length} users`));
  screen.type('q');

  // The code that was used is no longer offered.
  const again = await screen.until((shown) => MENU.test(shown) && codeOn(shown, 'ada') !== codeOn(sheet, 'ada'));
  screen.type('2\r');
  await logOn(screen, 'alice', codeOn(again, 'alice'));
  await screen.until(/Your program begins here, as alice, let in by password\+totp/);
  screen.type('\r');
  await screen.until(MENU);
  screen.type('3\r');
  await screen.until(/User name:$/);
  screen.type('\x03');
  await screen.until(/exit status 130 \(cancelled\)[\s\S]*Enter:/);
  screen.type('5\r');
  expect(await screen.exited).toBe(0);
  expect(existsSync(folder)).toBe(false);
});

const ENDS: readonly (readonly [string, (screen: PtyScreen) => void, number])[] = [
  ['Ctrl-C at its menu', (screen: PtyScreen) => screen.type('\x03'), 0],
  ['SIGTERM', (screen: PtyScreen) => void process.kill(screen.pid, 'SIGTERM'), 130],
  ['a hang-up', (screen: PtyScreen) => void process.kill(screen.pid, 'SIGHUP'), 130],
];

it.each(ENDS)('is gone after %s, too', async (_, end, status) => {
  const screen = openPty(process.execPath, DEMO);
  const folder = /(\/\S+)\/config\.ini/.exec(await screen.until(MENU))?.[1] ?? '';
  end(screen);
  expect(await screen.exited).toBe(status);
  expect(existsSync(folder)).toBe(false);
});

it('ends the console first where a signal comes while that is on the screen', async () => {
  const screen = openPty(process.execPath, DEMO);
  const folder = /(\/\S+)\/config\.ini/.exec(await screen.until(MENU))?.[1] ?? '';
  screen.type('1\r');
  await screen.until(/› User name/);
  process.kill(screen.pid, 'SIGTERM');
  expect(await screen.exited).toBe(130);
  expect(screen.terminal.buffer.active.type).toBe('normal');
  expect(existsSync(folder)).toBe(false);
});

it('says a sentence where there is no terminal', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, DEMO, { encoding: 'utf8', input: '' });
  expect({ status, stdout, stderr }).toEqual({
    status: 64,
    stdout: '',
    stderr: 'The demo is to be played with: it needs a terminal.\n',
  });
});

async function logOn(screen: PtyScreen, name: string, code: string): Promise<void> {
  await screen.until(/› User name/);
  screen.type(`${name}\r`);
  await screen.until(/› Password/);
  screen.type(`${DEMO_PASSWORD}\r`);
  await screen.until(/› Code/);
  screen.type(`${code}\r`);
}

/** The first of the codes in somebody's row. */
function codeOn(sheet: string, name: string): string {
  return new RegExp(`^ *${name} .*?(\\d{6})`, 'm').exec(sheet)?.[1] ?? '';
}
