/**
 * The attack: fill the disk, and hope that a gate which cannot write down who was there lets everybody in (C13, C28). A limit on the size of files does to
 * the real program what a full disk does, at whatever file it falls on; each single call that fails is tried by `npm run torture`. On a disk
 * that is full, `doctor` and every command say that it is (C41).
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readFileSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { openFacility } from '../../src/core/node/facility.ts';
import { ADMIN_PASSWORD, facilityShell, GATEHOUSE, type Run, runGatehouse } from '../support/gatehouse-process.ts';
import { smallDisk, unlessSmallDisk } from '../support/small-disk.ts';

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

type Check = { readonly name: string; readonly level: string; readonly text: string };

/** A facility on a disk of its own, with alice, who has no second factor. */
async function facilityOn(folder: string, engine: 'sqljs' | 'sqlite') {
  const run = (args: readonly string[], input = ''): Promise<Run> => runGatehouse(args, { folder, input });
  const made = async (args: readonly string[], input = '') =>
    expect(await run(args, input)).toMatchObject({ status: 0 });
  await made(['init', '--mode', 'off', '--admin', 'root', '--password-stdin'], `${ADMIN_PASSWORD}\n`);
  await made(['config', 'set', 'Store.Engine', engine]);
  await made(['user', 'add', 'alice', '--password-stdin'], `${PASSWORD}\n`);
  return {
    run,
    login: () => run(['login', '--front-end', 'line', '--', '/bin/echo', 'INSIDE'], `alice\n${PASSWORD}\n`),
    async doctor() {
      const { status, stdout } = await run(['doctor', '--json']);
      const { ok, checks } = JSON.parse(stdout) as { readonly ok: boolean; readonly checks: readonly Check[] };
      expect(ok).toBe(status === 0);
      return { ok, status, failed: checks.filter(({ level }) => level === 'fail'), checks };
    },
  };
}

describe.skipIf(unlessSmallDisk !== '')(`a disk that is full${unlessSmallDisk}`, () => {
  it.for(['sqljs', 'sqlite'] as const)('is named by doctor and by every command, with %s', async (engine) => {
    const disk = smallDisk();
    const { run, login, doctor } = await facilityOn(disk.folder, engine);
    expect(await doctor()).toMatchObject({ ok: true, status: 0 });
    disk.fill();
    const { status, failed } = await doctor();
    expect(status).toBe(69);
    expect(failed.map(({ text }) => text).join('\n')).toContain('no space is left on the disk. Make room on the disk');
    expect(await run(['user', 'disable', 'alice'])).toMatchObject({
      status: 69,
      stderr: expect.stringContaining('no space is left on the disk'),
    });
    const denied = await login();
    expect([denied.status, denied.stdout.includes('INSIDE')]).toEqual([69, false]);
    disk.free();
    expect(await doctor()).toMatchObject({ ok: true, status: 0 });
    expect(await login()).toMatchObject({ status: 0 });
  });

  it('is named where it has blocks and no inodes, with sqlite, which cannot make its log then', async () => {
    const disk = smallDisk(40);
    const { run, doctor } = await facilityOn(disk.folder, 'sqlite');
    for (let file = 0; statfsSync(disk.folder).ffree > 0; file += 1) writeFileSync(join(disk.folder, `f${file}`), '');
    const { status, failed } = await doctor();
    expect([status, failed.map(({ name }) => name)]).toEqual([69, ['store']]);
    expect(failed[0]?.text).toContain('no space is left on the disk');
    expect((await run(['user', 'list'])).stderr).toContain('no space is left on the disk');
  });

  it('is found where another process has the database of sqlite open, and its log has room', async () => {
    const disk = smallDisk();
    const { login, doctor } = await facilityOn(disk.folder, 'sqlite');
    const other = await openFacility(readConfigFile(join(disk.folder, 'config.ini')).config);
    try {
      disk.fill();
      // doctor says ok just as long as a login works.
      for (let tries = 0; tries < 50; tries += 1) {
        const { ok } = await doctor();
        const { status } = await login();
        expect([ok, status]).toEqual(status === 0 ? [true, 0] : [false, 69]);
        if (!ok) return;
      }
      throw new Error('the disk was never full');
    } finally {
      await other.close();
    }
  });

  it('that only has the audit folder is warned of, and logins go on', async () => {
    const disk = smallDisk();
    const shell = await facilityShell('off');
    await shell.json(['user', 'add', 'alice', '--password-stdin'], { input: `${PASSWORD}\n` });
    const audit = join(disk.folder, 'audit');
    cpSync(join(shell.folder, 'data/audit'), audit, { recursive: true });
    chmodSync(audit, 0o700);
    await shell.json(['config', 'set', 'Audit.Path', audit]);
    disk.fill();
    expect(logOnWithin(shell.folder, 'unlimited')).toMatchObject({ status: 0 });
    const { ok, checks } = JSON.parse((await shell.run(['doctor', '--json'])).stdout);
    expect(ok).toBe(true);
    expect(checks).toContainEqual({
      name: 'audit-queue',
      level: 'warn',
      text: expect.stringMatching(/records wait for the audit folder\. .*no space is left on the disk/),
    });
  });

  it('is told apart from one that is mounted to be read', async () => {
    const disk = smallDisk();
    const { doctor } = await facilityOn(disk.folder, 'sqljs');
    const before = statSync(join(disk.folder, 'data/gatehouse.db')).mtimeMs;
    disk.remount('ro');
    const { status, failed } = await doctor();
    expect(status).toBe(69);
    expect(failed.map(({ text }) => text).join('\n')).toContain('the file system is read-only');
    expect(statSync(join(disk.folder, 'data/gatehouse.db')).mtimeMs).toBe(before);
  });
});
