/** What doctor says of the server. */
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Config } from '../../src/core/config/model.ts';
import { parseConfig } from '../../src/core/config/parse.ts';
import { createConnections } from '../../src/gate/server/connections.ts';
import { fakeGatekeeper } from '../../src/gate/server/fake-gatekeeper.ts';
import { listenAtPath } from '../../src/gate/server/listen.ts';
import { probeServer } from '../../src/gate/server-probe.ts';
import { ownAccounts, type SocketReach } from '../../src/gate/socket-path.ts';
import { socketFolder } from '../support/socket-folder.ts';

function configWith(server: string): { readonly config: Config; readonly writers: readonly number[] } {
  const parsed = parseConfig({
    text: `2FA=Auto:Ward\n[Server]\n${server}`,
    file: 'config.ini',
    folder: '/nonexistent',
  });
  if (parsed.kind === 'problems') throw new Error('not right');
  return { config: parsed.config, writers: ownAccounts() };
}

async function answering(reach: SocketReach, mark?: { readonly fake: true }): Promise<string> {
  const path = join(socketFolder(reach === 'hosts' ? 0o750 : 0o755), 'a.sock');
  const rules = { reach, gatekeeper: fakeGatekeeper, version: '1.0.0', most: 10, ...(mark ? { mark } : {}) };
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
    expect(check).toMatchObject({ level: 'fail', text: expect.stringContaining('Nobody can log on without it.') });
  });

  it('is another version, or a fake', async () => {
    const config = configWith(`Socket=${await answering('everybody')}\n`);
    expect(await probeServer(config, '1.0.1')).toMatchObject([{ level: 'warn' }]);
    const fake = configWith(`Socket=${await answering('everybody', { fake: true })}\n`);
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
});
