/**
 * The attacks: a config.ini of another account, named in any way, and folders on its way that another account can change.
 * Its `[Server] Socket` would lead to a server that grants anything, so each process must refuse before it asks.
 */
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exampleFolder } from '../examples/installed-example.ts';
import { missing, rootAndOtherAccount } from '../examples/needs.ts';
import { GATEHOUSE, type Run } from '../support/gatehouse-process.ts';

const MALLORY = 61001;
const VICTIM = 61002;
const ROOT = 0;

const needsRoot = missing(rootAndOtherAccount());

type Call = { readonly uid: number; readonly args: readonly string[]; readonly environment?: Record<string, string> };

function run({ uid, args, environment = {} }: Call): Promise<Run> {
  const child = spawn(GATEHOUSE, args, {
    uid,
    gid: uid,
    cwd: '/',
    env: { PATH: process.env.PATH, HOME: '/', ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end('{"type":"begin","user":"alice"}\n');
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
}

const login = (uid: number, file: string): Call => ({
  uid,
  args: ['--config', file, 'login', '--front-end', 'json'],
});

/** A folder of `uid` in a folder of root, with a config.ini that leads to a server of its own. */
function configOf(uid: number, mode = 0o755): { readonly folder: string; readonly file: string } {
  const folder = join(exampleFolder(), 'place');
  mkdirSync(folder);
  chmodSync(folder, mode);
  const file = join(folder, 'config.ini');
  writeFileSync(file, `2FA=Off\n[Server]\nSocket=${join(folder, 'gate.sock')}\n`, { mode: 0o644 });
  chownSync(file, uid, uid);
  chownSync(folder, uid, uid);
  return { folder, file };
}

function expectRefused({ status, stdout, stderr }: Run): void {
  expect({ status, stdout }, stderr).toEqual({ status: 69, stdout: '' });
  expect(stderr).toMatch(/belongs to|can be written by/);
}

describe.skipIf(needsRoot)(`a config.ini of somebody else ${needsRoot}`, () => {
  it('is refused by a gate of root: by --config, by the environment, and after chown', async () => {
    const { file } = configOf(MALLORY);
    const byFlag = await run(login(ROOT, file));
    expectRefused(byFlag);
    expect(byFlag.stderr).toContain(`sudo -u '#${MALLORY}' gatehouse ...`);
    expect(byFlag.stderr).not.toContain('chown');
    const environment = { GATEHOUSE_CONFIG: file };
    expectRefused(await run({ uid: ROOT, args: ['login', '--front-end', 'json'], environment }));
    const given = configOf(ROOT);
    expect((await run(login(ROOT, given.file))).stdout).toContain('"type":"hello"');
    chownSync(given.file, MALLORY, MALLORY);
    expectRefused(await run(login(ROOT, given.file)));
  });

  it('is refused by every command of root, with the account to run it as', async () => {
    const { file } = configOf(MALLORY);
    for (const args of [['serve'], ['user', 'list'], ['config', 'get', '2FA'], ['config', 'set', '2FA', 'Off']]) {
      const { status, stdout, stderr } = await run({ uid: ROOT, args: ['--config', file, ...args] });
      expect({ status, stdout }, args.join(' ')).toEqual({ status: 69, stdout: '' });
      expect(stderr).toContain(`sudo -u '#${MALLORY}' gatehouse ...`);
    }
    const doctor = await run({ uid: ROOT, args: ['--config', file, 'doctor'] });
    expect(doctor.status).toBe(78);
    expect(doctor.stdout).toContain(`sudo -u '#${MALLORY}' gatehouse ...`);
  });

  it('is refused by a gate of a user, who may have one of root or of their own', async () => {
    const { file } = configOf(MALLORY);
    expectRefused(await run(login(VICTIM, file)));
    const environment = { GATEHOUSE_CONFIG: file };
    expectRefused(await run({ uid: VICTIM, args: ['login', '--front-end', 'json'], environment }));
    for (const owner of [ROOT, VICTIM]) {
      expect((await run(login(VICTIM, configOf(owner).file))).stdout).toContain('"type":"hello"');
    }
  });

  it('is refused in a folder of somebody else, next to it or further up, whoever owns the file', async () => {
    const { folder, file } = configOf(ROOT);
    chownSync(folder, MALLORY, MALLORY);
    expectRefused(await run(login(ROOT, file)));
    expectRefused(await run(login(VICTIM, file)));
    const inner = join(folder, 'inner');
    mkdirSync(inner);
    writeFileSync(join(inner, 'config.ini'), '2FA=Off\n', { mode: 0o644 });
    expectRefused(await run(login(ROOT, join(inner, 'config.ini'))));
    expectRefused(await run(login(VICTIM, join(inner, 'config.ini'))));
  });

  it('is refused behind a symbolic link of somebody else, who could turn it elsewhere', async () => {
    const good = configOf(ROOT);
    const { folder } = configOf(MALLORY);
    const link = join(folder, 'link');
    symlinkSync(good.folder, link);
    expectRefused(await run(login(ROOT, join(link, 'config.ini'))));
    const shared = exampleFolder();
    chmodSync(shared, 0o1777);
    const planted = join(shared, 'link');
    symlinkSync(good.folder, planted);
    expect((await run(login(VICTIM, join(planted, 'config.ini')))).stdout).toContain('"type":"hello"');
    const { lchownSync } = await import('node:fs');
    lchownSync(planted, MALLORY, MALLORY);
    expectRefused(await run(login(VICTIM, join(planted, 'config.ini'))));
  });

  it('is refused below a folder that everybody may write, and not below /tmp', async () => {
    const { folder } = configOf(ROOT);
    const inner = join(folder, 'inner');
    mkdirSync(inner);
    const file = join(inner, 'config.ini');
    writeFileSync(file, `2FA=Off\n[Server]\nSocket=${join(folder, 'gate.sock')}\n`, { mode: 0o644 });
    chmodSync(folder, 0o777);
    const refused = await run(login(VICTIM, file));
    expectRefused(refused);
    expect(refused.stderr).toContain(`chmod o-w ${folder}`);
    chmodSync(folder, 0o1777);
    expect((await run(login(VICTIM, file))).stdout).toContain('"type":"hello"');
  });

  it('is not the one that a set-up puts into a folder of somebody else: nothing is made there', async () => {
    const { folder } = configOf(MALLORY);
    const file = join(folder, 'new.ini');
    const init = await run({ uid: ROOT, args: ['--config', file, 'init', '--mode', 'off', '--admin', 'root'] });
    expectRefused(init);
    const { readdirSync } = await import('node:fs');
    expect(readdirSync(folder)).toEqual(['config.ini']);
  });
});
