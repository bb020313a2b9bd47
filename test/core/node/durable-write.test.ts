import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type FileCalls, writeDurably } from '../../../src/core/node/durable-write.ts';
import { failingCalls, recordingCalls } from '../../support/file-calls.ts';

it('replaces the file as a whole with mode 0600, synced before the rename, and the folder after it', async () => {
  const { path, temporary } = oldFile();
  const { calls, names } = recordingCalls();
  const umask = process.umask(0);
  onTestFinished(() => void process.umask(umask));
  await writeDurably({ path, temporary, bytes: Buffer.from('new'), what: 'database', calls });
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const order = ['unlink', 'open', 'write', 'size', 'fsync', 'close', 'rename', 'open', 'fsync', 'close'];
  expect(names).toEqual(order);
});

it.each(['ENOSPC', 'EIO', 'EDQUOT', 'EROFS'])(
  'leaves the old file whole and nothing beside it when any call fails with %s',
  async (errno) => {
    for (let nth = 1; nth <= 10; nth += 1) {
      const { path, temporary, folder } = oldFile();
      const calls = failingCalls({ nth, errno });
      const write = writeDurably({ path, temporary, bytes: Buffer.from('new'), what: 'database', calls });
      await expect(write).rejects.toMatchObject({ name: 'Fault', code: 'unavailable', hint: expect.any(String) });
      // The rename is the seventh call: from then on the new file is there, and only its durability is unknown.
      expect(readFileSync(path, 'utf8')).toBe(nth <= 7 ? 'old' : 'new');
      expect(readdirSync(folder)).toEqual(['file']);
    }
  },
);

it('goes on after a short write until all bytes are there', async () => {
  const { path, temporary } = oldFile();
  const { calls } = recordingCalls();
  const stingy: FileCalls = {
    ...calls,
    write: (fd, bytes, offset, length) => calls.write(fd, bytes, offset, Math.min(length, 7)),
  };
  const bytes = Buffer.from('a sentence longer than seven bytes');
  await writeDurably({ path, temporary, bytes, what: 'database', calls: stingy });
  expect(readFileSync(path)).toEqual(bytes);
});

it.each([
  ['writes nothing and says so', { write: async () => 0 }],
  [
    'claims more than it wrote',
    { write: async (_fd: number, _bytes: Uint8Array, _offset: number, length: number) => length },
  ],
] as const)('rejects when the disk %s', async (_what, lie) => {
  const { path, temporary } = oldFile();
  const calls: FileCalls = { ...recordingCalls().calls, ...lie };
  const write = writeDurably({ path, temporary, bytes: Buffer.from('new'), what: 'database', calls });
  await expect(write).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('no space') });
  expect(readFileSync(path, 'utf8')).toBe('old');
});

it('clears away what a killed writer left under the temporary name, and writes through no link there', async () => {
  const { path, temporary, folder } = oldFile();
  writeFileSync(temporary, 'half a fi');
  await writeDurably({ path, temporary, bytes: Buffer.from('new'), what: 'database' });
  const victim = join(folder, 'victim');
  writeFileSync(victim, 'untouched');
  symlinkSync(victim, temporary);
  await writeDurably({ path, temporary, bytes: Buffer.from('newer'), what: 'database' });
  expect(readFileSync(victim, 'utf8')).toBe('untouched');
  expect(readFileSync(path, 'utf8')).toBe('newer');
  expect(existsSync(temporary)).toBe(false);
});

function oldFile() {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-write-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'file');
  writeFileSync(path, 'old', { mode: 0o600 });
  return { folder, path, temporary: join(folder, 'file.new') };
}
