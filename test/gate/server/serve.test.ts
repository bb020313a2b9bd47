/** `gatehouse serve` as a process, with real hosts at its sockets. */
import { spawn } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { GATEHOUSE, type Run, runGatehouse } from '../../support/gatehouse-process.ts';
import { converse, jsonPeer } from '../../support/json-peer.ts';
import { PASSWORD, servedFacility } from '../../support/served-facility.ts';
import { recordsIn } from '../../support/trail-records.ts';

const facility = servedFacility(['bob', 'carol', 'dora', 'emil', 'fred', 'gina'], '[Lockout]\nPasswordFailures=90\n');
const NOBODY = 65534;
const isRoot = process.geteuid?.() === 0;

function login(input: string, more: readonly string[] = []): Promise<Run> {
  return runGatehouse(['--config', facility.config, 'login', '--front-end', 'line', ...more], {
    folder: '/',
    input,
  });
}

describe('a server', () => {
  it('answers at both sockets, each with its own mode', async () => {
    await facility.serve();
    expect(lstatSync(facility.socket).mode & 0o777).toBe(0o666);
    expect(lstatSync(facility.hostSocket).mode & 0o777).toBe(0o660);
    expect(statSync(join(facility.folder, 'run')).mode & 0o777).toBe(0o755);
    expect(statSync(join(facility.folder, 'hosts')).mode & 0o777).toBe(0o750);
  });

  it('lets a host in any language log its people on', async () => {
    await facility.serve();
    const peer = await jsonPeer(facility.socket);
    expect(await peer.next()).toEqual({ type: 'hello', protocol: 1, version: '1.0.0' });
    const answers = { username: 'bob', password: PASSWORD, code: () => facility.code('bob') };
    const said = await converse(peer, { nonce: 'n-1', terminal: 'ward-3' }, answers);
    expect(said.map((line) => line.field ?? line.outcome ?? line.type)).toEqual([
      'username',
      'password',
      'code',
      'notice',
      'granted',
    ]);
    expect(said.at(-1)).toEqual({
      type: 'done',
      outcome: 'granted',
      user: 'bob',
      method: 'password+totp',
      paired: true,
      nonce: 'n-1',
    });
    await peer.closed;
  });

  it('refuses at Socket that a host vouches for a password, in every spelling of it', async () => {
    await facility.serve();
    for (const passwordChecked of [true, 'true', 1, {}, [true]]) {
      const peer = await jsonPeer(facility.socket);
      await peer.until('hello');
      peer.send({ type: 'begin', user: 'carol', passwordChecked });
      const [notice] = await peer.until('notice');
      expect(notice).toMatchObject({ level: 'error' });
      peer.send({ type: 'begin', user: 'carol' });
      const rest = passwordChecked === true ? await peer.until('done') : await peer.until('ask');
      if (passwordChecked === true) expect(rest.at(-1)).toMatchObject({ outcome: 'denied', reason: 'bad-line' });
      else expect(rest.at(-1)).toMatchObject({ field: 'password' });
      peer.destroy();
    }
  });

  it('begins at the code for a host that has checked the password, over HostSocket', async () => {
    await facility.serve();
    const peer = await jsonPeer(facility.hostSocket);
    await peer.until('hello');
    const said = await converse(peer, { user: 'carol', passwordChecked: true }, { code: () => facility.code('carol') });
    expect(said.map((line) => line.field ?? line.outcome ?? line.type)).toEqual(['code', 'notice', 'granted']);

    const again = await jsonPeer(facility.hostSocket);
    const refused = await converse(again, { user: 'carol', passwordChecked: true }, { code: facility.code('carol') });
    expect(refused.at(-1)).toMatchObject({ outcome: 'denied' });

    const full = await jsonPeer(facility.hostSocket);
    const asked = await converse(full, { user: 'carol' }, {});
    expect(asked.map((line) => line.field ?? line.outcome ?? line.type)).toEqual(['hello', 'password', 'cancelled']);

    const nobody = await jsonPeer(facility.hostSocket);
    await nobody.until('hello');
    nobody.send({ type: 'begin', passwordChecked: true });
    expect((await nobody.until('notice')).at(-1)).toMatchObject({ level: 'error' });
  });

  it('notes log-ons in the audit trail of the facility', async () => {
    await facility.serve();
    const peer = await jsonPeer(facility.socket);
    await converse(peer, { user: 'alice', terminal: 'ward-9' }, { password: PASSWORD });
    const isGrant = expect.objectContaining({ event: 'login.granted', terminal: 'ward-9' });
    expect(await recordsIn(facility.folder)).toContainEqual(isGrant);
    // Soon after, also in the files, without anybody asking for it.
    const file = join(facility.folder, 'secret', 'audit', 'audit-000000000001.jsonl');
    await vi.waitFor(() => expect(readFileSync(file, 'latin1')).toMatch(/"login\.granted"[^\n]*"ward-9"/), 20_000);
  });

  it('logs where the audit trail ends, as `audit verify --expect` compares it', async () => {
    const server = await facility.serve();
    await server.says('The audit trail ends at');
    const [, end = ''] = /The audit trail ends at (\d+:[\w-]{43})\./.exec(server.log()) ?? [];
    const verified = await runGatehouse(['--config', facility.config, 'audit', 'verify', '--expect', end], {
      folder: '/',
    });
    expect(verified).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^All \d+ records are whole\.\nEnd: \d+:/),
    });
  });

  it('is the only one of its facility', async () => {
    await facility.serve();
    const second = await runGatehouse(['--config', facility.config, 'serve'], { folder: '/' });
    expect(second.status).toBe(75);
    expect(second.stderr).toContain('A server answers for this facility already.');
  });

  it('takes the place of one that was killed', async () => {
    const first = await facility.serve();
    first.signal('SIGKILL');
    expect(await first.ended).toBe('SIGKILL');
    expect(lstatSync(facility.socket).isSocket()).toBe(true);
    await facility.serve();
    expect((await login(`alice\n${PASSWORD}\n`)).status).toBe(0);
  });
});

