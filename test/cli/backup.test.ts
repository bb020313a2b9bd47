import { chmodSync, existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { timeStepAt } from '../../src/core/time-step.ts';
import { ADMIN_PASSWORD, facilityShell, type Shell } from '../support/gatehouse-process.ts';
import { appCode, logInByJson } from '../support/json-login.ts';

const PASSWORD = 'tulips in the morning';

/** alice, issued by an admin; her key URI. */
async function withAlice(): Promise<{ readonly shell: Shell; readonly uri: string }> {
  const shell = await facilityShell('central');
  await shell.json(['user', 'add', 'alice', '--password-stdin'], { input: `${PASSWORD}\n` });
  await shell.json(['2fa', 'require', 'alice']);
  const { stdout } = await shell.run(['2fa', 'qr', 'alice', '--format', 'uri']);
  return { shell, uri: stdout.trim() };
}

const now = () => timeStepAt(Date.now());

describe('gatehouse backup', () => {
  it('writes the database without the key into a new file of mode 0600', async () => {
    const { shell } = await withAlice();
    expect(await shell.json(['backup', 'copy.db'])).toMatchObject({
      file: 'copy.db',
      sha256: expect.stringMatching(/^\w{64}$/),
    });
    const path = join(shell.folder, 'copy.db');
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
    const key = JSON.parse(readFileSync(join(shell.folder, 'data/gatehouse.key'), 'utf8')) as {
      sealing: { key: string }[];
    };
    const bytes = readFileSync(path);
    expect(bytes.includes(key.sealing[0]?.key ?? '?')).toBe(false);
    expect(bytes.includes(Buffer.from(key.sealing[0]?.key ?? '?', 'base64'))).toBe(false);
    expect((await shell.run(['backup', 'copy.db'])).status).toBe(73);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });
});

describe('gatehouse restore', () => {
  it('refuses to replace a database without --yes', async () => {
    const { shell } = await withAlice();
    await shell.json(['backup', 'copy.db']);
    const database = join(shell.folder, 'data/gatehouse.db');
    const before = readFileSync(database);
    const { status, stderr } = await shell.run(['restore', 'copy.db']);
    expect(status).toBe(73);
    expect(stderr).toContain('--yes');
    expect(readFileSync(database).equals(before)).toBe(true);
  });

  it('refuses a trial with the audit folder of the facility, and takes that folder over where it is told to', async () => {
    const { shell } = await withAlice();
    await shell.json(['backup', 'copy.db']);
    const config = readFileSync(join(shell.folder, 'config.ini'), 'utf8');
    writeFileSync(join(shell.folder, 'trial.ini'), `${config}\n[Store]\nPath=data/trial.db\n`, { mode: 0o600 });
    const trial = ['--config', 'trial.ini', 'restore', 'copy.db'];
    const refused = await shell.run(trial);
    expect(refused).toMatchObject({ status: 73, stderr: expect.stringContaining('Audit.Path of its own') });
    expect(existsSync(join(shell.folder, 'data/trial.db'))).toBe(false);
    expect((await logInByJson(shell, 'alice', [PASSWORD])).status).not.toBe(75);
    await shell.json([...trial, '--take-trail']);
    expect(await shell.run(['--config', 'trial.ini', 'audit', 'verify'])).toMatchObject({ status: 0 });
    expect(await shell.run(['restore', 'copy.db', '--yes'])).toMatchObject({ status: 73 });
  });

  it('brings a lost database back: the paired app goes on, a code used before or after the backup is not taken again', async () => {
    const { shell, uri } = await withAlice();
    const used = now();
    const first = await logInByJson(shell, 'alice', [PASSWORD, appCode(uri, used)]);
    expect(first.done).toMatchObject({ outcome: 'granted', paired: true });
    await shell.json(['backup', 'copy.db']);
    const later = await logInByJson(shell, 'alice', [PASSWORD, appCode(uri, used + 1)]);
    expect(later.done).toMatchObject({ outcome: 'granted' });
    await shell.json(['audit', 'verify']);
    rmSync(join(shell.folder, 'data/gatehouse.db'));
    expect((await logInByJson(shell, 'alice', [PASSWORD])).status).toBe(69);
    expect(await shell.json(['restore', 'copy.db'])).toMatchObject({
      users: 2,
      basis: 'trail',
      admins: 1,
      affected: [],
    });
    expect(lstatSync(join(shell.folder, 'data/gatehouse.db')).mode & 0o777).toBe(0o600);
    expect(await shell.json(['user', 'show', 'alice'])).toMatchObject({ twoFactor: 'paired' });
    for (const step of [used, used + 1]) {
      const again = await logInByJson(shell, 'alice', [PASSWORD, appCode(uri, step)]);
      expect(again.done.outcome).not.toBe('granted');
    }
    const { stdout } = await shell.run(['2fa', 'qr', 'alice', '--format', 'uri']);
    expect(stdout.trim()).toBe(uri);
    expect(await shell.json(['audit', 'verify'])).toMatchObject({ ok: true });
  });

  it('does not bring back what was taken away since, and lists every user who is affected', async () => {
    const { shell, uri } = await withAlice();
    for (const name of ['bob', 'carol', 'dan'])
      await shell.json(['user', 'add', name, '--password-stdin'], { input: PASSWORD });
    await shell.json(['user', 'set', 'dan', '--role', 'admin']);
    const { code } = (await shell.json(['2fa', 'one-time', 'alice'])) as { code: string };
    await shell.json(['backup', 'copy.db']);
    await shell.json(['2fa', 'deactivate', 'alice', '--yes']);
    await shell.json(['2fa', 'require', 'bob']);
    await shell.json(['user', 'passwd', 'bob', '--password-stdin'], { input: 'lilies in the evening' });
    await shell.json(['user', 'remove', 'carol', '--yes']);
    await shell.json(['user', 'set', 'dan', '--role', 'user']);
    expect(await shell.json(['restore', 'copy.db', '--yes'])).toMatchObject({
      ...{ users: 5, basis: 'database', admins: 1 },
      affected: [
        { user: 'alice', changes: ['pairing-void', 'one-time-code-void'] },
        { user: 'bob', changes: ['password-void', 'two-factor-required'] },
        { user: 'carol', changes: ['removed', 'disabled', 'password-void', 'two-factor-required'] },
        { user: 'dan', changes: ['role-lowered'] },
      ],
    });
    expect(await shell.json(['user', 'show', 'alice'])).toMatchObject({ twoFactor: 'required' });
    expect(await shell.json(['user', 'show', 'carol'])).toMatchObject({ status: 'disabled' });
    expect(await shell.json(['user', 'show', 'dan'])).toMatchObject({ role: 'user' });
    for (const password of [PASSWORD, 'lilies in the evening']) {
      expect((await logInByJson(shell, 'bob', [password])).done.outcome).toBe('denied');
    }
    for (const typed of [appCode(uri, now() + 1), code]) {
      expect((await logInByJson(shell, 'alice', [PASSWORD, typed])).done.outcome).not.toBe('granted');
    }
    expect(await shell.json(['audit', 'verify'])).toMatchObject({ ok: true });
  });

  it('refuses where nobody knows what happened since; whoever decides says how, and types it', async () => {
    const { shell } = await withAlice();
    await shell.json(['backup', 'copy.db']);
    rmSync(join(shell.folder, 'data/gatehouse.db'));
    rmSync(join(shell.folder, 'data/audit'), { recursive: true });
    const refused = await shell.run(['restore', 'copy.db', '--yes']);
    expect(refused).toMatchObject({ status: 65, stderr: expect.stringContaining('--void-passwords') });
    for (const input of ['', 'yes\n', 'trust\n']) {
      const run = await shell.run(['restore', 'copy.db', '--yes', '--trust-backup'], { input });
      expect(run).toMatchObject({ status: 130, stderr: expect.stringContaining('Nothing was changed.') });
    }
    expect(existsSync(join(shell.folder, 'data/gatehouse.db'))).toBe(false);
    expect((await shell.run(['restore', 'copy.db', '--trust-backup', '--void-passwords'])).status).toBe(64);
    const trusted = await shell.json(['restore', 'copy.db', '--trust-backup'], { input: 'trust this backup\n' });
    expect(trusted).toMatchObject({ basis: 'trusted', trail: { end: 'short' } });
    const restored = ((await shell.json(['audit', 'list'])) as { event: string; detail?: string }[]).at(-1);
    expect(restored).toMatchObject({ event: 'store.restored', detail: expect.stringContaining('by=trusted') });
    rmSync(join(shell.folder, 'data/gatehouse.db'));
    const voided = await shell.run(['restore', 'copy.db', '--void-passwords']);
    expect(voided.stderr).toContain('root: password is void until it is set again');
    expect(voided.stderr).toContain('gatehouse user passwd');
    expect((await logInByJson(shell, 'root', [ADMIN_PASSWORD])).done.outcome).toBe('denied');
    await shell.json(['user', 'passwd', 'root', '--password-stdin'], { input: 'orchids at the window' });
    expect(await shell.json(['user', 'show', 'root'])).toMatchObject({ status: 'active' });
  });

  it.each([
    ['a file that is none', async () => Buffer.from('SQLite? no'), 65],
    ['a file cut short', async (copy: Buffer) => copy.subarray(0, copy.length - 4096), 65],
    [
      'a file with noise in it',
      async (copy: Buffer) => Buffer.concat([copy.subarray(0, 5000), Buffer.alloc(4000, 0xa5), copy.subarray(9000)]),
      65,
    ],
    ['an empty file', async () => Buffer.alloc(0), 65],
  ])('refuses %s, and leaves the database and nothing beside it', async (_, mangle, status) => {
    const { shell } = await withAlice();
    await shell.json(['backup', 'copy.db']);
    writeFileSync(join(shell.folder, 'bad.db'), await mangle(readFileSync(join(shell.folder, 'copy.db'))));
    const before = readFileSync(join(shell.folder, 'data/gatehouse.db'));
    const run = await shell.run(['restore', 'bad.db', '--yes']);
    expect(run.status).toBe(status);
    expect(run.stderr).not.toMatch(/^\s+at /m);
    expect(readFileSync(join(shell.folder, 'data/gatehouse.db')).equals(before)).toBe(true);
    expect(existsSync(join(shell.folder, 'data/gatehouse.db.restoring'))).toBe(false);
  });

  it('refuses a backup whose secrets the key file does not open, and one without a key file', async () => {
    const { shell } = await withAlice();
    await shell.json(['backup', 'copy.db']);
    const other = await withAlice();
    writeFileSync(join(other.shell.folder, 'copy.db'), readFileSync(join(shell.folder, 'copy.db')));
    const refused = await other.shell.run(['restore', 'copy.db', '--yes']);
    // Both facilities were copied from one template and have one key: so a secret is changed instead.
    expect(refused.status).toBe(0);
    const bytes = readFileSync(join(shell.folder, 'copy.db'));
    const at = bytes.indexOf('v1.');
    bytes[at + 30] = bytes[at + 30] === 0x41 ? 0x42 : 0x41;
    writeFileSync(join(shell.folder, 'changed.db'), bytes);
    expect((await shell.run(['restore', 'changed.db', '--yes'])).status).toBe(65);
    rmSync(join(shell.folder, 'data/gatehouse.key'));
    expect((await shell.run(['restore', 'copy.db', '--yes'])).status).toBe(69);
  });
});

describe('gatehouse doctor', () => {
  it('finds a world-readable database, another key, a changed trail and a mode switched off, each by name', async () => {
    const { shell } = await withAlice();
    const checks = async () => {
      const { stdout, status } = await shell.run(['doctor', '--json']);
      const { ok, checks } = JSON.parse(stdout) as {
        ok: boolean;
        checks: { name: string; level: string; text: string }[];
      };
      expect(ok).toBe(status === 0);
      return checks.filter(({ level }) => level !== 'ok');
    };
    expect((await checks()).filter(({ level }) => level === 'fail')).toEqual([]);
    const database = join(shell.folder, 'data/gatehouse.db');
    chmodSync(database, 0o644);
    expect(await checks()).toContainEqual({ name: 'store', level: 'fail', text: expect.stringContaining('chmod 600') });
    chmodSync(database, 0o600);
    await shell.run(['config', 'set', '2FA', 'Off']);
    expect(await checks()).toContainEqual({
      name: 'mode',
      level: 'fail',
      text: expect.stringContaining('SWITCHED OFF'),
    });
    const trail = join(shell.folder, 'data/audit/audit-000000000001.jsonl');
    writeFileSync(trail, readFileSync(trail, 'utf8').replace('"user":"alice"', '"user":"allie"'));
    expect(await checks()).toContainEqual({ name: 'audit', level: 'fail', text: expect.stringContaining('Record') });
    const bytes = readFileSync(database);
    const at = bytes.indexOf('v1.');
    bytes[at + 30] = bytes[at + 30] === 0x41 ? 0x42 : 0x41;
    writeFileSync(database, bytes);
    expect(await checks()).toContainEqual({
      name: 'secrets',
      level: 'fail',
      text: expect.stringContaining('do not open'),
    });
    writeFileSync(join(shell.folder, 'config.ini'), 'Nonsense');
    expect((await shell.run(['doctor'])).status).toBe(78);
  });
});

describe('gatehouse key and audit', () => {
  it('checks that the key opens every secret, and rotates it while the secrets stay', async () => {
    const { shell, uri } = await withAlice();
    const before = (await shell.json(['key', 'check'])) as { keyId: string };
    expect(before).toEqual({ ok: true, keyId: expect.any(String), opened: 1, broken: 0 });
    const rotated = (await shell.json(['key', 'rotate'])) as { keyId: string; resealed: number };
    expect(rotated.resealed).toBe(1);
    expect(rotated.keyId).not.toBe(before.keyId);
    expect(await shell.json(['key', 'check'])).toEqual({ ok: true, keyId: rotated.keyId, opened: 1, broken: 0 });
    expect((await shell.run(['2fa', 'qr', 'alice', '--format', 'uri'])).stdout.trim()).toBe(uri);
  });

  it('lists what happened, by time and user, and names the first record that was changed', async () => {
    const { shell } = await withAlice();
    const events = async (...filter: string[]) =>
      ((await shell.json(['audit', 'list', ...filter])) as { event: string }[]).map(({ event }) => event);
    expect(await events('--user', 'ALICE')).toEqual([
      'user.added',
      'two-factor.required',
      'pairing.issued',
      'pairing.shown',
    ]);
    expect(await events('--since', '1h')).toContain('pairing.shown');
    expect(await events('--since', '2999-01-01')).toEqual([]);
    expect((await shell.run(['audit', 'list', '--since', 'yesterday'])).status).toBe(64);
    const { records } = (await shell.json(['audit', 'verify'])) as { records: number };
    expect(await shell.json(['audit', 'verify'])).toEqual({
      ok: true,
      records,
      firstBroken: null,
      end: expect.stringMatching(/^\d+:[\w-]{43}$/),
    });
    const trail = join(shell.folder, 'data/audit/audit-000000000001.jsonl');
    const lines = readFileSync(trail, 'utf8').split('\n');
    lines.splice(5, 1);
    writeFileSync(trail, lines.join('\n'));
    const { status, stdout } = await shell.run(['audit', 'verify', '--json']);
    expect(status).toBe(65);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, firstBroken: 6 });
  });
});
