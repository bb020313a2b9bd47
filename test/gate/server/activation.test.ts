/** Sockets handed over by systemd, and what it is told, played by the test. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { handedOverSockets } from '../../../src/gate/server/activation.ts';
import { GATEHOUSE } from '../../support/gatehouse-process.ts';
import { converse, jsonPeer } from '../../support/json-peer.ts';
import { PASSWORD, servedFacility, serverProcess } from '../../support/served-facility.ts';

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** The descriptor of a listening socket, which Node does not tell in its types. */
function descriptorOf(server: Server): number {
  const { _handle: handle } = server as Server & { readonly _handle: { readonly fd: number } };
  return handle.fd;
}

/** A socket made ready by somebody else than the server; its file stays when that one lets go of it. */
async function madeSocket(path: string): Promise<Server> {
  const server = createServer();
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  await new Promise<void>((resolve) => server.listen(`${path}.made`, resolve));
  renameSync(`${path}.made`, path);
  onTestFinished(() => void server.close());
  return server;
}

describe('what is handed over', () => {
  it('is for the process that it was meant for, and not for its children', () => {
    const environment = { LISTEN_PID: '7', LISTEN_FDS: '1', LISTEN_FDNAMES: 'gate', PATH: '/bin' };
    expect(handedOverSockets({ ...environment }, 8)).toEqual([]);
    const gone: Record<string, string | undefined> = { ...environment, LISTEN_FDS: '0' };
    expect(handedOverSockets(gone, 7)).toEqual([]);
    expect(gone).toEqual({ PATH: '/bin' });
    expect(handedOverSockets({}, 7)).toEqual([]);
  });

  it.each([
    ['x', 'gate'],
    ['-1', 'gate'],
    ['99', 'gate'],
  ])('in a number like %s is refused', (LISTEN_FDS, LISTEN_FDNAMES) => {
    expect(() => handedOverSockets({ LISTEN_PID: '7', LISTEN_FDS, LISTEN_FDNAMES }, 7)).toThrow(/number|no socket/);
  });

  it('is no socket: refused', () => {
    const fd = openSync('/dev/null', 'r');
    expect(() => handedOverSockets({ LISTEN_PID: '7', LISTEN_FDS: '60', LISTEN_FDNAMES: 'gate' }, 7)).toThrow();
    closeSync(fd);
  });
});

describe('a server that is started for its socket', () => {
  const facility = servedFacility([]);

  function activated(fds: readonly number[], names: string, environment: Record<string, string> = {}) {
    const child = spawn('sh', ['-c', 'LISTEN_PID=$$ exec "$0" "$@"', GATEHOUSE, '--config', facility.config, 'serve'], {
      env: { PATH: process.env.PATH, LISTEN_FDS: String(fds.length), LISTEN_FDNAMES: names, ...environment },
      stdio: ['ignore', 'ignore', 'pipe', ...fds],
    });
    return serverProcess(child);
  }

  it('answers there, and makes only the other one itself', async () => {
    const listening = await madeSocket(facility.socket);
    const server = activated([descriptorOf(listening)], 'gate');
    await server.says('Answers at');
    listening.close();
    const done = (await converse(await jsonPeer(facility.socket), { user: 'alice' }, { password: PASSWORD })).at(-1);
    expect(done).toMatchObject({ outcome: 'granted' });
    await (await jsonPeer(facility.hostSocket)).until('hello');
    expect(await server.stop()).toBe(0);
  });

  it('knows by the name which socket is the one of hosts', async () => {
    const gate = await madeSocket(facility.socket);
    const host = await madeSocket(facility.hostSocket);
    const server = activated([descriptorOf(host), descriptorOf(gate)], 'host:gate');
    await server.says('Answers at');
    gate.close();
    host.close();
    const vouched = { user: 'alice', passwordChecked: true };
    const atGate = await converse(await jsonPeer(facility.socket), vouched, {});
    expect(atGate.at(-1)).toMatchObject({ outcome: 'denied', reason: 'bad-line' });
    const atHost = await converse(await jsonPeer(facility.hostSocket), vouched, {});
    expect(atHost.at(-1)).toMatchObject({ outcome: 'granted' });
  });

  it.each(['', 'gatehouse.socket'])('refuses a socket by the name of "%s"', async (name) => {
    const listening = await madeSocket(join(facility.folder, 'nameless.sock'));
    const server = activated([descriptorOf(listening)], name);
    expect(await server.ended).toBe(64);
    expect(server.log()).toContain('FileDescriptorName=gate');
  });

  it.skipIf(!has('systemd-notify') || !has('python3'))(
    'tells systemd that it is ready and that it stops (needs systemd-notify and python3)',
    async () => {
      const path = join(facility.folder, 'notify.sock');
      const manager = spawn('python3', ['-u', '-c', RECEIVE, path], { stdio: ['ignore', 'pipe', 'inherit'] });
      onTestFinished(() => void manager.kill('SIGKILL'));
      let told = '';
      manager.stdout.on('data', (chunk: Buffer) => {
        told += chunk;
      });
      await expect.poll(() => told, { timeout: 30_000 }).toContain('bound');
      const server = await facility.serve({ NOTIFY_SOCKET: path });
      await expect.poll(() => told, { timeout: 30_000 }).toContain('READY=1');
      expect(await server.stop()).toBe(0);
      await expect.poll(() => told, { timeout: 30_000 }).toContain('STOPPING=1');
    },
  );
});

const RECEIVE = `
import array, os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound')
while True:
    data, ancillary, flags, _ = s.recvmsg(4096, 4096)
    for level, kind, descriptors in ancillary:
        for fd in array.array('i', descriptors[:len(descriptors) // 4 * 4]):
            os.close(fd)
    print(data.decode())
`;
