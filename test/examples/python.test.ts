import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { phoneCode } from '../support/authenticator.ts';
import { GATEHOUSE } from '../support/gatehouse-process.ts';
import { openTerminal, type Terminal } from '../support/pty.ts';
import { servedFacility } from '../support/served-facility.ts';
import { PASSWORD, standingFacility } from '../support/standing-facility.ts';
import { exampleFolder, installExample } from './installed-example.ts';
import { missing, tool } from './needs.ts';

const lacking = missing(tool('python3'));

function start(host: string, places: Readonly<Record<string, string>>): Terminal {
  const folder = exampleFolder();
  installExample(folder, 'python/gatehouse_client.py');
  installExample(folder, 'python/terminal_front_end.py');
  return openTerminal('python3', ['-Es', installExample(folder, `python/${host}`, places)], {
    env: { PYTHONDONTWRITEBYTECODE: '1' },
  });
}

async function answer(terminal: Terminal, prompt: string, typed: string): Promise<void> {
  await terminal.until(`${prompt}: `);
  terminal.type(`${typed}\r`);
}

async function expectDenied(terminal: Terminal): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await answer(terminal, 'User name', 'alice');
    await answer(terminal, 'Password', 'wrong');
    await terminal.until('Login incorrect.');
  }
  expect(await terminal.ended).toBe(77);
  expect(terminal.shown()).not.toContain('Welcome');
}

describe.skipIf(lacking)(`a Python program over login --front-end json ${lacking}`, () => {
  const facility = standingFacility();
  const host = (config = facility.config) =>
    start('host_process.py', { '/usr/bin/gatehouse': GATEHOUSE, '/etc/gatehouse/config.ini': config });

  it('greets who was let in, and shows nothing of the password', async () => {
    const terminal = host();
    await answer(terminal, 'User name', 'alice');
    await answer(terminal, 'Password', PASSWORD);
    await terminal.until('Welcome, alice (password).');
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown()).not.toContain(PASSWORD.slice(0, 4));
  });

  it('pairs a new phone', async () => {
    const terminal = host();
    await answer(terminal, 'User name', 'bob');
    await answer(terminal, 'Password', PASSWORD);
    const shown = await terminal.until(/Key: [A-Z2-7 ]+\r/);
    await answer(terminal, 'Code', phoneCode(/Key: ([A-Z2-7 ]+)\r/.exec(shown)?.[1]?.replaceAll(' ', '') ?? ''));
    await terminal.until('Welcome, bob (password+totp).');
  });

  it('ends without a greeting: denied, given up, no configuration', async () => {
    await expectDenied(host());
    for (const key of ['\x03', '\x04']) {
      const terminal = host();
      await answer(terminal, 'User name', 'alice');
      await terminal.until('Password: ');
      terminal.type(key);
      expect(await terminal.ended).toBe(77);
      expect(terminal.shown()).not.toContain('Welcome');
    }
    const none = host('/nowhere/config.ini');
    expect(await none.ended).toBe(77);
    expect(none.shown()).not.toContain('Traceback');
  });
});

describe.skipIf(lacking)(`a Python program over the socket of gatehouse serve ${lacking}`, () => {
  const facility = servedFacility(['carol'], '[Lockout]\nPasswordFailures=90\n');
  const host = (socket = facility.socket) => start('host_socket.py', { '/run/gatehouse/gate.sock': socket });

  it('greets who was let in by password and code', async () => {
    await facility.serve();
    const terminal = host();
    await answer(terminal, 'User name', 'carol');
    await answer(terminal, 'Password', PASSWORD);
    await answer(terminal, 'Code', facility.code('carol'));
    await terminal.until('Welcome, carol (password+totp).');
    expect(await terminal.ended).toBe(0);
  });

  it('ends without a greeting: denied, or the server gone in the middle', async () => {
    const server = await facility.serve();
    await expectDenied(host());
    const terminal = host();
    await answer(terminal, 'User name', 'carol');
    await terminal.until('Password: ');
    server.signal('SIGKILL');
    await server.ended;
    terminal.type(`${PASSWORD}\r`);
    expect([69, 77]).toContain(await terminal.ended);
    expect(terminal.shown()).not.toMatch(/Welcome|Traceback/);
  });

  it('lets nobody in where no server is', async () => {
    const terminal = host(join(exampleFolder(), 'gate.sock'));
    expect(await terminal.ended).toBe(69);
    expect(terminal.shown()).toContain('Nobody can log on');
  });
});
