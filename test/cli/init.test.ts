import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ADMIN_PASSWORD, emptyShell, facilityShell, type Shell } from '../support/gatehouse-process.ts';

const AUTO = ['init', '--mode', 'auto', '--label', 'St Elsewhere LIVE', '--admin', 'root'];

function modeOf(shell: Shell, path: string): string {
  return (lstatSync(join(shell.folder, path)).mode & 0o777).toString(8);
}

/** Every file below a folder, with what is in it. */
function contents(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  return new Map(
    names.map((name) => {
      const path = join(folder, name);
      return [name, lstatSync(path).isFile() ? readFileSync(path, 'latin1') : lstatSync(path).mode.toString(8)];
    }),
  );
}

describe('gatehouse init', () => {
  it('makes config.ini, data folder, key, database, and an administrator with two-factor required', async () => {
    const shell = await facilityShell();
    expect(modeOf(shell, 'data')).toBe('700');
    for (const file of ['data/gatehouse.db', 'data/gatehouse.key']) expect(modeOf(shell, file)).toBe('600');
    expect(readFileSync(join(shell.folder, 'config.ini'), 'utf8')).toMatch(/^2FA=Auto:St Elsewhere LIVE$/m);
    expect(await shell.json(['user', 'show', 'root'])).toMatchObject({ role: 'admin', twoFactor: 'required' });
    expect(await shell.json(['doctor'])).toMatchObject({ ok: true });
  });

  it('leaves two-factor off for the administrator of a facility with mode off', async () => {
    const shell = await facilityShell('off');
    expect(await shell.json(['user', 'show', 'root'])).toMatchObject({ role: 'admin', twoFactor: 'off' });
  });

  it('makes and prints a password once, where none is given', async () => {
    const shell = emptyShell();
    const made = await shell.json(AUTO);
    expect(made).toMatchObject({
      admin: 'root',
      initialPassword: expect.stringMatching(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/),
    });
    expect(await shell.json(['user', 'show', 'root'])).toMatchObject({ mustChangePassword: true });
  });

  it('overwrites nothing: a second time, a lone database, key, trail or config.ini, a link that leads nowhere', async () => {
    const shell = await facilityShell();
    const before = contents(shell.folder);
    const again = await shell.run(AUTO);
    expect(again.status).toBe(73);
    expect(contents(shell.folder)).toEqual(before);
    for (const file of [
      'data/gatehouse.db',
      'data/gatehouse.key',
      'data/audit/audit-000000000001.jsonl',
      'config.ini',
    ]) {
      const other = emptyShell();
      mkdirSync(join(other.folder, 'data/audit'), { recursive: true, mode: 0o700 });
      writeFileSync(join(other.folder, file), 'precious');
      const there = contents(other.folder);
      expect((await other.run(AUTO)).status).toBe(73);
      expect(contents(other.folder)).toEqual(there);
    }
    const linked = emptyShell();
    symlinkSync('/nowhere/at/all', join(linked.folder, 'config.ini'));
    expect((await linked.run(AUTO)).status).toBe(73);
    expect(existsSync(join(linked.folder, 'data'))).toBe(false);
  });

  it('leaves one whole facility when two set up at once', async () => {
    for (let round = 0; round < 3; round += 1) {
      const shell = emptyShell();
      const runs = await Promise.all([shell.run(AUTO), shell.run(AUTO)]);
      expect(runs.map(({ status }) => status).toSorted()).toEqual([0, 73]);
      expect(await shell.json(['doctor'])).toMatchObject({ ok: true });
      expect(await shell.json(['user', 'list'])).toHaveLength(1);
    }
  });

  it('closes a data folder that is there already', async () => {
    const shell = emptyShell();
    mkdirSync(join(shell.folder, 'data'), { mode: 0o755 });
    writeFileSync(join(shell.folder, 'data/README.md'), 'here');
    await shell.json(AUTO);
    expect(modeOf(shell, 'data')).toBe('700');
  });

  it('leaves nothing half-made when it fails', async () => {
    const shell = emptyShell();
    mkdirSync(join(shell.folder, 'open'), { mode: 0o777 });
    chmodSync(join(shell.folder, 'open'), 0o777);
    const before = contents(shell.folder);
    // A folder that everybody may write is found out last, when config.ini is read back.
    const { status, stderr } = await shell.run(['--config', 'open/config.ini', ...AUTO]);
    expect(status).toBe(69);
    expect(stderr).toContain('chmod o-w');
    expect(contents(shell.folder)).toEqual(before);
  });

  it.each([
    ['no mode', ['init', '--admin', 'root'], 64],
    ['an unknown mode', ['init', '--mode', 'sms', '--admin', 'root'], 64],
    ['no admin', ['init', '--mode', 'off'], 64],
    ['Auto without a label', ['init', '--mode', 'auto', '--admin', 'root'], 64],
    ['a label with a colon', ['init', '--mode', 'auto', '--label', 'a:b', '--admin', 'root'], 64],
    ['a label of two lines', ['init', '--mode', 'auto', '--label', 'a\n2FA=Off', '--admin', 'root'], 64],
    ['a label without a mode for it', ['init', '--mode', 'off', '--label', 'x', '--admin', 'root'], 64],
    ['a name that is none', ['init', '--mode', 'off', '--admin', 'a:b'], 65],
    ['a name that is an option', ['init', '--mode', 'off', '--admin=-x'], 65],
  ])('refuses %s and writes nothing', async (_, args, status) => {
    const shell = emptyShell();
    const run = await shell.run(args);
    expect(run.status).toBe(status);
    expect(run.stderr).toMatch(/^gatehouse: /);
    expect(readdirSync(shell.folder)).toEqual([]);
  });

  it.each([
    ['too short a password', 'short\n', 65],
    ['an empty one', '\n', 65],
    ['one that is not UTF-8', Buffer.from([0xff, 0xfe, 0x0a]), 65],
    ['none at all', '', 65],
  ])('refuses %s and writes nothing', async (_, input, status) => {
    const shell = emptyShell();
    expect((await shell.run([...AUTO, '--password-stdin'], { input })).status).toBe(status);
    expect(readdirSync(shell.folder)).toEqual([]);
  });

  it('goes where --config or GATEHOUSE_CONFIG says, data beside it', async () => {
    const shell = emptyShell();
    for (const name of ['one', 'two']) mkdirSync(join(shell.folder, name));
    await shell.json(['--config', 'one/config.ini', ...AUTO]);
    await shell.json(AUTO, { environment: { GATEHOUSE_CONFIG: join(shell.folder, 'two/config.ini') } });
    for (const name of ['one', 'two']) {
      expect(existsSync(join(shell.folder, name, 'data/gatehouse.db'))).toBe(true);
      expect(await shell.json(['2fa', 'status', '--config', `${name}/config.ini`])).toMatchObject({ mode: 'auto' });
    }
  });

  it('reads the first line of stdin, CR LF or not, as the password', async () => {
    const shell = emptyShell();
    await shell.json([...AUTO, '--password-stdin'], { input: `${ADMIN_PASSWORD}\r\nsecond line\n` });
    const line = (value: object) => `${JSON.stringify(value)}\n`;
    const { stdout } = await shell.run(['login', '--front-end', 'json', '--user', 'root'], {
      input: line({ type: 'begin' }) + line({ type: 'answer', id: 1, value: ADMIN_PASSWORD }),
    });
    expect(stdout).toContain('"type":"pair"');
  });
});
