import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { facilityShell, type Shell } from '../support/gatehouse-process.ts';

const URI = /^otpauth:\/\/totp\/St%20Elsewhere%20LIVE:alice\?secret=[A-Z2-7]{32}&issuer=St%20Elsewhere%20LIVE\n$/;

async function withAlice(mode: 'auto' | 'central' | 'off' = 'central'): Promise<Shell> {
  const shell = await facilityShell(mode);
  await shell.json(['user', 'add', 'alice', '--group', 'ward-3', '--no-password']);
  return shell;
}

describe('gatehouse 2fa status and require', () => {
  it('rolls out by name, group and to all, and counts the states', async () => {
    const { json } = await withAlice('auto');
    await json(['user', 'add', 'bob', '--no-password']);
    expect(await json(['2fa', 'status'])).toEqual({
      mode: 'auto',
      label: 'St Elsewhere LIVE',
      counts: { off: 2, required: 1, issued: 0, paired: 0 },
    });
    const group = ['2fa', 'require', '--group', 'ward-3'];
    expect(await json(group)).toEqual({ activated: 1, alreadyActive: 0, skipped: [] });
    expect(await json(['2fa', 'require', 'alice', 'bob'])).toEqual({ activated: 1, alreadyActive: 1, skipped: [] });
    expect(await json(['2fa', 'require', '--all'])).toEqual({ activated: 0, alreadyActive: 3, skipped: [] });
    expect(await json(['2fa', 'status'])).toMatchObject({ counts: { off: 0, required: 3 } });
  });

  it('rehearses without changing anything', async () => {
    const { json } = await withAlice();
    expect(await json(['2fa', 'require', '--all', '--dry-run'])).toEqual({
      dryRun: true,
      activated: 1,
      alreadyActive: 1,
      skipped: [],
      affected: ['alice'],
      notLoggedOnFor90Days: ['alice'],
      adminsNeedingQr: [],
      pairing: 'by-administrator',
    });
    expect(await json(['user', 'show', 'alice'])).toMatchObject({ twoFactor: 'off' });
  });

  it('takes a date or a time for --from, and no other text', async () => {
    const { run } = await withAlice();
    for (const from of ['2027-01-31', '2027-01-31T08:00', '2027-01-31T08:00:30Z', '2027-01-31 08:00+01:00']) {
      expect((await run(['2fa', 'require', 'alice', '--from', from, '--dry-run'])).status).toBe(0);
    }
    for (const from of ['tomorrow', '2027-02-29', '2027-13-01', '31.01.2027', '2027-01-31T25:00', '']) {
      expect((await run(['2fa', 'require', 'alice', '--from', from])).status).toBe(64);
    }
    expect((await run(['user', 'show', 'alice'])).stdout).toMatch(/Two-factor +off\n/);
    const night = { environment: { TZ: 'America/New_York' } };
    expect((await run(['2fa', 'require', 'alice', '--from', '2027-01-31'], night)).status).toBe(0);
    expect((await run(['user', 'show', 'alice'])).stdout).toContain('required, from 2027-01-31T05:00:00.000Z');
  });

  it('wants to know whom, and knows them all', async () => {
    const { run } = await withAlice();
    const calls: [string[], number][] = [
      [[], 64],
      [['--all', 'alice'], 64],
      [['--all', '--group', 'ward-3'], 64],
      [['alice', 'nobody'], 66],
      [['--group', 'ward-4'], 66],
    ];
    for (const [args, status] of calls) expect((await run(['2fa', 'require', ...args])).status).toBe(status);
    expect((await run(['user', 'show', 'alice'])).stdout).toMatch(/Two-factor +off\n/);
  });

  it('says loudly that a requirement has no effect while the mode is off', async () => {
    const { run } = await withAlice('off');
    const { status, stderr } = await run(['2fa', 'require', '--all']);
    expect(status).toBe(0);
    expect(stderr).toContain('2FA=Off');
  });
});

