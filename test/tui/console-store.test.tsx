import { describe, expect, it } from 'vitest';
import { phoneCode } from '../support/authenticator.ts';
import { CONSOLE_ACTOR } from '../support/console-facility.ts';
import { ADMIN, PASSWORD } from '../support/temporary-facility.ts';
import { testConsole } from '../support/test-console.tsx';

const PEOPLE = [
  { name: 'ada', role: 'admin', group: 'IT' },
  { name: 'bob', group: 'Ward 1', display: 'Robert' },
  { name: 'carol', group: 'Ward 2' },
] as const;

describe('signing in', () => {
  it('takes name, password and Enter however fast they come', async () => {
    const test = await testConsole({ people: PEOPLE });
    await test.until(/User name/);
    test.type(`ada\r${PASSWORD}`);
    await test.until(/•{8}/);
    test.type('\r');
    await test.until(/ada \(admin\)/);
    expect(await test.events('ada')).toContain('console.signed-in');
  });

  it('shows nothing of a password but its length while it is typed, and no length afterwards', async () => {
    const test = await testConsole({ people: PEOPLE });
    await test.until(/User name/);
    test.type('ada\r');
    await test.until(/Password/);
    test.type(PASSWORD);
    const shown = await test.until(/•{21}/);
    expect(shown).not.toContain('correct');
  });

  it('refuses a user without a role, however right the password is', async () => {
    const test = await testConsole({ people: PEOPLE });
    await test.until(/User name/);
    test.type(`bob\r${PASSWORD}\r`);
    await test.until(/Password/);
    test.type(`${PASSWORD}\r`);
    await test.until(/has no role in the console/);
    expect(test.console.store.getState().signedIn).toBeUndefined();
    expect(test.console.store.getState().screens).toEqual([]);
  });

  it('says that it was not right, and begins again with Enter', async () => {
    const test = await testConsole({ people: PEOPLE });
    await test.until(/User name/);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      test.type('ada\r');
      await test.until(/Password/);
      test.type('wrong wrong wrong\r');
      await test.until(/Login incorrect/);
    }
    await test.until(/Try again/);
    test.type('\r');
    await test.until(/User name\s+_/);
  });

  it('leaves with 130 when it is cancelled, by each of its keys', async () => {
    for (const key of ['\x1b', '\x1bOR', '\x1b[24~', '\x03']) {
      const test = await testConsole({ people: PEOPLE });
      await test.until(/User name/);
      test.type(key);
      expect(await test.left).toBe(130);
    }
  });

  it('gives no other key a meaning before somebody has signed in', async () => {
    const test = await testConsole({ people: PEOPLE });
    await test.until(/User name/);
    test.type('q?Z\t');
    expect(test.screen()).toContain('q?Z');
    expect(test.console.store.getState()).toMatchObject({ help: undefined, left: undefined, screens: [] });
  });
});

describe('signing in for the first time', () => {
  /** The typed key as it stands on the screen, in groups of four over one line or two. */
  function keyOn(screen: string): string {
    return (screen.match(/(?:[A-Z2-7]{4} ){3,7}[A-Z2-7]{4}/g) ?? []).join('').replaceAll(' ', '');
  }

  it('pairs a phone: QR code and key, the code that the app shows, recovery codes once, and then the console', async () => {
    const test = await testConsole({ people: PEOPLE });
    await test.require('ada');
    await test.until(/User name/);
    test.type(`ada\r${PASSWORD}\r`);
    const shown = await test.until(/Then type the code/);
    expect(keyOn(shown)).toHaveLength(32);
    test.type('000000\r');
    await test.until(/not right/);
    expect(keyOn(test.screen())).toBe(keyOn(shown));
    test.type(`${phoneCode(keyOn(shown), 0, test.clock.now())}\r`);
    await test.until(/recovery codes/i);
    expect(keyOn(test.screen())).toBe('');
    test.type('\r');
    await test.until(/not shown again/);
    test.type('\r');
    await test.until(/ada \(admin\)/);
    expect((await test.user('ada')).twoFactor.state).toBe('paired');
  });

  it('blanks the picture after QrSeconds, not the question', async () => {
    const test = await testConsole({
      people: PEOPLE,
      settings: '2FA=Auto:Ward LIVE\n[Terminal]\nQrSeconds=30\n[Login]\nTimeoutSeconds=600\n',
    });
    await test.require('ada');
    await test.until(/User name/);
    test.type(`ada\r${PASSWORD}\r`);
    await test.until(/Then type the code/);
    expect(test.screen()).toContain('▀');
    test.clock.advance(30_000);
    await test.console.tick();
    expect(test.screen()).not.toContain('▀');
    expect(test.screen()).toMatch(/Code/);
  });
});

