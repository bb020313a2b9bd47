/** `gatehouse serve --fake`, as somebody who writes a host uses it in tests. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openGate } from '../../../src/gate/index.ts';
import { FAKE_USERS, type FakeScript } from '../../../src/gate/server/fake-users.ts';
import { GATEHOUSE, runGatehouse } from '../../support/gatehouse-process.ts';
import { converse, jsonPeer, type Line } from '../../support/json-peer.ts';
import { type ServerProcess, serverProcess } from '../../support/served-facility.ts';
import { socketFolder } from '../../support/socket-folder.ts';

const RIGHT = {
  password: 'password',
  code: '123456',
  'new-password': 'one of my own',
  'repeat-password': 'one of my own',
};

async function fake(...more: readonly string[]): Promise<{ readonly socket: string; readonly server: ServerProcess }> {
  const socket = join(socketFolder(), 'fake.sock');
  // A configuration that cannot be read: it takes none.
  const env = { PATH: process.env.PATH, GATEHOUSE_CONFIG: '/nonexistent/config.ini' };
  const child = spawn(GATEHOUSE, ['serve', '--fake', '--socket', socket, ...more], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const server = serverProcess(child);
  await server.says('Answers at');
  return { socket, server };
}

function asked(lines: readonly Line[]): string {
  return lines.map((line) => line.field ?? line.outcome ?? line.type).join(' ');
}

const TALKS: Readonly<Record<FakeScript, readonly [talk: string, done: object]>> = {
  granted: ['hello password notice code granted', { method: 'password+totp', paired: true }],
  'no-code': ['hello password notice granted', { method: 'password', paired: false }],
  'wrong-code': ['hello password notice code notice code notice code notice denied', { reason: 'login-incorrect' }],
  locked: ['hello password notice notice password notice password notice denied', { retryAfterSeconds: 30 }],
  unavailable: ['hello password notice notice unavailable', { reason: 'busy' }],
  slow: ['hello password notice code granted', { method: 'password+totp' }],
  pair: ['hello password notice pair code notice granted', { method: 'password+totp', paired: true }],
  later: ['hello password notice choice granted', { method: 'password', paired: false }],
  'ask-admin': ['hello password notice notice denied', { reason: 'administrator' }],
  'new-password': [
    'hello password notice code notice new-password repeat-password notice granted',
    { method: 'password+totp' },
  ],
};

describe('the people of the fake gate', () => {
  it('each do what their name says', async () => {
    const { socket, server } = await fake();
    for (const { name } of FAKE_USERS) {
      const lines = await converse(await jsonPeer(socket), { user: name }, { ...RIGHT, choice: 'later' });
      const [talk, done] = TALKS[name];
      expect({ name, talk: asked(lines) }).toEqual({ name, talk });
      expect(lines.at(-1)).toMatchObject(done);
      expect(lines.every((line) => line.fake === true)).toBe(true);
      expect(lines.some((line) => String(line.text).startsWith('FAKE'))).toBe(true);
    }
    expect(server.log()).toMatch(/FAKE.*protects|FAKE.*tests of programs/);
    expect(await server.stop()).toBe(0);
  });

  it('are all in the manual', () => {
    const manual = readFileSync('docs/gate-protocol.md', 'utf8');
    for (const { name } of FAKE_USERS) expect(manual).toContain(`| \`${name}\` |`);
  });

  it('know recovery and one-time codes; nobody else gets in', async () => {
    const { socket } = await fake();
    const by = async (begin: object, answers: Record<string, string>) =>
      (await converse(await jsonPeer(socket), begin, answers)).at(-1);
    expect(await by({ user: 'granted' }, { ...RIGHT, code: 'recovery' })).toMatchObject({
      method: 'password+recovery',
    });
    expect(await by({ user: 'granted' }, { ...RIGHT, code: 'one-time' })).toMatchObject({
      method: 'password+one-time',
    });
    expect(await by({ user: 'granted' }, { ...RIGHT, code: '000000' })).toMatchObject({ outcome: 'denied' });
    expect(await by({ user: 'granted' }, { ...RIGHT, password: 'Password' })).toMatchObject({ outcome: 'denied' });
    expect(await by({ user: 'toString' }, RIGHT)).toMatchObject({ outcome: 'denied' });
  });

  it('are vouched for at a host socket of their own', async () => {
    const hosts = join(socketFolder(0o750), 'fake-host.sock');
    await fake('--host-socket', hosts);
    const lines = await converse(await jsonPeer(hosts), { user: 'granted', passwordChecked: true }, { code: '123456' });
    expect(asked(lines)).toBe('hello notice code granted');
  });
});

describe('a fake gate and real facilities', () => {
  it('cannot be confused: its socket has to say so', async () => {
    const socket = join(socketFolder(), 'gate.sock');
    const run = await runGatehouse(['serve', '--fake', '--socket', socket], { folder: '/' });
    expect(run.status).toBe(64);
    expect(run.stderr).toContain('has no "fake" in its name');
  });

  it('have nothing to do with each other: it takes no configuration', async () => {
    const run = await runGatehouse(['--config', '/etc/hosts', 'serve', '--fake', '--socket', '/x/fake.sock'], {
      folder: '/',
    });
    expect(run.status).toBe(64);
    const real = await runGatehouse(['serve', '--socket', '/x/gate.sock'], { folder: '/' });
    expect(real.status).toBe(64);
  });

  it('meet only in a configuration that names a fake: then the library and the command can be tested', async () => {
    const { socket } = await fake();
    const config = join(socketFolder(), 'config.ini');
    writeFileSync(config, `2FA=Auto:Tests\n[Server]\nSocket=${socket}\n`, { mode: 0o600 });
    const gate = openGate({ config });
    const conversation = gate.begin({ user: 'granted' });
    const [password] = await conversation.start();
    const reply = await conversation.answer(password?.type === 'ask' ? password.id : 0, 'password');
    expect(reply.map((message) => message.type)).toEqual(['notice', 'ask']);
    await gate.close();
    expect((await conversation.answer(2, '123456')).at(-1)).toMatchObject({ outcome: 'unavailable' });

    const run = await runGatehouse(['--config', config, 'login', '--front-end', 'line'], {
      folder: '/',
      input: 'granted\npassword\n123456\n',
    });
    expect(run.status).toBe(0);
    expect(run.stderr).toContain('FAKE');
  });
});
