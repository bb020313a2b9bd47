/** C22 for sockets: what lies at the path, or on the way to it, is never followed, never taken away when it is not ours. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { listenAtPath } from '../../../src/gate/server/listen.ts';
import { socketFolder } from '../../support/socket-folder.ts';

const isRoot = process.geteuid?.() === 0;
let umask = 0;
beforeAll(() => {
  umask = process.umask(0o077);
  return () => void process.umask(umask);
});

async function listen(path: string, reach: 'everybody' | 'hosts' = 'everybody'): Promise<void> {
  const listener = await listenAtPath(path, reach, (socket) => socket.destroy());
  onTestFinished(listener.close);
}

/** A socket file whose server has died: the file is all that is left. */
async function staleSocket(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.made`, resolve));
  renameSync(`${path}.made`, path);
  await new Promise((resolve) => server.close(resolve));
}

describe('what is at the path already', () => {
  it.each([
    ['a file', (path: string) => writeFileSync(path, 'mine')],
    ['a folder', (path: string) => mkdirSync(path)],
    ['a FIFO', (path: string) => void execFileSync('mkfifo', [path])],
    ['a symbolic link to nothing', (path: string) => symlinkSync('/nonexistent', path)],
  ])('%s is refused and left alone', async (_, make) => {
    const path = join(socketFolder(), 'gate.sock');
    make(path);
    const before = lstatSync(path).ino;
    await expect(listen(path)).rejects.toMatchObject({ code: 'file-refused' });
    expect(lstatSync(path).ino).toBe(before);
  });

  it('a symbolic link to a stale socket is refused, and the socket is still there', async () => {
    const folder = socketFolder();
    await staleSocket(join(folder, 'other.sock'));
    symlinkSync(join(folder, 'other.sock'), join(folder, 'gate.sock'));
    await expect(listen(join(folder, 'gate.sock'))).rejects.toMatchObject({ code: 'file-refused' });
    expect(existsSync(join(folder, 'other.sock'))).toBe(true);
  });

  it('a socket at which nobody answers is replaced', async () => {
    const path = join(socketFolder(), 'gate.sock');
    await staleSocket(path);
    await listen(path);
    await new Promise<void>((resolve, reject) => connect(path, resolve).on('error', reject));
  });

  it('a socket at which somebody answers is left to them', async () => {
    const path = join(socketFolder(), 'gate.sock');
    await listen(path);
    await expect(listen(path)).rejects.toMatchObject({ code: 'exists' });
    await new Promise<void>((resolve, reject) => connect(path, resolve).on('error', reject));
  });

  it.skipIf(!isRoot)('a socket of another account is refused (needs root)', async () => {
    const path = join(socketFolder(), 'gate.sock');
    await staleSocket(path);
    chownSync(path, 65534, 65534);
    await expect(listen(path)).rejects.toMatchObject({ code: 'file-refused' });
    expect(existsSync(path)).toBe(true);
  });
});

describe('the way to the path', () => {
  it('is refused where others may write the folder', async () => {
    for (const mode of [0o777, 0o775, 0o1777]) {
      await expect(listen(join(socketFolder(mode), 'gate.sock'))).rejects.toMatchObject({ code: 'file-refused' });
    }
  });

  it('is refused where others may write a folder above it', async () => {
    const folder = socketFolder(0o777);
    mkdirSync(join(folder, 'run'), { mode: 0o700 });
    await expect(listen(join(folder, 'run', 'gate.sock'))).rejects.toMatchObject({ code: 'file-refused' });
  });

  it('is refused where it leads over a symbolic link, and nothing is made behind it', async () => {
    const folder = socketFolder();
    mkdirSync(join(folder, 'real'), { mode: 0o755 });
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    await expect(listen(join(folder, 'link', 'gate.sock'))).rejects.toMatchObject({ code: 'file-refused' });
    await expect(listen(join(folder, 'link', 'run', 'gate.sock'))).rejects.toMatchObject({ code: 'file-refused' });
    expect(existsSync(join(folder, 'real', 'run'))).toBe(false);
  });

  it.skipIf(!isRoot)('is refused where somebody else made the folder in /tmp (needs root)', async () => {
    const folder = socketFolder();
    chownSync(folder, 65534, 65534);
    await expect(listen(join(folder, 'gate.sock'))).rejects.toMatchObject({ code: 'file-refused' });
  });

  it('is made for its last folder, as open as the socket wants it', async () => {
    const folder = socketFolder();
    await listen(join(folder, 'run', 'gate.sock'));
    expect(lstatSync(join(folder, 'run')).mode & 0o777).toBe(0o755);
    await listen(join(folder, 'hosts', 'host.sock'), 'hosts');
    expect(lstatSync(join(folder, 'hosts')).mode & 0o777).toBe(0o750);
  });
});

describe('the socket of hosts', () => {
  it('is not made in a folder that everybody may enter', async () => {
    for (const mode of [0o755, 0o751, 0o704]) {
      const path = join(socketFolder(mode), 'host.sock');
      await expect(listen(path, 'hosts')).rejects.toMatchObject({
        code: 'file-refused',
        hint: `chmod o-rwx ${dirname(path)}`,
      });
      expect(existsSync(path)).toBe(false);
    }
  });

  it('is open to the group of its folder, the other socket to all', async () => {
    const hosts = join(socketFolder(0o750), 'host.sock');
    await listen(hosts, 'hosts');
    expect(lstatSync(hosts).mode & 0o777).toBe(0o660);
    const gate = join(socketFolder(), 'gate.sock');
    chmodSync(dirname(gate), 0o755);
    await listen(gate);
    expect(lstatSync(gate).mode & 0o777).toBe(0o666);
  });

  it.skipIf(!isRoot)('has the group of its folder: who may enter the one may use the other (needs root)', async () => {
    const path = join(socketFolder(0o750), 'host.sock');
    chownSync(dirname(path), 0, 65534);
    await listen(path, 'hosts');
    const asNobody = { uid: 65534, gid: 65534, stdio: 'ignore' } as const;
    const call = `require('node:net').connect(${JSON.stringify(path)}).on('connect', () => process.exit(0)).on('error', () => process.exit(1))`;
    expect(spawnSync(process.execPath, ['-e', call], asNobody).status).toBe(0);
  });
});
