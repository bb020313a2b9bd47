import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { facilityShell } from '../support/gatehouse-process.ts';

const FIELDS = [
  'name',
  'display',
  'group',
  'role',
  'status',
  'twoFactor',
  'mustChangePassword',
  'lastLogin',
  'lockedUntil',
];

const CALLS_THAT_ARE_OFF = [
  [['user', 'add', 'ROOT', '--no-password'], 73],
  [['user', 'add', 'a:b', '--no-password'], 65],
  [['user', 'add', 'alice', '--role', 'king'], 64],
  [['user', 'add', 'alice', '--no-password', '--password-stdin'], 64],
  [['user', 'add', 'alice', '--password', 'secret'], 64],
  [['user', 'add'], 64],
  [['user', 'add', 'alice', 'bob'], 64],
  [['user', 'show', 'nobody'], 66],
  [['user', 'set', 'root'], 64],
  [['user', 'set', 'root', '--role', 'user'], 77],
  [['user', 'disable', 'root'], 77],
  [['user', 'remove', 'root', '--yes'], 77],
  [['user', 'remove', 'root'], 64],
  [['user', 'import', 'missing.csv'], 66],
  [['user'], 64],
  [['user', 'frobnicate'], 64],
] as const;

describe('gatehouse user', () => {
  it('adds, shows, changes, disables, enables, unlocks and removes, each as the JSON of SPEC §6', async () => {
    const { json, run } = await facilityShell();
    const added = await json(['user', 'add', 'alice', '--display', 'Alice Liddell', '--group', 'ward-3']);
    expect(added).toEqual({
      name: 'alice',
      display: 'Alice Liddell',
      group: 'ward-3',
      role: 'user',
      status: 'active',
      twoFactor: 'off',
      mustChangePassword: true,
      lastLogin: null,
      lockedUntil: null,
      initialPassword: expect.stringMatching(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/),
    });
    expect(Object.keys((await json(['user', 'show', 'ALICE'])) as object)).toEqual(FIELDS);
    const set = ['user', 'set', 'alice', '--group', '', '--role', 'helpdesk', '--no-must-change-password'];
    expect(await json(set)).toMatchObject({ group: '', role: 'helpdesk', mustChangePassword: false });
    expect(await json(['user', 'disable', 'alice'])).toMatchObject({ status: 'disabled' });
    expect(await json(['user', 'enable', 'alice'])).toMatchObject({ status: 'active' });
    expect(await json(['user', 'unlock', 'alice'])).toMatchObject({ status: 'active' });
    expect(await json(['user', 'remove', 'alice', '--yes'])).toEqual({ removed: 'alice' });
    expect((await run(['user', 'show', 'alice'])).status).toBe(66);
  });

  it('lists an array, filtered by state, group and text', async () => {
    const { json, run } = await facilityShell();
    await json(['user', 'add', 'alice', '--group', 'ward-3', '--no-password']);
    await json(['user', 'add', 'bob', '--display', 'Robert', '--no-password']);
    const names = async (...filter: string[]) =>
      ((await json(['user', 'list', ...filter])) as { name: string }[]).map(({ name }) => name);
    expect(await names()).toEqual(['alice', 'bob', 'root']);
    expect(await names('--state', 'required')).toEqual(['root']);
    expect(await names('--group', 'ward-3')).toEqual(['alice']);
    expect(await names('--search', 'ROB')).toEqual(['bob']);
    expect(await names('--state', 'paired')).toEqual([]);
    expect((await run(['user', 'list', '--state', 'on'])).status).toBe(64);
    expect((await run(['user', 'list'])).stdout).toMatch(
      /^NAME +2FA +STATUS.*\nalice +off +active.*\n.*\n.*\n3 users\n$/,
    );
  });

  it('sets a password from stdin, or makes one', async () => {
    const { json, run } = await facilityShell();
    await json(['user', 'add', 'alice', '--password-stdin'], { input: 'tulips in the morning\n' });
    expect(await json(['user', 'show', 'alice'])).toMatchObject({ mustChangePassword: false });
    expect(await json(['user', 'passwd', 'alice', '--generate'])).toMatchObject({
      mustChangePassword: true,
      initialPassword: expect.any(String),
    });
    const input = 'roses in the evening\n';
    expect(await json(['user', 'passwd', 'alice', '--password-stdin'], { input })).toMatchObject({
      mustChangePassword: false,
    });
    expect((await run(['user', 'passwd', 'alice'])).status).toBe(64);
    expect((await run(['user', 'passwd', 'alice', '--password-stdin'], { input: 'short\n' })).status).toBe(65);
  });

  it('ends each call that is off with its exit status, and changes nothing', async () => {
    const { json, run } = await facilityShell('off');
    const before = await json(['user', 'list']);
    for (const [args, status] of CALLS_THAT_ARE_OFF) {
      const { status: found, stderr } = await run(args);
      expect({ args, status: found }).toEqual({ args, status });
      expect(stderr).not.toMatch(/^\s+at /m);
    }
    expect(await json(['user', 'list'])).toEqual(before);
  });

  it('tells errors as JSON on stderr, nothing on stdout, with --json', async () => {
    const { run } = await facilityShell();
    for (const args of [
      ['user', 'show', 'nobody'],
      ['user', 'frobnicate'],
      ['user', 'list', '--state', 'on'],
    ]) {
      const { stdout, stderr } = await run([...args, '--json']);
      expect(stdout).toBe('');
      const { error } = JSON.parse(stderr) as { error: object };
      expect(Object.keys(error)).toEqual(['code', 'message', 'hint']);
    }
  });

  it('draws what steers a terminal inert, in tables and in sentences', async () => {
    const { run, folder } = await facilityShell();
    writeFileSync(join(folder, 'users.csv'), 'name,display\nevil,zero\u200bwidth\u2800\n');
    expect((await run(['user', 'import', 'users.csv'])).status).toBe(0);
    const { stdout } = await run(['user', 'list']);
    expect(stdout).toContain('zero<U+200B>width<U+2800>');
    for (const args of [
      ['user', 'show', '\u001b[31mred\u0007'],
      ['user', 'list', '--state', '\u001b]0;x\u0007'],
      ['\u001b[31m'],
    ]) {
      const { stderr } = await run(args);
      expect(stderr).toContain('<U+1B>'.replace('1B', '001B'));
      expect(stderr).not.toMatch(/[\u001b\u0007]/);
    }
  });
});