describe('a gate with a socket in its configuration', () => {
  it('logs people on through the server', async () => {
    await facility.serve();
    const granted = await login(`dora\n${PASSWORD}\n${facility.code('dora')}\nskip\n`);
    expect(granted).toMatchObject({ status: 0 });
    const wrong = await login('dora\nnot the password\n');
    expect(wrong.status).toBe(77);
    expect(wrong.stderr).toContain('Login incorrect.');
  });

  it('hands the verdict to a host, with the nonce of the host', async () => {
    await facility.serve();
    const run = await runGatehouse(
      ['--config', facility.config, 'login', '--front-end', 'json', '--nonce', 'X', '--user', 'alice'],
      { folder: '/', input: `{"type":"begin"}\n{"type":"answer","id":1,"value":"${PASSWORD}"}\n` },
    );
    const lines = run.stdout.trim().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ outcome: 'granted', user: 'alice', nonce: 'X' });
    expect(run.status).toBe(0);
  });

  it('lets nobody in where no server answers, though it could open the database itself', async () => {
    const run = await login(`alice\n${PASSWORD}\n`, ['--', '/bin/echo', 'inside']);
    expect(run.status).toBe(75);
    expect(run.stdout).toBe('');
    expect(run.stderr).toContain('Nobody can log on at the moment.');
  });

  it('lets nobody in where the server is killed in the middle', async () => {
    const server = await facility.serve();
    const child = spawn(GATEHOUSE, ['--config', facility.config, 'login', '--front-end', 'json'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let out = '';
    const status = new Promise<number | null>((resolve) => child.on('close', resolve));
    const asked = new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        out += chunk;
        if (out.includes('"code"')) resolve();
      });
    });
    child.stdin.write(`{"type":"begin","user":"emil"}\n{"type":"answer","id":1,"value":"${PASSWORD}"}\n`);
    await asked;
    server.signal('SIGKILL');
    await server.ended;
    child.stdin.write(`{"type":"answer","id":2,"value":"${facility.code('emil')}"}\n`);
    expect(await status).toBe(75);
    expect(out).toContain('"outcome":"unavailable"');
    expect(out).not.toContain('granted');
  });

  it.skipIf(!isRoot)('serves an account that may read neither key nor database (needs root)', async () => {
    await facility.serve();
    const asNobody = (args: readonly string[], input: string) =>
      new Promise<Run>((resolve) => {
        const child = spawn(GATEHOUSE, args, {
          uid: NOBODY,
          gid: NOBODY,
          cwd: '/',
          env: { PATH: process.env.PATH, HOME: '/' },
          stdio: ['pipe', 'pipe', 'pipe'],
        });
        let stdout = '';
        let stderr = '';
        child.stdout.on('data', (chunk: Buffer) => (stdout += chunk));
        child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
        child.stdin.end(input);
        child.on('close', (status) => resolve({ status, stdout, stderr }));
      });
    const secret = join(facility.folder, 'secret');
    const peek = await new Promise<number | null>((resolve) =>
      spawn('/bin/ls', [secret], { uid: NOBODY, gid: NOBODY, stdio: 'ignore' }).on('close', resolve),
    );
    expect(peek).not.toBe(0);

    const gate = ['--config', facility.config, 'login', '--front-end', 'line'];
    const granted = await asNobody(gate, `fred\n${PASSWORD}\n${facility.code('fred')}\nskip\n`);
    expect(granted).toMatchObject({ status: 0 });
    const wrong = await asNobody(gate, `fred\n${PASSWORD}\n000000\n000000\n000000\n`);
    expect(wrong.status).toBe(77);
    // The socket of hosts lies behind a folder that this account may not enter.
    await expect(
      new Promise((resolve) =>
        spawn('/bin/ls', [facility.hostSocket], { uid: NOBODY, gid: NOBODY, stdio: 'ignore' }).on('close', resolve),
      ),
    ).resolves.not.toBe(0);
  });
});

