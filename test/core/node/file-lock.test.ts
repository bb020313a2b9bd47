import { mkdtempSync, readdirSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { acquireFileLock, acquireSharedFileLock } from '../../../src/core/node/file-lock.ts';
import { nextMessage, startChild } from '../../store/child-process.ts';

it('has one holder at a time inside one process too', async () => {
  const path = lockPath();
  const first = await acquire(path);
  await expect(acquire(path, 20)).rejects.toMatchObject({ code: 'busy' });
  first.release();
  (await acquire(path)).release();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('is shared by many, or held by one alone, who is told that others share it', async () => {
  const path = lockPath();
  const share = (waitMs = 1000) => acquireSharedFileLock({ path, what: 'database', waitMs });
  const sharers = [await share(), await share()];
  const alone = acquireFileLock({ path, what: 'database', waitMs: 20, sharers: 'Gatehouse of another kind' });
  await expect(alone).rejects.toMatchObject({
    code: 'busy',
    message: 'The database is held open by another Gatehouse of another kind.',
  });
  for (const lock of sharers) lock.release();
  const first = await acquire(path);
  await expect(share(20)).rejects.toMatchObject({ code: 'busy', message: expect.stringContaining('for too long') });
  first.release();
  (await share()).release();
});

it('stays with a stopped holder, and goes to one waiter after the other when that one is killed', async () => {
  const path = lockPath();
  const holder = startChild('hold-lock.ts', path);
  await nextMessage(holder);
  holder.kill('SIGSTOP');
  let inside = 0;
  let most = 0;
  let served = 0;
  const waiters = Array.from({ length: 64 }, async () => {
    const lock = await acquire(path, 60_000);
    inside += 1;
    most = Math.max(most, inside);
    await new Promise(setImmediate);
    inside -= 1;
    served += 1;
    lock.release();
  });
  await expect(acquire(path, 100)).rejects.toMatchObject({ code: 'busy', hint: expect.stringContaining('fuser') });
  expect(served).toBe(0);
  holder.kill('SIGKILL');
  await Promise.all(waiters);
  expect({ most, served }).toEqual({ most: 1, served: 64 });
});

it('is not fooled when the lock file is removed under it: nobody locks a file that has no name', async () => {
  const path = lockPath();
  const orphan = await acquire(path);
  unlinkSync(path);
  const second = await acquire(path);
  await expect(acquire(path, 20)).rejects.toMatchObject({ code: 'busy' });
  orphan.release();
  await expect(acquire(path, 20)).rejects.toMatchObject({ code: 'busy' });
  second.release();
});

it.runIf(process.platform === 'linux')('leaves no descriptor behind, whether it got the lock or not', async () => {
  const path = lockPath();
  const open = () => readdirSync('/proc/self/fd').length;
  const lock = await acquire(path);
  const before = open();
  for (let round = 0; round < 5; round += 1) await expect(acquire(path, 1)).rejects.toMatchObject({ code: 'busy' });
  expect(open()).toBe(before);
  lock.release();
  expect(open()).toBe(before - 1);
});

it('refuses a lock file that others may open: whoever can lock it can lock everybody out', async () => {
  const path = lockPath();
  const umask = process.umask(0);
  onTestFinished(() => void process.umask(umask));
  writeFileSync(path, '', { mode: 0o666 });
  await expect(acquire(path)).rejects.toMatchObject({ code: 'file-refused', hint: `chmod 600 ${path}` });
});

function acquire(path: string, waitMs = 10_000) {
  return acquireFileLock({ path, what: 'database', waitMs });
}

function lockPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'gatehouse.db.lock');
}
