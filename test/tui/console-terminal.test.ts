/** The console in a real terminal: what Ink and the terminal make of it. The rest is tested without. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { openFacility } from '../../src/core/node/facility.ts';
import { CONSOLE_ACTOR, CONSOLE_PASSWORD, consoleFacility, manyPeople } from '../support/console-facility.ts';
import { GATEHOUSE } from '../support/gatehouse-process.ts';
import { openPty, type PtyOptions, type PtyScreen } from '../support/pty-screen.ts';

async function openConsole(options: PtyOptions = {}, users = 60): Promise<PtyScreen & { readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-console-'));
  chmodSync(folder, 0o700);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const facility = await consoleFacility({ folder, people: manyPeople(users) });
  await facility.close();
  return { ...openPty(GATEHOUSE, ['--config', join(folder, 'config.ini')], options), folder };
}

/** From the first question to the table of users, typed as fast as it goes. */
async function signIn(screen: PtyScreen): Promise<void> {
  await screen.until(/User name/);
  screen.type('ada\r');
  await screen.until(/Password/);
  screen.type(`${CONSOLE_PASSWORD}\r`);
  await screen.until(/ada \(admin\)/);
  for (let screens = 0; !/Gatehouse . Users/.test(screen.text()); screens += 1) {
    if (screens > 6) throw new Error(`no users:\n${screen.text()}`);
    const before = screen.text().split('\n')[0] ?? '';
    screen.type('\t');
    await screen.until((text) => !text.startsWith(before));
  }
  await screen.until(/60 users[\s\S]*Require 2FA/);
}

describe('the console in a terminal', () => {
  it('signs in, searches, opens a user, goes back and leaves with 0, the screen as it was before', async () => {
    const screen = await openConsole();
    await signIn(screen);
    screen.type('/lena ad');
    await screen.until(/1 of 60[\s\S]*lena\.adler/);
    screen.type('\r\r');
    await screen.until(/User Properties[\s\S]*Lena Adler/);
    screen.type('\x1b[24~');
    await screen.until(/Gatehouse . Users/);
    screen.type('q');
    expect(await screen.exited).toBe(0);
    expect(screen.text()).toBe('');
    expect(screen.terminal.buffer.active.type).toBe('normal');
    expect(screen.bytes()).not.toContain(CONSOLE_PASSWORD);
  });

  it('uses all rows of 80x24 and of 140x40, and follows a window that changes', async () => {
    const screen = await openConsole();
    await signIn(screen);
    const rows = (text: string): number =>
      text.split('\n').filter((line) => /\b(off|required)\b.*active/.test(line)).length;
    await screen.until((text) => rows(text) === 20);
    screen.resize(140, 40);
    await screen.until((text) => rows(text) === 36 && /Role/.test(text));
    screen.resize(50, 12);
    await screen.until(/too small/);
    screen.resize(80, 24);
    await screen.until((text) => rows(text) === 20 && text.split('\n').length === 24);
  });

  it('moves the cursor with 300 bytes at most', async () => {
    const screen = await openConsole();
    await signIn(screen);
    for (let move = 0; move < 5; move += 1) {
      const before = screen.bytes().length;
      const row = screen
        .text()
        .split('\n')
        .findIndex((line) => line.startsWith('›'));
      screen.type('j');
      await screen.until((text) => text.split('\n')[row + 1]?.startsWith('›') === true);
      expect(screen.bytes().length - before).toBeLessThanOrEqual(300);
    }
  });

  it('shows what another process wrote', async () => {
    const screen = await openConsole();
    await signIn(screen);
    const other = await openFacility(readConfigFile(join(screen.folder, 'config.ini')).config);
    await (await other.directory()).addUser(CONSOLE_ACTOR, { name: 'aaron', password: { kind: 'none' } });
    await other.close();
    await screen.until(/61 users/);
    expect(screen.text()).toContain('aaron');
  });

  it.each([
    ['SIGTERM', 130],
    ['SIGHUP', 77],
  ] as const)('puts the terminal back when %s ends it', async (signal, status) => {
    const screen = await openConsole();
    await signIn(screen);
    process.kill(screen.pid, signal);
    expect(await screen.exited).toBe(status);
    expect(screen.terminal.buffer.active.type).toBe('normal');
    expect(screen.bytes().endsWith('\x1b[?25h') || screen.bytes().includes('\x1b[?25h')).toBe(true);
  });

  it('works in 7-bit ASCII without colours', async () => {
    const screen = await openConsole({ environment: { LANG: 'C', TERM: 'vt220' } });
    await signIn(screen);
    screen.type('?');
    await screen.until(/Search as you type/);
    expect(screen.text()).toMatch(/^[\x20-\x7e\n]*$/);
    screen.type('\x1b');
    await screen.until(/60 users/);
    screen.type('\x1b[13~');
    expect(await screen.exited).toBe(0);
  });
});

describe('what is typed ahead', () => {
  it('answers nothing: not before the sign-in, nor while thousands of users are read', async () => {
    const screen = await openConsole({}, 20_000);
    screen.type('bob\r');
    await screen.until(/› User name/);
    screen.type('ada\r');
    // The name that was typed too early is not in front of it.
    await screen.until(/User name +ada[\s\S]*› Password/);
    screen.type(`${CONSOLE_PASSWORD}\r`);
    await screen.until(/ada \(admin\)/);
    screen.type('\tR\ry');
    await screen.until(/Gatehouse . Users[\s\S]*20000 users/);
    for (const keys of ['R\ry', '\ry']) {
      screen.type(keys);
      await screen.until(keys.startsWith('R') ? /all 20000 users/ : /Yes, require 2FA for 20000 users/);
    }
    screen.type('n');
    await screen.until(/20000 users[\s\S]*Require 2FA/);
    screen.type('q');
    expect(await screen.exited).toBe(0);
    const facility = await openFacility(readConfigFile(join(screen.folder, 'config.ini')).config);
    const states = new Set<string>();
    await (await facility.directory()).visitUsers((user) => states.add(user.state));
    await facility.close();
    expect([...states]).toEqual(['off']);
  });

  it('is nobody who is quick: each key counts from the moment a question is there', async () => {
    const screen = await openConsole();
    await signIn(screen);
    for (let round = 0; round < 30; round += 1) {
      screen.type('n');
      await screen.until(/New user/);
      screen.type('x');
      await screen.until(/User name +x/);
      screen.type('\x1b');
      await screen.until((text) => !text.includes('New user'));
    }
  });
});
