import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyShell, facilityShell, type Shell } from '../support/gatehouse-process.ts';

function text({ folder }: Shell): string {
  return readFileSync(join(folder, 'config.ini'), 'utf8');
}

describe('gatehouse config', () => {
  it('gets and sets one setting, and leaves every other line as it was', async () => {
    const shell = await facilityShell();
    writeFileSync(join(shell.folder, 'config.ini'), `; ours\n${text(shell)}\n; the end`);
    const before = text(shell).split('\n');
    expect(await shell.json(['config', 'get', 'Login.Attempts'])).toEqual({
      key: 'Login.Attempts',
      value: '3',
      line: null,
    });
    expect(await shell.json(['config', 'set', 'Login.Attempts', '5'])).toEqual({
      key: 'Login.Attempts',
      value: '5',
      recorded: 'in-database',
    });
    expect((await shell.run(['config', 'get', 'Login.Attempts'])).stdout).toBe('5\n');
    const added = text(shell).split('\n');
    expect(before.filter((line) => !added.includes(line)).length).toBeLessThanOrEqual(1);
    expect(added.filter((line) => !before.includes(line))).toEqual(['Attempts=5']);
  });

  it.each([
    ['2FA', 'SMS:x', /SMS codes are no longer supported; use Auto: or Central:/],
    ['2FA', 'Auto:', /label is missing/],
    ['2FA', 'Auto:a:b', /colon/],
    ['2FA', 'Auto:x\nLogin=1', /control/],
    ['2FA', 'Duo:x', /Auto:<label>, Central:<label> or Off/],
    ['Login.Attempts', '0', /1 to 10/],
    ['Login.Attempts', 'three', /whole number/],
    ['Store.Engine', 'oracle', /sqljs/],
    ['Lockout.HardLimit', '101', /100/],
  ])('refuses %s=%j with what would be right, and does not touch the file', async (key, value, words) => {
    const shell = await facilityShell();
    const before = text(shell);
    const { status, stderr, stdout } = await shell.run(['config', 'set', key, value]);
    expect(status).toBe(78);
    expect(stderr).toMatch(words);
    expect(stdout).toBe('');
    expect(text(shell)).toBe(before);
  });

  it('refuses a key that there is not, and names one like it', async () => {
    const { run } = await facilityShell();
    for (const args of [
      ['get', 'Login.Attempt'],
      ['set', 'Login.Attempt', '5'],
      ['set', '__proto__', 'x'],
    ]) {
      const { status, stderr } = await run(['config', ...args]);
      expect(status).toBe(64);
      if (args[1] === 'Login.Attempt') expect(stderr).toContain('Login.Attempts');
    }
  });

  it('checks a file, each problem with line, key and what would be right', async () => {
    const shell = await facilityShell();
    expect(await shell.json(['config', 'check'])).toMatchObject({ ok: true, problems: [] });
    writeFileSync(join(shell.folder, 'config.ini'), '2FA=Auto:X\n2FA=Off\n[Login]\nAttempts=many\n');
    const { status, stdout } = await shell.run(['config', 'check', '--json']);
    expect(status).toBe(78);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      problems: [
        { line: 2, key: '2FA' },
        { line: 4, key: 'Login.Attempts', right: expect.stringContaining('1 to 10') },
      ],
    });
    expect((await shell.run(['user', 'list'])).status).toBe(78);
  });

  it('mends a file that cannot be used otherwise', async () => {
    const shell = await facilityShell();
    await shell.json(['config', 'set', 'Login.Attempts', '4']);
    writeFileSync(join(shell.folder, 'config.ini'), text(shell).replace('Attempts=4', 'Attempts=many'));
    expect((await shell.run(['2fa', 'status'])).status).toBe(78);
    await shell.json(['config', 'set', 'Login.Attempts', '4']);
    expect((await shell.run(['2fa', 'status'])).status).toBe(0);
  });

  it('lists every setting, without the password of a database address', async () => {
    const shell = await facilityShell();
    const set = await shell.json(['config', 'set', 'Store.Url', 'postgres://gate:canary-pw@db.example/gatehouse']);
    expect(set).toMatchObject({ key: 'Store.Url', value: 'postgres://gate:***@db.example/gatehouse' });
    const { stdout } = await shell.run(['config', 'list', '--json']);
    const listed = JSON.parse(stdout) as { key: string; value: string }[];
    expect(listed.length).toBeGreaterThan(20);
    expect(listed[0]).toMatchObject({ key: '2FA', value: 'Auto:St Elsewhere LIVE' });
    expect(stdout).not.toContain('canary-pw');
  });

  it('notes who changed which setting in the audit trail, but not the value', async () => {
    const shell = await facilityShell();
    await shell.json(['config', 'set', 'Store.Url', 'postgres://gate:canary-pw@db.example/gatehouse']);
    const { stdout } = await shell.run(['audit', 'list']);
    expect(stdout).toMatch(/config\.changed {2}by=os:\w+ {2}detail="Store\.Url before=\w{64} after=\w{64}"\n$/);
    expect(stdout).not.toContain('canary-pw');
  });

  it('changes nothing that it cannot note, but with --offline, and says so', async () => {
    const shell = await facilityShell();
    chmodSync(join(shell.folder, 'data/gatehouse.key'), 0o644);
    const before = text(shell);
    const refused = await shell.run(['config', 'set', '2FA', 'Off']);
    expect(refused.status).toBe(69);
    expect(refused.stderr).toMatch(/config\.ini was not changed\.[\s\S]*--offline/);
    expect(text(shell)).toBe(before);
    const made = await shell.run(['config', 'set', '2FA', 'Off', '--offline']);
    expect(made.status).toBe(0);
    expect(made.stderr).toMatch(/The database could not record this change/);
    expect(text(shell)).toContain('2FA=Off');
  });

  it('says what 2FA=Off means, and that a label without a system type confuses', async () => {
    const { run } = await facilityShell();
    expect((await run(['config', 'set', '2FA', 'Off'])).stderr).toContain('nobody is asked for a code');
    expect((await run(['config', 'set', '2FA', 'Auto:Ward'])).stderr).toContain('LIVE');
  });

  it('warns of administrators who are not paired when an administrator has to pair them from then on', async () => {
    const { run, json } = await facilityShell('auto');
    const warning =
      /NO ADMINISTRATOR CAN LOG IN NOW\. Administrators who are not paired [^:]+: root\. .*gatehouse 2fa qr/;
    expect((await run(['config', 'set', '2FA', 'Central:St Elsewhere LIVE'])).stderr).toMatch(warning);
    expect(await json(['doctor'])).toMatchObject({
      checks: expect.arrayContaining([{ name: 'admins', level: 'warn', text: expect.stringMatching(warning) }]),
    });
    expect((await run(['config', 'set', '2FA', 'Auto:St Elsewhere LIVE'])).stderr).toBe('');
    await run(['2fa', 'qr', 'root']);
    expect((await run(['config', 'set', '2FA', 'Central:St Elsewhere LIVE'])).stderr).toBe('');
  });

  it('says where it looked when there is no config.ini', async () => {
    const { run } = emptyShell();
    const { status, stderr } = await run(['2fa', 'status']);
    expect(status).toBe(78);
    expect(stderr).toContain('gatehouse init');
  });
});