describe('gatehouse user import and export', () => {
  it('imports a file or stdin as a whole, and names each bad line with its number', async () => {
    const { json, run, folder } = await facilityShell();
    writeFileSync(join(folder, 'good.csv'), 'name,group\nalice,ward-3\nbob,ward-3\n');
    writeFileSync(join(folder, 'bad.csv'), 'name,role\ncarol,user\ndave,king\nca:rol,user\n');
    expect(await json(['user', 'import', 'good.csv', '--dry-run'])).toEqual({
      imported: 0,
      checked: 2,
      withoutPassword: 2,
    });
    expect(await json(['user', 'import', 'good.csv'])).toEqual({ imported: 2, checked: 2, withoutPassword: 2 });
    const bad = await run(['user', 'import', 'bad.csv']);
    expect(bad.status).toBe(65);
    expect(bad.stderr).toMatch(/^bad\.csv:3: .*king.*\nbad\.csv:4: .*colon.*\ngatehouse: 2 lines are wrong/);
    expect((await run(['user', 'show', 'carol'])).status).toBe(66);
    const { error } = JSON.parse((await run(['user', 'import', 'bad.csv', '--json'])).stderr) as {
      error: { message: string };
    };
    expect(error.message).toContain('bad.csv:3');
    expect(await json(['user', 'import', '-'], { input: 'name\nerin\n' })).toMatchObject({ imported: 1 });
    expect((await run(['user', 'import', '-'], { input: Buffer.from('name\n\xff\n', 'latin1') })).status).toBe(65);
  });

  it('exports into a new file for this account alone, and never over another', async () => {
    const { json, run, folder } = await facilityShell();
    await json(['user', 'export', 'users.csv']);
    const path = join(folder, 'users.csv');
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toBe('name,display,group,role,password\r\nroot,,,admin,\r\n');
    expect((await run(['user', 'export', 'users.csv'])).status).toBe(73);
    expect((await run(['user', 'export', '-'])).stdout).toBe(readFileSync(path, 'utf8'));
  });

  it('takes 100,000 lines from a file', async () => {
    const { json, folder } = await facilityShell();
    const lines = Array.from({ length: 100_000 }, (_, index) => `user${index},User ${index},group-${index % 50},user,`);
    writeFileSync(join(folder, 'many.csv'), `name,display,group,role,password\n${lines.join('\n')}\n`);
    expect(await json(['user', 'import', 'many.csv'])).toMatchObject({ imported: 100_000 });
    expect(await json(['2fa', 'status'])).toMatchObject({ counts: { off: 100_000, required: 1 } });
  });
});
