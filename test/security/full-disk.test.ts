/**
 * The attack: fill the disk, and hope that a gate which cannot write down who was there lets everybody in (C13, C28). A limit on the size of files does to
 * the real program what a full disk does, at whatever file it falls on; each single call that fails is tried by `npm run torture`.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { facilityShell, GATEHOUSE } from '../support/gatehouse-process.ts';

vi.setConfig({ testTimeout: 120_000 });

const PASSWORD = 'tulips do not sing at all';

/** A log-on by plain prompts whose files may have so many KiB each. */
function logOnWithin(folder: string, kibibytes: number | 'unlimited') {
  const script = `trap '' XFSZ; ulimit -f ${kibibytes}; exec "$0" login --front-end line -- /bin/echo INSIDE`;
  const { PATH = '', HOME = '' } = process.env;
  const { status, stdout, stderr } = spawnSync('/bin/bash', ['-c', script, GATEHOUSE], {
    cwd: folder,
    env: { PATH, HOME },
    input: `alice\n${PASSWORD}\n`,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

it('lets nobody in who cannot be written down, says it in one sentence, and leaves the database as it was', async () => {
  const shell = await facilityShell('off');
  await shell.json(['user', 'add', 'alice', '--password-stdin'], { input: `${PASSWORD}\n` });
  const database = join(shell.folder, 'data/gatehouse.db');
  const before = readFileSync(database);
  for (const kibibytes of [1, 16]) {
    const shut = logOnWithin(shell.folder, kibibytes);
    expect(shut.status).toBe(69);
    expect(shut.stdout).not.toContain('INSIDE');
    expect(shut.stderr).not.toMatch(/^\s+at /m);
    expect(shut.stderr).not.toContain(PASSWORD);
    expect(readFileSync(database).equals(before)).toBe(true);
  }
  // Right password, two-factor off: nothing but the disk kept alice out.
  const open = logOnWithin(shell.folder, 'unlimited');
  expect(open).toMatchObject({ status: 0 });
  expect(open.stdout).toContain('INSIDE');
});
