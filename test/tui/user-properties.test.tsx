import { describe, expect, it } from 'vitest';
import { stateAt } from '../../src/core/two-factor.ts';
import { ADMIN, PASSWORD } from '../support/temporary-facility.ts';
import { type TestConsole, testConsole } from '../support/test-console.tsx';

const PEOPLE = [
  { name: 'ada', role: 'admin', group: 'IT' },
  { name: 'bob', group: 'Ward 1', display: 'Robert' },
  { name: 'helga', role: 'helpdesk' },
  { name: 'otto', role: 'auditor' },
] as const;

/** Signed in as `as`, with the properties of `name` on the screen. */
async function at(name: string, as = 'ada', settings?: string): Promise<TestConsole> {
  const test = await testConsole({ people: PEOPLE, ...(settings === undefined ? {} : { settings }) });
  await test.require('bob');
  await test.signIn(as);
  test.type(`/${name}\r\r`);
  await test.until(/Two-factor /);
  return test;
}

async function stateOf(test: TestConsole, name: string): Promise<string> {
  return stateAt((await test.user(name)).twoFactor, test.clock.now());
}

describe('Deactivate', () => {
  it('does nothing unless the very name is typed', async () => {
    const test = await at('bob');
    test.type('D');
    await test.until(/type the user's name: bob/);
    test.type('\r');
    expect(test.screen()).toContain('That is not the name');
    test.type('bo\r');
    expect(test.screen()).toContain('That is not the name');
    test.type('\x1b');
    await test.until(/Deactivate\b.*Help/);
    expect(await stateOf(test, 'bob')).toBe('required');
    test.type('D');
    await test.until(/type the user's name: bob/);
    test.type('BOB\r');
    await test.until(/2FA of bob is deactivated/);
    expect(await stateOf(test, 'bob')).toBe('off');
    expect(await test.events('bob')).toContain('two-factor.deactivated');
  });

  it('is not offered where two-factor is off', async () => {
    const test = await at('otto');
    expect(test.screen()).not.toContain('Deactivate');
    test.type('D');
    expect(test.screen()).toContain('User Properties');
    expect(test.console.store.getState().dialogues).toEqual([]);
  });
});

describe('Show QR Code', () => {
  it('wants the own password again, shows the code, and blanks it after QrSeconds', async () => {
    const test = await at('bob');
    test.type('s');
    await test.until(/Confirm with your own[\s\S]*› Password/);
    test.type(`${PASSWORD}\r`);
    const shown = await test.until(/Account: bob/);
    const key = /((?:[A-Z2-7]{4} ?){2,})/.exec(shown)?.[1] ?? '';
    expect(key).not.toBe('');
    expect(await stateOf(test, 'bob')).toBe('issued');
    test.clock.advance(120_000);
    await test.console.tick();
    expect(test.screen()).toContain('long enough');
    expect(test.screen()).not.toContain(key.trim());
    expect(await test.events('bob')).toEqual(expect.arrayContaining(['pairing.issued', 'pairing.shown']));
  });

  it('shows nothing when the step-up is given up or wrong', async () => {
    const test = await at('bob');
    test.type('s');
    await test.until(/Confirm with your own/);
    test.type('\x1b');
    await test.until(/Two-factor +required/);
    test.type('s');
    await test.until(/Confirm with your own[\s\S]*› Password/);
    test.type('wrong wrong wrong\r');
    await test.until(/Login incorrect/);
    expect(await stateOf(test, 'bob')).toBe('required');
    expect(await test.events('bob')).not.toContain('pairing.shown');
  });

  it('shows the same secret a second time', async () => {
    const test = await at('bob');
    const keys: string[] = [];
    for (let time = 0; time < 2; time += 1) {
      test.type('s');
      await test.until(/Confirm with your own[\s\S]*› Password/);
      test.type(`${PASSWORD}\r`);
      const shown = await test.until(/Account: bob/);
      keys.push(shown.match(/(?:[A-Z2-7]{4} ){3}[A-Z2-7]{4}/g)?.join(' ') ?? '');
      test.type('\x1b');
      await test.until(/Two-factor +issued/);
    }
    expect(keys[0]).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
    expect(keys[1]).toBe(keys[0]);
  });

  it('says what is missing where config.ini has no label', async () => {
    const test = await at('bob', 'ada', '2FA=Auto:X\n');
    expect(test.screen()).toContain('X (Auto)');
  });
});

describe('one-time and recovery codes, passwords', () => {
  it('makes a one-time code that lets the user in', async () => {
    const test = await at('bob');
    test.type('o');
    await test.until(/Be sure that it is bob/);
    test.type('y');
    const shown = await test.until(/Good once/);
    const code = /^│ ([A-Z0-9][A-Z0-9 -]{5,}[A-Z0-9])\s+│$/m.exec(shown)?.[1] ?? '';
    const login = test.converse({ user: 'bob' });
    await login.start();
    await login.answer(1, PASSWORD);
    const done = (await login.answer(2, code)).at(-1);
    expect(done).toMatchObject({ outcome: 'granted', method: 'password+one-time' });
  });

  it('takes Enter for No when it asks about a one-time code', async () => {
    const test = await at('bob');
    test.type('o');
    await test.until(/Be sure that it is bob/);
    test.type('\r');
    await test.until(/Two-factor +required/);
    expect(await test.events('bob')).not.toContain('one-time.made');
  });

  it('offers recovery codes only once a phone is paired', async () => {
    const test = await at('bob');
    test.type('c');
    expect(test.console.store.getState().dialogues).toEqual([]);
  });

  it('makes a password, shows it once, and it is right until it is changed', async () => {
    const test = await at('bob');
    test.type('p');
    await test.until(/does not go around two-factor/);
    test.type('\r');
    const shown = await test.until(/Give bob this password/);
    const password = /^│ (\S{8,})\s+│$/m.exec(shown)?.[1] ?? '';
    expect(await test.facility.hasher.verify(password, (await test.user('bob')).passwordHash)).toBe(true);
    test.type('\r');
    await test.until(/has to be changed at the next log-on/);
    expect(test.screen()).not.toContain(password);
  });

  it('refuses two passwords that differ, and one that is too short, and keeps the form', async () => {
    const test = await at('bob');
    test.type('p');
    await test.until(/does not go around two-factor/);
    test.type('\x1b[C\t');
    test.type('one password 1\tother password 2\r');
    await test.until(/are not the same/);
    test.type('\x15one password 1\r');
    await test.until(/is set/);
    expect(await test.facility.hasher.verify('one password 1', (await test.user('bob')).passwordHash)).toBe(true);
  });
});

describe('accounts', () => {
  it('disables after a Yes and enables again', async () => {
    const test = await at('bob');
    test.type('x');
    await test.until(/Yes, disable bob/);
    test.type('y');
    await test.until(/Account +disabled/);
    test.type('E');
    await test.until(/Account +active/);
    expect(await test.events('bob')).toEqual(expect.arrayContaining(['user.disabled', 'user.enabled']));
  });

  it('takes no Yes that was typed ahead with the key that asked', async () => {
    const test = await at('bob');
    test.type('xy');
    await test.until(/Yes, disable bob/);
    expect((await test.user('bob')).disabled).toBe(false);
  });

  it('unlocks a user who typed too many wrong codes or passwords', async () => {
    const test = await at('bob');
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const login = test.converse({ user: 'bob' });
      await login.start();
      await login.answer(1, 'wrong wrong wrong');
    }
    await test.console.tick();
    await test.until(/Account +locked/);
    test.type('l');
    await test.until(/Account +active/);
    expect(await test.events('bob')).toContain('user.unlocked');
  });

  it('edits display name, group and role', async () => {
    const test = await at('bob');
    test.type('e');
    await test.until(/Edit bob/);
    test.type('\x15Bobby\t\x15Theatre\t\x1b[C\r');
    await test.until(/bob is saved/);
    expect(await test.user('bob')).toMatchObject({ display: 'Bobby', group: 'Theatre', role: 'helpdesk' });
  });

  it('overwrites nothing that somebody else edited meanwhile, says what it was, and then does what it is told', async () => {
    const test = await at('bob');
    test.type('e');
    await test.until(/Edit bob/);
    const directory = await test.facility.directory();
    const { id } = await test.user('bob');
    await directory.editUser(ADMIN, { id, changes: { group: 'Pharmacy' } });
    test.type('\x15Bobby\r');
    const shown = await test.until(/Edited meanwhile/);
    expect(shown).toContain('Group: was "Ward 1", is "Pharmacy" now');
    expect(await test.user('bob')).toMatchObject({ display: 'Robert', group: 'Pharmacy' });
    test.type('\r');
    await test.until(/by somebody else\.[\s\S]*Enter Save/);
    test.type('\r');
    await test.until(/bob is saved/);
    expect(await test.user('bob')).toMatchObject({ display: 'Bobby', group: 'Pharmacy' });
  });

  it('removes a user whose name was typed, and goes back to the list', async () => {
    const test = await at('bob');
    test.type('X');
    await test.until(/type the user's name: bob/);
    test.type('bob\r');
    await test.until(/bob is removed/);
    await test.until(/Gatehouse . Users/);
    const directory = await test.facility.directory();
    expect(await directory.find('bob')).toBeUndefined();
  });

  it('says so when the user is gone meanwhile', async () => {
    const test = await at('bob');
    const directory = await test.facility.directory();
    await directory.removeUser(ADMIN, (await test.user('bob')).id);
    await test.console.tick();
    await test.until(/no such user any more/);
  });
});

describe('the last administrator', () => {
  it.each([
    ['disabled', 'x', 'y'],
    ['removed', 'Xada\r', ''],
    ['made a user', 'e\t\t\x1b[C\x1b[C\r', ''],
  ])('is not %s', async (_, keys, yes) => {
    const test = await at('ada');
    for (const part of [keys.slice(0, 1), keys.slice(1), yes].filter((text) => text !== '')) {
      test.type(part);
      await test.until(/Yes,|Edit ada|Remove user|last administrator/);
    }
    await test.until(/last administrator who can log in/);
    expect(await test.user('ada')).toMatchObject({ role: 'admin', disabled: false });
  });
});

describe('roles', () => {
  it('offers the help desk codes, passwords and QR codes of plain users, and nothing else', async () => {
    const test = await at('bob', 'helga');
    test.type('?');
    const help = test.screen();
    for (const text of ['Show the QR code', 'Make a code good once', 'Set a new password'])
      expect(help).toContain(text);
    for (const text of ['Deactivate', 'Disable', 'Remove', 'Edit', 'recovery']) expect(help).not.toContain(text);
  });

  it('offers the help desk nothing for a user who has a role', async () => {
    const test = await at('otto', 'helga');
    for (const key of ['p', 's', 'o', 'l', 'D', 'x', 'e', 'X', 'a', 'c']) test.type(key);
    expect(test.console.store.getState().dialogues).toEqual([]);
  });

  it('offers an auditor nothing but to look', async () => {
    const test = await at('bob', 'otto');
    for (const key of ['p', 's', 'o', 'l', 'D', 'x', 'e', 'X', 'a', 'c']) test.type(key);
    expect(test.console.store.getState().dialogues).toEqual([]);
    test.type('\x1b');
    await test.until(/Gatehouse . Users/);
    test.type('nR');
    expect(test.console.store.getState().dialogues).toEqual([]);
  });
});

it('shows what happened to the user lately, newest first', async () => {
  const test = await at('bob');
  const shown = await test.until(/Recent activity\n.*two-factor.required/);
  expect(shown).toMatch(/user\.added/);
});
