/** What doctor says of the server. */
import { chmodSync, chownSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Config } from '../../src/core/config/model.ts';
import { parseConfig } from '../../src/core/config/parse.ts';
import { createConnections } from '../../src/gate/server/connections.ts';
import { fakeGatekeeper } from '../../src/gate/server/fake-gatekeeper.ts';
import { listenAtPath } from '../../src/gate/server/listen.ts';
import { probeServer } from '../../src/gate/server-probe.ts';
import { ownAccounts, type SocketReach } from '../../src/gate/socket-path.ts';
import { socketFolder } from '../support/socket-folder.ts';

const NOBODY = 65534;
const isRoot = process.geteuid?.() === 0;

function configWith(server: string): { readonly config: Config; readonly writers: readonly number[] } {
  const parsed = parseConfig({
    text: `2FA=Auto:Ward\n[Server]\n${server}`,
    file: 'config.ini',
    folder: '/nonexistent',
  });
  if (parsed.kind === 'problems') throw new Error('not right');
  return { config: parsed.config, writers: ownAccounts() };
}

async function answering(
  reach: SocketReach,
  { mark, most = 10 }: { readonly mark?: { readonly fake: true }; readonly most?: number } = {},
): Promise<string> {
  const path = join(socketFolder(reach === 'hosts' ? 0o750 : 0o755), 'a.sock');
  const rules = { reach, gatekeeper: fakeGatekeeper, version: '1.0.0', most, ...(mark ? { mark } : {}) };
  const connections = createConnections(rules);
  const listener = await listenAtPath(path, reach, connections.accept);
  onTestFinished(async () => {
    listener.close();
    await connections.stop(0);
  });
  return path;
}

describe('the server, as doctor sees it', () => {
  it('is not spoken of where none is configured', async () => {
    expect(await probeServer(configWith(''), '1.0.0')).toEqual([]);
  });

  it('answers at both of its sockets', async () => {
    const [gate, host] = [await answering('everybody'), await answering('hosts')];
    const checks = await probeServer(configWith(`Socket=${gate}\nHostSocket=${host}\n`), '1.0.0');
    expect(checks).toMatchObject([
      { name: 'server', level: 'ok' },
      { name: 'host socket', level: 'ok' },
    ]);
  });

  it('does not answer: nobody can log on', async () => {
    const [check] = await probeServer(configWith(`Socket=${socketFolder()}/gate.sock\n`), '1.0.0');
    expect(check).toMatchObject({ level: 'fail', text: expect.stringContaining('No one can log in without it.') });
  });

  it('is another version, or a fake', async () => {
    const config = configWith(`Socket=${await answering('everybody')}\n`);
    expect(await probeServer(config, '1.0.1')).toMatchObject([{ level: 'warn' }]);
    const fake = configWith(`Socket=${await answering('everybody', { mark: { fake: true } })}\n`);
    expect(await probeServer(fake, '1.0.0')).toMatchObject([{ level: 'fail', text: expect.stringContaining('FAKE') }]);
  });

  it('lies in a folder that others may write, or that everybody may enter', async () => {
    const checks = await probeServer(
      configWith(`Socket=${socketFolder(0o777)}/gate.sock\nHostSocket=${socketFolder()}/host.sock\n`),
      '1.0.0',
    );
    expect(checks.map(({ level, text }) => [level, /chmod (go-w|o-rwx)/.test(text)])).toEqual([
      ['fail', true],
      ['fail', true],
    ]);
  });

  it('is full: it turns everybody away', async () => {
    const path = await answering('everybody', { most: 0 });
    expect(await probeServer(configWith(`Socket=${path}\n`), '1.0.0')).toMatchObject([
      { level: 'fail', text: expect.stringContaining('turns logins away') },
    ]);
  });

  it.each([
    [0o600, 'fail', /^Only root and the account of the server can log in: .*a\.sock is closed .*chmod o\+w/],
    [0o660, 'warn', /^Only the members of group \d+ can log in: .*chmod o\+w/],
  ])('has a socket that others cannot connect to: mode %o', async (mode, level, text) => {
    const path = await answering('everybody');
    chmodSync(path, mode);
    expect(await probeServer(configWith(`Socket=${path}\n`), '1.0.0')).toMatchObject([
      { name: 'server', level, text: expect.stringMatching(text) },
    ]);
  });

  it.each([
    [0o700, 'fail'],
    [0o750, 'warn'],
  ])('lies in a folder that others cannot enter: mode %o', async (mode, level) => {
    const path = await answering('everybody');
    chmodSync(dirname(path), mode);
    expect(await probeServer(configWith(`Socket=${path}\n`), '1.0.0')).toMatchObject([
      { level, text: expect.stringContaining(`chmod o+x ${dirname(path)}`) },
    ]);
  });

  it.skipIf(!isRoot)('has a socket for hosts of another group than its folder (needs root)', async () => {
    const path = await answering('hosts');
    const check = async () => (await probeServer(configWith(`HostSocket=${path}\n`), '1.0.0'))[0];
    chownSync(dirname(path), 0, NOBODY);
    expect(await check()).toMatchObject({
      level: 'warn',
      text: expect.stringContaining(`Run: chgrp ${NOBODY} ${path}`),
    });
    chownSync(path, 0, NOBODY);
    expect(await check()).toMatchObject({ level: 'ok' });
    chmodSync(path, 0o600);
    expect(await check()).toMatchObject({ level: 'warn', text: expect.stringContaining(`chmod g+w ${path}`) });
    // Hosts that run as root need neither.
    chmodSync(dirname(path), 0o700);
    expect(await check()).toMatchObject({ level: 'ok' });
  });
});