describe('the lock', () => {
  it('locks after ten minutes without a key, and not before', async () => {
    const test = await testConsole({ people: PEOPLE });
    await test.signIn('ada');
    test.clock.advance(9 * 60_000);
    test.type('j');
    test.clock.advance(9 * 60_000);
    await test.console.tick();
    expect(test.screen()).toContain('carol');
    test.clock.advance(60_000);
    await test.console.tick();
    expect(test.screen()).toContain('The console is locked');
    expect(test.screen()).not.toContain('carol');
  });

  it('locks where the clock is set back so far that nobody knows how long it was idle', async () => {
    const test = await testConsole({ people: PEOPLE });
    await test.signIn('ada');
    test.clock.advance(-9 * 60_000);
    await test.console.tick();
    expect(test.screen()).toContain('carol');
    test.clock.advance(-365 * 86_400_000);
    await test.console.tick();
    expect(test.screen()).toContain('The console is locked');
  });

  it('comes back where it was, for the same user alone', async () => {
    const test = await testConsole({ people: [...PEOPLE, { name: 'eve', role: 'admin' }] });
    await test.signIn('ada');
    test.type('/carol\r');
    test.type('Z');
    await test.until(/User name\s+ada[\s\S]*› Password/);
    test.type(`${PASSWORD}\r`);
    await test.until(/\/carol/);
    expect(test.screen()).toContain('1 of 4 users');
  });

  it('blanks a QR code, drops codes and gives up questions when it locks', async () => {
    const test = await testConsole({ people: PEOPLE });
    await test.require('bob');
    await test.signIn('ada');
    test.type('/bob\r\r');
    await test.until(/User Properties/);
    await test.until(/One-time code/);
    test.type('o');
    await test.until(/Yes, make a one-time code/);
    test.type('y');
    const shown = await test.until(/Good once/);
    const code = /^│ (\S{6,})\s+│$/m.exec(shown)?.[1] ?? '';
    expect(code).not.toBe('');
    test.type('Z');
    expect(test.screen()).toContain('Good once');
    test.clock.advance(10 * 60_000);
    await test.console.tick();
    await test.until(/console is locked[\s\S]*› Password/);
    expect(test.console.store.getState().dialogues).toEqual([]);
    test.type(`${PASSWORD}\r`);
    await test.until(/User Properties/);
    expect(test.screen()).not.toContain(code);
  });
});

describe('what others change', () => {
  it('shows up with the next look, the cursor staying on its user', async () => {
    const test = await testConsole({ people: PEOPLE });
    await test.signIn('ada');
    await test.console.tick();
    test.type('jj');
    const directory = await test.facility.directory();
    await directory.addUser(CONSOLE_ACTOR, { name: 'aaron', password: { kind: 'none' } });
    await test.console.tick();
    const shown = await test.until(/aaron/);
    expect(shown).toMatch(/› {2}carol/);
  });

  it('shows out whoever was disabled meanwhile, before the next deed', async () => {
    const test = await testConsole({ people: [...PEOPLE, { name: 'eve', role: 'admin' }] });
    await test.signIn('ada');
    const directory = await test.facility.directory();
    await directory.disableUser(ADMIN, (await test.user('ada')).id);
    test.type('/bob\r\r');
    await test.until(/User Properties/);
    await test.until(/x Disable/);
    test.type('x');
    await test.until(/Yes, disable bob/);
    test.type('y');
    await test.until(/may no longer use the console/);
    expect((await test.user('bob')).disabled).toBe(false);
    expect(test.console.store.getState()).toMatchObject({ signedIn: undefined, screens: [] });
  });

  it('counts a role that was taken away from the next deed on', async () => {
    const test = await testConsole({ people: [...PEOPLE, { name: 'eve', role: 'admin' }] });
    await test.signIn('ada');
    const directory = await test.facility.directory();
    test.type('/bob\r\r');
    await test.until(/x Disable/);
    await directory.editUser(ADMIN, { id: (await test.user('ada')).id, changes: { role: 'auditor' } });
    test.type('x');
    await test.until(/Yes, disable bob/);
    test.type('y');
    await test.until(/does not allow this/);
    expect((await test.user('bob')).disabled).toBe(false);
    test.type('\r');
    await test.until(/ada \(auditor\)/);
    expect(test.screen()).not.toContain('Disable');
  });
});

describe('keys', () => {
  it('go to what is on top: a key behind the one that opens a dialogue is the dialogue\u2019s', async () => {
    const test = await testConsole({ people: PEOPLE });
    await test.signIn('ada');
    test.type('/bob\r\r');
    await test.until(/x Disable/);
    test.type('xq');
    await test.until(/Yes, disable bob/);
    expect(test.console.store.getState().left).toBeUndefined();
  });

  it('do nothing but leave in a window too small to show what they do', async () => {
    const test = await testConsole({ people: PEOPLE });
    await test.signIn('ada');
    test.console.resize({ columns: 40, rows: 10 });
    expect(test.screen()).toContain('too small');
    test.type('n');
    test.console.resize({ columns: 80, rows: 24 });
    expect(test.screen()).not.toContain('New user');
    test.console.resize({ columns: 40, rows: 10 });
    test.type('q');
    expect(await test.left).toBe(0);
  });

  it('show the help of where one is, and close it', async () => {
    const test = await testConsole({ people: PEOPLE });
    await test.signIn('ada');
    test.type('\x1bOP');
    expect(test.screen()).toContain('Search as you type');
    test.type('?');
    expect(test.screen()).toContain('carol');
  });

  it('leave with 0, by q and F3', async () => {
    for (const key of ['q', '\x1b[13~']) {
      const test = await testConsole({ people: PEOPLE });
      await test.signIn('ada');
      test.type(key);
      expect(await test.left).toBe(0);
      expect(test.console.store.getState()).toMatchObject({ screens: [], signedIn: undefined });
    }
  });
});
