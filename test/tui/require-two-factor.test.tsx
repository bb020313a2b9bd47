import { describe, expect, it } from 'vitest';
import { type TestConsole, testConsole } from '../support/test-console.tsx';

const PEOPLE = [
  { name: 'ada', role: 'admin', group: 'IT' },
  { name: 'bob', group: 'Ward 1' },
  { name: 'carol', group: 'Ward 1' },
  { name: 'dora', group: 'Ward 2' },
] as const;

async function states(test: TestConsole): Promise<Readonly<Record<string, string>>> {
  const directory = await test.facility.directory();
  return Object.fromEntries((await directory.users()).map((user) => [user.name, user.twoFactor.state]));
}

async function open(settings?: string): Promise<TestConsole> {
  const test = await testConsole({ people: PEOPLE, ...(settings === undefined ? {} : { settings }) });
  await test.signIn('ada');
  return test;
}

describe('Require 2FA', () => {
  it('rehearses first: names everybody, and does nothing until Yes', async () => {
    const test = await open();
    test.type('R');
    await test.until(/all 4 users/);
    test.type('\r');
    const shown = await test.until(/Yes, require 2FA for 4 users/);
    for (const { name } of PEOPLE) expect(shown).toContain(name);
    expect(shown).toContain('pair a phone by themselves');
    test.type('\r');
    await test.until(/Gatehouse . Users[\s\S]*ada .*off/);
    expect(Object.values(await states(test))).toEqual(['off', 'off', 'off', 'off']);
    test.type('R');
    await test.until(/all 4 users/);
    test.type('\r');
    await test.until(/Yes, require/);
    test.type('y');
    await test.until(/required for 4 users/);
    expect(Object.values(await states(test))).toEqual(['required', 'required', 'required', 'required']);
  });

  it('takes the selection, where there is one', async () => {
    const test = await open();
    test.type('j  ');
    await test.until(/2 selected/);
    test.type('R');
    await test.until(/the 2 selected/);
    test.type('\r');
    await test.until(/Yes, require 2FA for 2 users/);
    test.type('y');
    await test.until(/required for 2 users/);
    expect(await states(test)).toEqual({ ada: 'off', bob: 'required', carol: 'required', dora: 'off' });
  });

  it('takes the group that the table is filtered by', async () => {
    const test = await open();
    test.type('FFF');
    await test.until(/group Ward 2/);
    test.type('R');
    await test.until(/< group Ward 2 >/);
    test.type('\r');
    await test.until(/Yes, require 2FA for 1 user/);
    test.type('y');
    await test.until(/required for 1 user/);
    expect(await states(test)).toEqual({ ada: 'off', bob: 'off', carol: 'off', dora: 'required' });
  });

  it('takes a date to come and no other, and lets users say "later" until then', async () => {
    const test = await open();
    test.type('R');
    await test.until(/all 4 users/);
    test.type('\t\x1b[C\t');
    test.type('2026-13-01\r');
    await test.until(/Type a date like/);
    test.type('\x152026-03-02\r');
    await test.until(/has begun already/);
    test.type('\x152026-03-16\r');
    await test.until(/from 2026-03-16/);
    test.type('y');
    await test.until(/required for 4 users/);
    expect((await test.user('bob')).twoFactor.requiredFrom).toBe(Date.parse('2026-03-16T00:00:00Z'));
  });

  it('says that Central leaves users to the administrator, and leaves the last one out', async () => {
    const test = await open('2FA=Central:Ward LIVE\n');
    test.type('R');
    await test.until(/all 4 users/);
    test.type('\r');
    const shown = await test.until(/Yes, require 2FA for 3 users/);
    expect(shown).toContain('you give each of them their QR code');
    expect(shown).toContain('nobody could let them in again: ada');
    test.type('y');
    await test.until(/required for 3 users/);
    expect((await states(test)).ada).toBe('off');
  });

  it('says so where nobody would be affected', async () => {
    const test = await open();
    await test.require('ada', 'bob', 'carol', 'dora');
    test.type('R');
    await test.until(/all 4 users/);
    test.type('\r');
    await test.until(/Nobody would be affected/);
  });

  it('refuses where config.ini has no 2FA setting, with what to do', async () => {
    const test = await open('; nothing\n');
    test.type('R');
    await test.until(/all 4 users/);
    test.type('\r');
    await test.until(/config.ini has no 2FA setting/);
    expect(test.screen()).toContain('2FA SETTING IS MISSING');
  });
});

describe('a new user', () => {
  it('is added with a password that is shown once', async () => {
    const test = await open();
    test.type('n');
    await test.until(/New user/);
    test.type('eve\tEve Adams\tWard 2\r');
    const shown = await test.until(/Give eve this password/);
    const password = /^│ (\S{8,})\s+│$/m.exec(shown)?.[1] ?? '';
    expect(await test.user('eve')).toMatchObject({ display: 'Eve Adams', group: 'Ward 2', role: 'user' });
    expect(await test.facility.hasher.verify(password, (await test.user('eve')).passwordHash)).toBe(true);
    test.type('\r');
    await test.until(/5 users/);
  });

  it('is refused with the sentence while the form stays', async () => {
    const test = await open();
    test.type('n');
    await test.until(/New user/);
    test.type('BOB\r');
    await test.until(/There is a user bob already|There is a user BOB already/);
    test.type('\x15a:b');
    await test.until(/no colon/);
    test.type('\x1b');
    await test.until(/4 users/);
  });

  it('gets no command from a paste', async () => {
    const test = await open();
    test.type('\x1b[200~nR\rq\x1b[201~');
    expect(test.console.store.getState()).toMatchObject({ dialogues: [], left: undefined });
  });
});
