import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { phoneCode } from '../support/authenticator.ts';
import { ADMIN_PASSWORD, facilityShell, type Shell } from '../support/gatehouse-process.ts';
import { recordsIn } from '../support/trail-records.ts';

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEE';
const OTHER = 'MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U';

async function shellWith(...users: readonly string[]): Promise<Shell> {
  const shell = await facilityShell('central');
  const lines = users.map((name) => `${name},${ADMIN_PASSWORD}`);
  await shell.json(['user', 'import', '-'], { input: `name,password\n${lines.join('\n')}\n` });
  return shell;
}

function putHome(folder: string, name: string, text: string): void {
  mkdirSync(join(folder, 'homes', name), { recursive: true, mode: 0o755 });
  const file = join(folder, 'homes', name, '.google_authenticator');
  rmSync(file, { force: true });
  writeFileSync(file, text, { mode: 0o400 });
}

const fileOf = (secret: string) => `${secret}\n" RATE_LIMIT 3 30\n" DISALLOW_REUSE\n" TOTP_AUTH\n43800628\n90530276\n`;

describe('gatehouse user import of secrets', () => {
  it('takes what phones have from google-authenticator files, and the next code of the phone pairs', async () => {
    const { folder, json, run } = await shellWith('alice', 'bob');
    putHome(folder, 'alice', fileOf(SECRET));
    putHome(folder, 'bob', `${OTHER}\n" TOTP_AUTH\n" TIME_SKEW 2\n`);
    putHome(folder, 'mallory', fileOf('JBSWY3DPEHPK3PXP'));
    const args = ['user', 'import', '--google-authenticator', 'homes'];
    const stopped = await run(args);
    expect(stopped.status).toBe(65);
    expect(stopped.stderr).toMatch(
      /homes\/mallory\/\.google_authenticator:1: the secret has 80 bits.*\ngatehouse: 1 line is wrong; no secret was imported\.\n.*--skip-unknown/,
    );
    const result = { checked: 2, skipped: [{ name: 'mallory', reason: 'no-such-user' }], scratchCodesLeftBehind: 2 };
    expect(await json([...args, '--skip-unknown', '--dry-run'])).toMatchObject({ imported: 0, ...result });
    expect(await json(['2fa', 'status'])).toMatchObject({ counts: { off: 2, issued: 0 } });
    const done = await run([...args, '--skip-unknown']);
    expect(done.stdout).toBe(
      '2 secrets are imported; the next right code of each user pairs.\nLeft out, since they are no users here: mallory\n',
    );
    expect(done.stderr).toContain('2 emergency scratch codes stay behind');
    expect(done.stderr).toContain('bob: the clock of this phone was off by 2 steps');
    const uri = (await run(['2fa', 'qr', 'alice', '--format', 'uri'])).stdout;
    expect(uri).toContain(`secret=${SECRET}&`);

    const code = phoneCode(SECRET);
    const answers = [
      { type: 'begin', user: 'alice' },
      { type: 'answer', id: 1, value: ADMIN_PASSWORD },
      { type: 'answer', id: 2, value: code },
    ];
    const login = await run(['login', '--front-end', 'json'], {
      input: answers.map((line) => `${JSON.stringify(line)}\n`).join(''),
    });
    expect(login.stdout).toContain('"outcome":"granted"');
    expect(await json(['2fa', 'status'])).toMatchObject({ counts: { off: 0, issued: 1, paired: 1 } });

    const again = await run(args.concat('--skip-unknown', '--json'));
    expect(again.status).toBe(65);
    expect(JSON.parse(again.stderr).error.message).toMatch(
      /^2 things are wrong; no secret was imported\. .*alice has a secret here already/,
    );
  });

  it('takes a list of key URIs from a file or stdin, our own among them', async () => {
    const { folder, json, run } = await shellWith('alice', 'bob', 'carol');
    await json(['2fa', 'require', 'carol']);
    const own = (await run(['2fa', 'qr', 'carol', '--format', 'uri'])).stdout;
    await json(['2fa', 'deactivate', 'carol', '--yes']);
    writeFileSync(join(folder, 'list'), `# ward 3\n\notpauth://totp/Old:alice?secret=${SECRET}\n${own}\n`);
    chmodSync(join(folder, 'list'), 0o644);
    const { stdout, stderr, status } = await run(['user', 'import', '--otpauth', 'list']);
    expect([stdout, status]).toEqual(['2 secrets are imported; the next right code of each user pairs.\n', 0]);
    expect(stderr).toContain('chmod 600 list');
    expect((await run(['2fa', 'qr', 'carol', '--format', 'uri'])).stdout).toBe(own);
    const input = `otpauth://totp/bob?secret=${OTHER}&period=30\n`;
    expect(await json(['user', 'import', '--otpauth', '-'], { input })).toEqual({
      imported: 1,
      checked: 1,
      skipped: [],
      scratchCodesLeftBehind: 0,
      warnings: [],
    });
  });

  it('shows neither secrets nor scratch codes, wherever it may go wrong', async () => {
    const { folder, run } = await shellWith('alice', 'bob');
    putHome(folder, 'alice', fileOf(SECRET));
    putHome(folder, 'bob', fileOf(SECRET));
    writeFileSync(
      join(folder, 'list'),
      [
        `otpauth://totp/alice&secret=${OTHER}`,
        `otpauth://totp/bob?secret=${OTHER}&digits=8`,
        OTHER,
        `otpauth://totp/alice?secret=${OTHER}`,
      ].join('\n'),
    );
    const runs = [
      await run(['user', 'import', '--google-authenticator', 'homes']),
      await run(['user', 'import', '--google-authenticator', 'homes', '--json']),
      await run(['user', 'import', '--otpauth', 'list']),
      await run(['user', 'import', '--otpauth', 'list', '--skip-unknown', '--json']),
      await run(['user', 'import', 'list']),
    ];
    expect(runs.map(({ status }) => status)).toEqual([65, 65, 65, 65, 65]);
    putHome(folder, 'bob', fileOf(OTHER));
    runs.push(await run(['user', 'import', '--google-authenticator', 'homes']));
    expect(runs.at(-1)?.status).toBe(0);
    const said = runs.map(({ stdout, stderr }) => stdout + stderr).join('');
    const trail = (await recordsIn(folder)).map((record) => JSON.stringify(record));
    const database = readFileSync(join(folder, 'data', 'gatehouse.db'), 'latin1');
    expect(trail.join()).toContain('pairing.imported');
    for (const secret of [SECRET, OTHER, '43800628'])
      expect(said + trail.join() + database).not.toContain(secret.slice(0, 8));
  });

  it('ends each call that is off with its exit status, and changes nothing', async () => {
    const { folder, json, run } = await shellWith('alice');
    writeFileSync(join(folder, 'good'), `otpauth://totp/alice?secret=${SECRET}\n`, { mode: 0o600 });
    writeFileSync(join(folder, 'empty'), '# nothing\n', { mode: 0o600 });
    mkdirSync(join(folder, 'nobody'), { mode: 0o755 });
    const calls = [
      [[], 64],
      [['good', '--otpauth', 'good'], 64],
      [['--otpauth', 'good', '--google-authenticator', '.'], 64],
      [['--otpauth', 'good', '--must-change'], 64],
      [['good', '--skip-unknown'], 64],
      [['--otpauth', 'missing'], 66],
      [['--otpauth', 'empty'], 65],
      [['--google-authenticator', 'missing'], 66],
      [['--google-authenticator', 'nobody'], 65],
    ] as const;
    for (const [args, status] of calls) {
      const { status: found, stderr } = await run(['user', 'import', ...args]);
      expect({ args, status: found }).toEqual({ args, status });
      expect(stderr).not.toMatch(/^\s+at /m);
    }
    expect(await json(['2fa', 'status'])).toMatchObject({ counts: { issued: 0 } });
  });
});
