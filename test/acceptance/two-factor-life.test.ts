/** The two lives of a pairing, each step a process of its own, as an administrator, a user and a thief go through them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AUTHENTICATOR, phoneCode, roomInStep } from '../support/authenticator.ts';
import { facilityShell, type Shell } from '../support/gatehouse-process.ts';
import { jsonLogin, pairIn, secretIn } from '../support/host-login.ts';

const PASSWORD = 'tulips do not sing at all';

async function withAlice(mode: 'auto' | 'central'): Promise<Shell> {
  const shell = await facilityShell(mode);
  await shell.json(['user', 'add', 'alice', '--password-stdin'], { input: `${PASSWORD}\n` });
  await shell.json(['2fa', 'require', '--all']);
  return shell;
}

const alice = (code?: string) => ({ username: 'alice', password: PASSWORD, ...(code === undefined ? {} : { code }) });

async function stateOfAlice(shell: Shell): Promise<unknown> {
  const shown = await shell.json(['user', 'show', 'alice']);
  return (shown as { twoFactor: unknown }).twoFactor;
}

async function uriOfAlice(shell: Shell): Promise<string> {
  const { status, stdout } = await shell.run(['2fa', 'qr', 'alice', '--format', 'uri']);
  expect(status).toBe(0);
  return stdout.trim();
}

describe(`with ${AUTHENTICATOR} as the phone`, () => {
  it('auto: pairs at the log-on, takes each code once, and the next one', async () => {
    const shell = await withAlice('auto');
    expect(await stateOfAlice(shell)).toBe('required');
    await roomInStep(12);
    let secret = '';
    const first = await jsonLogin(shell.folder, {
      username: 'alice',
      password: PASSWORD,
      code: (said) => {
        const { uri, key } = pairIn(said);
        secret = secretIn(uri);
        expect(key.replaceAll(' ', '')).toBe(secret);
        return phoneCode(secret);
      },
    });
    expect(first).toMatchObject({ status: 0, done: { outcome: 'granted', method: 'password+totp', paired: true } });
    expect(await stateOfAlice(shell)).toBe('paired');
    const again = await jsonLogin(shell.folder, alice(phoneCode(secret)));
    expect(again).toMatchObject({ status: 77, done: { outcome: 'denied' } });
    const next = await jsonLogin(shell.folder, alice(phoneCode(secret, 1)));
    expect(next).toMatchObject({ status: 0, done: { outcome: 'granted' } });
    expect(next.said.some((message) => message.type === 'pair')).toBe(false);
  });

  it('central: no entry before the QR code, the same one for a further phone, and none of it after deactivation', async () => {
    const shell = await withAlice('central');
    const before = await jsonLogin(shell.folder, alice());
    expect(before).toMatchObject({ status: 77, done: { outcome: 'denied', reason: 'administrator' } });
    expect(JSON.stringify(before.said)).toContain('Ask your administrator for your QR code');
    const uri = await uriOfAlice(shell);
    expect(await stateOfAlice(shell)).toBe('issued');
    expect(await uriOfAlice(shell)).toBe(uri);
    const old = secretIn(uri);
    expect((await jsonLogin(shell.folder, alice(phoneCode(old)))).status).toBe(0);
    expect(await stateOfAlice(shell)).toBe('paired');
    expect(await uriOfAlice(shell)).toBe(uri);

    const database = () => readFileSync(join(shell.folder, 'data/gatehouse.db')).toString('latin1');
    const sealed = /v1\.[0-9a-f]{8}\.[\w-]+\.[\w-]+/.exec(database())?.[0] ?? '';
    expect(sealed).not.toBe('');
    expect(database()).not.toContain(old);
    await shell.json(['2fa', 'deactivate', 'alice', '--yes']);
    expect(database()).not.toContain(sealed.slice(0, 40));
    expect(await stateOfAlice(shell)).toBe('off');
    await shell.json(['2fa', 'require', 'alice']);
    const fresh = await uriOfAlice(shell);
    expect(secretIn(fresh)).not.toBe(old);
    expect((await jsonLogin(shell.folder, alice(phoneCode(old, 1)))).status).toBe(77);
    expect((await jsonLogin(shell.folder, alice(phoneCode(secretIn(fresh), 1)))).status).toBe(0);
  });

  it('grants one of eight processes that come with the same code at once', async () => {
    const shell = await withAlice('central');
    const secret = secretIn(await uriOfAlice(shell));
    let waiting = 0;
    let release = (): void => undefined;
    const all = new Promise<void>((resolve) => {
      release = resolve;
    });
    const code = async () => {
      waiting += 1;
      if (waiting === 8) release();
      await all;
      return phoneCode(secret);
    };
    await roomInStep(25);
    const logins = await Promise.all(
      Array.from({ length: 8 }, () => jsonLogin(shell.folder, { username: 'alice', password: PASSWORD, code })),
    );
    expect(logins.filter(({ status }) => status === 0)).toHaveLength(1);
    expect(logins.filter(({ status, done }) => status === 77 && done?.outcome === 'denied')).toHaveLength(7);
  });
});

describe('somebody without the password', () => {
  it('learns nothing from the words or the exit status, whoever was named', async () => {
    const shell = await facilityShell('auto');
    for (const name of ['alice', 'dora']) {
      await shell.json(['user', 'add', name, '--password-stdin'], { input: `${PASSWORD}\n` });
    }
    await shell.json(['user', 'disable', 'dora']);
    const tries = await Promise.all(
      [
        ['alice', 'not this one at all'],
        ['nobody', 'not this one at all'],
        ['dora', PASSWORD],
      ].map(([username = '', password = '']) => jsonLogin(shell.folder, { username, password })),
    );
    const [known, ...others] = tries;
    expect(known).toMatchObject({ status: 77, done: { outcome: 'denied', reason: 'login-incorrect' } });
    for (const other of others) expect(other).toEqual(known);
  });
});