describe('stopping', () => {
  it('tells who is being asked to try again, and takes its sockets away', async () => {
    const server = await facility.serve();
    const peer = await jsonPeer(facility.socket);
    peer.send({ type: 'begin', user: 'alice' });
    await peer.until('ask');
    const silent = await jsonPeer(facility.socket);
    await silent.until('hello');
    const status = server.stop();
    expect((await peer.until('done')).at(-1)).toMatchObject({ outcome: 'unavailable', reason: 'busy' });
    expect((await silent.until('done')).at(-1)).toMatchObject({ outcome: 'unavailable', reason: 'busy' });
    expect(await status).toBe(0);
    expect(readdirSync(join(facility.folder, 'run'))).toEqual([]);
    expect(readdirSync(join(facility.folder, 'hosts'))).toEqual([]);
  });

  it('still gives the verdict on an answer that is being checked', async () => {
    const server = await facility.serve();
    const peer = await jsonPeer(facility.socket);
    peer.send({ type: 'begin', user: 'alice' });
    const [, ask] = await peer.until('ask');
    peer.send({ type: 'answer', id: ask?.id, value: PASSWORD });
    // The answer is ahead of the signal: the server has read it when it has answered somebody who came later.
    const other = await jsonPeer(facility.socket);
    await other.until('hello');
    server.signal('SIGTERM');
    expect((await peer.until('done')).at(-1)).toMatchObject({ outcome: 'granted' });
    expect(await server.ended).toBe(0);
  });
});

describe('a changed configuration', () => {
  it('is taken on SIGHUP for those who come then; one that is wrong is not', async () => {
    const server = await facility.serve();
    const before = await jsonPeer(facility.socket);
    before.send({ type: 'begin', user: 'gina' });
    const [, ask] = await before.until('ask');

    facility.writeConfig('[Login]\nAttempts=nonsense\n');
    server.signal('SIGHUP');
    await server.says('is not taken, the one in force stays');
    const still = await jsonPeer(facility.socket);
    expect((await converse(still, { user: 'alice' }, { password: PASSWORD })).at(-1)).toMatchObject({
      outcome: 'granted',
    });

    facility.writeConfig('[Login]\nAttempts=1\n');
    server.signal('SIGHUP');
    await server.says('was read again and is in force');
    const after = await jsonPeer(facility.socket);
    const once = await converse(after, { user: 'gina' }, { password: 'wrong' });
    expect(once.filter((line) => line.field === 'password')).toHaveLength(1);

    // Whoever was there before goes on as it was.
    before.send({ type: 'answer', id: ask?.id, value: 'wrong' });
    expect((await before.until('ask')).at(-1)).toMatchObject({ field: 'password' });
    before.destroy();
    facility.writeConfig('[Lockout]\nPasswordFailures=90\n');
    await server.stop();
  });

  it('is noticed without a signal', async () => {
    const server = await facility.serve();
    facility.writeConfig('[Lockout]\nPasswordFailures=80\n');
    await server.says('was read again and is in force');
    facility.writeConfig('2FA=Off\n');
    await server.says('is not taken, the one in force stays');
    facility.writeConfig('');
  });
});

describe('2FA=Off', () => {
  it('is said loudly', async () => {
    writeFileSync(facility.config, readFileSync(facility.config, 'utf8').replace(/^2FA=.*/, '2FA=Off'));
    const server = await facility.serve();
    expect(server.log()).toContain('TWO-FACTOR IS SWITCHED OFF');
    facility.writeConfig('');
  });
});

describe('doctor', () => {
  it('sees the server, and that there is none', async () => {
    facility.writeConfig('');
    const before = await runGatehouse(['--config', facility.config, 'doctor', '--json'], { folder: '/' });
    const without = JSON.parse(before.stdout).checks.filter((check: { name: string }) => check.name === 'server');
    expect(without).toMatchObject([{ level: 'fail' }]);
    expect(before.status).toBe(69);
    await facility.serve();
    const after = await runGatehouse(['--config', facility.config, 'doctor', '--json'], { folder: '/' });
    const withOne = JSON.parse(after.stdout).checks.filter((check: { name: string }) => check.name === 'server');
    expect(withOne).toMatchObject([{ level: 'ok' }]);
  });
});