describe('gatehouse 2fa qr', () => {
  it('prints the URI alone, the same each time', async () => {
    const { json, run } = await withAlice();
    await json(['2fa', 'require', 'alice']);
    const first = await run(['2fa', 'qr', 'alice', '--format', 'uri']);
    expect(first.stdout).toMatch(URI);
    expect(first.stderr).toBe('');
    expect((await run(['2fa', 'qr', 'alice', '--format', 'uri'])).stdout).toBe(first.stdout);
    const uri = first.stdout.trim();
    const shown = await json(['2fa', 'qr', 'alice']);
    expect(shown).toEqual({ user: 'alice', label: 'St Elsewhere LIVE', fresh: false, uri, key: expect.any(String) });
  });

  it('draws a picture with the typed key beside it on a pipe, with no control sequence', async () => {
    const { json, run } = await withAlice();
    await json(['2fa', 'require', 'alice']);
    const { stdout } = await run(['2fa', 'qr', 'alice']);
    expect(stdout).toMatch(/[▀▄█ ]{40,}/);
    expect(stdout).toMatch(/Key: +([A-Z2-7]{4} ){7}[A-Z2-7]{4}\n/);
    expect(stdout).not.toContain('\u001b');
  });

  it.each([
    ['png', '\u0089PNG'],
    ['svg', '<svg'],
    ['pdf', '%PDF-'],
    ['uri', 'otpauth:'],
    ['terminal', ''],
  ])('writes %s into a new file of mode 0600, and never over another', async (format, beginning) => {
    const { json, run, folder } = await withAlice();
    await json(['2fa', 'require', 'alice']);
    const out = ['--format', format, '--out', `alice.${format}`];
    expect(await json(['2fa', 'qr', 'alice', ...out])).toMatchObject({ format, file: `alice.${format}`, fresh: true });
    const path = join(folder, `alice.${format}`);
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'latin1').startsWith(beginning)).toBe(true);
    expect((await run(['2fa', 'qr', 'alice', ...out])).status).toBe(73);
  });

  it('goes by the ending of --out, and writes pictures to a pipe', async () => {
    const { json, run, folder } = await withAlice();
    await json(['2fa', 'require', 'alice']);
    await json(['2fa', 'qr', 'alice', '--out', 'alice.svg']);
    expect(readFileSync(join(folder, 'alice.svg'), 'utf8')).toContain('<svg');
    expect((await run(['2fa', 'qr', 'alice', '--format', 'png'])).stdout).toContain('PNG');
  });

  it('makes no secret where the file cannot be written, nobody is there, or two-factor is off', async () => {
    const { run, json, folder } = await withAlice();
    expect((await run(['2fa', 'qr', 'alice'])).status).toBe(77);
    expect((await run(['2fa', 'qr', 'nobody'])).status).toBe(66);
    await json(['2fa', 'require', 'alice']);
    writeFileSync(join(folder, 'there.png'), '');
    expect((await run(['2fa', 'qr', 'alice', '--out', 'there.png'])).status).toBe(73);
    expect((await run(['2fa', 'qr', 'alice', '--format', 'gif'])).status).toBe(64);
    expect(await json(['user', 'show', 'alice'])).toMatchObject({ twoFactor: 'required' });
  });

  it('refuses without a label, and says how to set one', async () => {
    const { run, json } = await withAlice('off');
    await json(['2fa', 'require', 'alice']);
    const { status, stderr } = await run(['2fa', 'qr', 'alice']);
    expect(status).toBe(78);
    expect(stderr).toContain('gatehouse config set 2FA');
  });
});

describe('gatehouse 2fa deactivate, one-time and recovery', () => {
  it('deactivates with --yes alone, and a new secret follows', async () => {
    const { json, run } = await withAlice();
    await json(['2fa', 'require', 'alice']);
    const { stdout: old } = await run(['2fa', 'qr', 'alice', '--format', 'uri']);
    const refused = await run(['2fa', 'deactivate', 'alice']);
    expect(refused.status).toBe(64);
    expect(refused.stderr).toContain('cannot be undone');
    expect(await json(['user', 'show', 'alice'])).toMatchObject({ twoFactor: 'issued' });
    expect(await json(['2fa', 'deactivate', 'alice', '--yes'])).toMatchObject({ twoFactor: 'off', deactivated: true });
    expect(await json(['2fa', 'deactivate', 'alice', '--yes'])).toMatchObject({ deactivated: false });
    await json(['2fa', 'require', 'alice']);
    const { stdout: fresh } = await run(['2fa', 'qr', 'alice', '--format', 'uri']);
    expect(fresh).toMatch(URI);
    expect(fresh).not.toBe(old);
  });

  it('makes a one-time code for an hour', async () => {
    const { json, run } = await withAlice();
    expect((await run(['2fa', 'one-time', 'alice'])).status).toBe(77);
    await json(['2fa', 'require', 'alice']);
    const made = (await json(['2fa', 'one-time', 'alice'])) as { code: string; expiresAt: string };
    expect(Object.keys(made)).toEqual(['code', 'expiresAt']);
    expect(made.code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    expect(new Date(made.expiresAt).toISOString()).toBe(made.expiresAt);
  });

  it('makes recovery codes for a paired user alone', async () => {
    const { json, run } = await withAlice();
    await json(['2fa', 'require', 'alice']);
    const { status, stderr } = await run(['2fa', 'recovery', 'alice', '--json']);
    expect(status).toBe(77);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'denied' } });
  });
});
