/** gatehouse doctor: it says ok only where a login would work (C41), and leaves nothing but a record. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { acquireFileLock } from '../../src/core/node/file-lock.ts';
import { facilityShell, GATEHOUSE, type Shell } from '../support/gatehouse-process.ts';
import { serverProcess } from '../support/served-facility.ts';
import { socketFolder } from '../support/socket-folder.ts';
import { recordsIn } from '../support/trail-records.ts';

vi.setConfig({ testTimeout: 120_000 });

const PASSWORD = 'tulips do not sing at all';
const ENGINES = ['sqljs', 'sqlite'] as const;

type Check = { readonly name: string; readonly level: 'ok' | 'warn' | 'fail'; readonly text: string };

async function doctor(shell: Shell) {
  const { status, stdout } = await shell.run(['doctor', '--json']);
  const { ok, checks } = JSON.parse(stdout) as { readonly ok: boolean; readonly checks: readonly Check[] };
  const failed = checks.filter(({ level }) => level === 'fail');
  expect([ok, status]).toEqual(failed.length === 0 ? [true, 0] : [false, 69]);
  return { checks, failed };
}

/** Its exit status. */
async function login(shell: Shell): Promise<number | null> {
  const input = `alice\n${PASSWORD}\n`;
  return (await shell.run(['login', '--front-end', 'line', '--', '/bin/true'], { input })).status;
}

async function shellWithAlice(engine: (typeof ENGINES)[number] = 'sqljs'): Promise<Shell> {
  const shell = await facilityShell('off');
  await shell.json(['config', 'set', 'Store.Engine', engine]);
  await shell.json(['user', 'add', 'alice', '--password-stdin'], { input: `${PASSWORD}\n` });
  return shell;
}

const databaseOf = (shell: Shell) => join(shell.folder, 'data/gatehouse.db');

/** Whatever stands in the place of the lock file, and how it is put right. */
const LOCKS: readonly [what: string, spoil: (path: string) => void, hint: string][] = [
  ['a folder', (path) => mkdirSync(path, { mode: 0o700 }), 'Move it away: mv'],
  ['a symbolic link', (path) => symlinkSync('elsewhere', path), 'is a symbolic link'],
  ['open to other accounts', (path) => writeFileSync(path, '', { mode: 0o666 }), 'chmod 600'],
];

describe.for(ENGINES)('doctor on a facility with %s', (engine) => {
  it.for(LOCKS)('fails while the lock file is %s, as a login does', async ([, spoil, hint]) => {
    const shell = await shellWithAlice(engine);
    const lock = `${databaseOf(shell)}.lock`;
    rmSync(lock, { force: true });
    spoil(lock);
    if (hint === 'chmod 600') chmodSync(lock, 0o666);
    expect(await login(shell)).toBe(69);
    const { failed } = await doctor(shell);
    expect(failed).toMatchObject([
      { name: engine === 'sqljs' ? 'write' : 'store', text: expect.stringContaining(hint) },
    ]);
    rmSync(lock, { recursive: true });
    expect((await doctor(shell)).failed).toEqual([]);
    expect(await login(shell)).toBe(0);
  });

  it('changes no user and no counter, and leaves one record that names who ran it', async () => {
    const shell = await shellWithAlice(engine);
    await shell.run(['login', '--front-end', 'line', '--', '/bin/true'], { input: 'alice\nwrong\n' });
    const before = rowsOf(databaseOf(shell));
    expect(before.failures).not.toEqual([]);
    const records = await events(shell);
    await doctor(shell);
    expect(rowsOf(databaseOf(shell))).toEqual(before);
    expect(await events(shell)).toEqual([...records, 'facility.checked']);
    const last = (await recordsIn(shell.folder)).at(-1);
    expect(last).toMatchObject({ actor: expect.stringMatching(/^os:/) });
    // In the files, too, and not only in the database.
    const trail = readFileSync(join(shell.folder, 'data/audit/audit-000000000001.jsonl'), 'latin1');
    expect(trail.trimEnd().split('\n').at(-1)).toContain('"facility.checked"');
  });

  it('is ok beside a server that has the facility open', async () => {
    const shell = await shellWithAlice(engine);
    const socket = join(socketFolder(), 'gate.sock');
    await shell.json(['config', 'set', 'Server.Socket', socket]);
    expect((await doctor(shell)).failed).toMatchObject([{ name: 'server' }]);
    const server = serverProcess(
      spawn(GATEHOUSE, ['--config', join(shell.folder, 'config.ini'), 'serve'], {
        env: { PATH: process.env.PATH },
        stdio: ['ignore', 'ignore', 'pipe'],
      }),
    );
    await server.says('Answers at');
    const { checks, failed } = await doctor(shell);
    expect(failed).toEqual([]);
    expect(checks).toContainEqual(expect.objectContaining({ name: 'server', level: 'ok' }));
    expect(await login(shell)).toBe(0);
    expect(await server.stop()).toBe(0);
  });
});

describe('doctor on a database that a writer holds', () => {
  it('waits as a login would, and then is ok', async () => {
    const shell = await shellWithAlice();
    const path = `${databaseOf(shell)}.lock`;
    const lock = await acquireFileLock({ path, what: 'database', waitMs: 0 });
    const child = spawn(GATEHOUSE, ['doctor'], { cwd: shell.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk));
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    onTestFinished(() => void child.kill('SIGKILL'));
    await untilOpen(child.pid ?? 0, path);
    lock.release();
    expect([await ended, stdout]).toEqual([0, expect.stringContaining('ok    write')]);
  });

  it('reports that it is in use, with sqljs', async () => {
    const shell = await shellWithAlice();
    const path = `${databaseOf(shell)}.lock`;
    const lock = await acquireFileLock({ path, what: 'database', waitMs: 0 });
    try {
      expect((await doctor(shell)).failed).toMatchObject([{ name: 'write', text: expect.stringMatching(IN_USE) }]);
    } finally {
      lock.release();
    }
  });

  it('reports that it is in use, with sqlite', async () => {
    const shell = await shellWithAlice('sqlite');
    await login(shell);
    const other = new DatabaseSync(databaseOf(shell));
    try {
      other.exec('PRAGMA journal_mode = WAL; BEGIN IMMEDIATE');
      expect((await doctor(shell)).failed).toMatchObject([{ name: 'write', text: expect.stringMatching(IN_USE) }]);
    } finally {
      other.close();
    }
  });
});

const IN_USE = /^No one can log in: The database is in use by another process for too long\. Try again/;

describe('doctor --profile', () => {
  it('adds a check for each requirement, named after the profile, and nothing without it', async () => {
    const shell = await facilityShell();
    const run = async (...args: readonly string[]) => {
      const { status, stdout } = await shell.run(['doctor', '--json', ...args]);
      const { ok, checks } = JSON.parse(stdout) as { readonly ok: boolean; readonly checks: readonly Check[] };
      expect(ok).toBe(status === 0);
      return { status, names: checks.map(({ name }) => name), checks };
    };
    const plain = await run();
    expect(plain.names.filter((name) => /^(nist|pci|hipaa) /.test(name))).toEqual([]);
    for (const profile of ['nist', 'pci', 'hipaa']) {
      const { names } = await run('--profile', profile);
      const added = names.slice(plain.names.length);
      expect(names.slice(0, plain.names.length)).toEqual(plain.names);
      expect(added.length).toBeGreaterThan(8);
      expect(added.filter((name) => !name.startsWith(`${profile} `))).toEqual([]);
    }
    const pci = await run('--profile', 'pci');
    expect(pci.status).toBe(69);
    expect(pci.checks).toContainEqual({
      name: 'pci 8.3.6',
      level: 'fail',
      text: expect.stringContaining('gatehouse config set Password.MinLength 12'),
    });
    await shell.json(['config', 'set', 'Password.MinLength', '12']);
    const after = (await run('--profile', 'pci')).checks.filter(({ name }) => name === 'pci 8.3.6');
    expect(after.map(({ level }) => level)).not.toContain('fail');
  });

  it('refuses a profile that it does not know', async () => {
    const shell = await facilityShell();
    const { status, stderr } = await shell.run(['doctor', '--profile', 'iso']);
    expect([status, stderr]).toEqual([64, expect.stringContaining('Allowed choices are nist, pci, hipaa')]);
  });
});

describe('doctor on a facility that was copied', () => {
  it('warns that the audit folder belongs to the database it was copied from', async () => {
    const shell = await shellWithAlice();
    const config = join(shell.folder, 'config.ini');
    mkdirSync(join(shell.folder, 'copy'), { mode: 0o700 });
    copyFileSync(databaseOf(shell), join(shell.folder, 'copy/gatehouse.db'));
    writeFileSync(config, readFileSync(config, 'utf8').replace('[Store]', '[Store]\nPath=copy/gatehouse.db'));
    expect((await doctor(shell)).checks).toContainEqual({
      name: 'audit-queue',
      level: 'warn',
      text: expect.stringMatching(
        /belongs to another database: .*\/data\/gatehouse\.db\. Give this one an Audit\.Path/,
      ),
    });
  });

  it('fails where an old copy of the database was put back by hand, and adds nothing to it', async () => {
    const shell = await shellWithAlice();
    const database = databaseOf(shell);
    copyFileSync(database, `${database}.old`);
    await shell.json(['user', 'add', 'bob', '--no-password']);
    copyFileSync(`${database}.old`, database);
    const before = readFileSync(database);
    const { failed } = await doctor(shell);
    expect(failed).toMatchObject([
      { name: 'audit' },
      { name: 'write', text: expect.stringContaining('older than its audit trail') },
      { name: 'audit-queue' },
    ]);
    expect(readFileSync(database).equals(before)).toBe(true);
  });
});

describe('a user whose name a shell would expand', () => {
  const UNSAFE = ['$(id)', '`id`', '../x', '*', 'a;b', 'a|b', 'a&b'];

  it('is listed by doctor, five at most, and goes on logging in and being edited', async () => {
    const shell = await shellWithAlice();
    expect((await doctor(shell)).checks).toContainEqual(expect.objectContaining({ name: 'names', level: 'ok' }));
    const lines = UNSAFE.map((_, index) => `user${index},${PASSWORD}`);
    await shell.json(['user', 'import', '-'], { input: `name,password\n${lines.join('\n')}\n` });
    rename(databaseOf(shell), new Map(UNSAFE.map((name, index) => [`user${index}`, name])));
    expect((await doctor(shell)).checks).toContainEqual({
      name: 'names',
      level: 'warn',
      text: expect.stringMatching(/^7 users have names .*: (\S+, ){5}and 2 more\. /),
    });
    const input = `$(id)\n${PASSWORD}\n`;
    const inside = await shell.run(['login', '--front-end', 'line', '--', '/usr/bin/printenv', 'GATEHOUSE_USER'], {
      input,
    });
    expect(inside).toMatchObject({ status: 0, stdout: expect.stringContaining('$(id)\n') });
    expect(await shell.json(['user', 'set', '$(id)', '--group', 'ward-3'])).toMatchObject({ name: '$(id)' });
  });

  it('is not made in any way that makes users, and one sentence says which character it is', async () => {
    const shell = await facilityShell('off');
    const sentence = 'A user name cannot contain "$": a shell would not read it as part of a name.';
    const refused = { status: 65, stderr: expect.stringContaining(sentence) };
    expect(await shell.run(['user', 'add', '$(id)', '--no-password'])).toMatchObject(refused);
    const input = 'name,password\nbob,\n$(id),\n';
    expect(await shell.run(['user', 'import', '-'], { input })).toMatchObject({
      status: 65,
      stderr: expect.stringContaining(`3: ${sentence.slice(0, -1)}`),
    });
    const config = join(socketFolder(0o700), 'config.ini');
    const init = ['--config', config, 'init', '--mode', 'off', '--admin', '$(id)', '--password-stdin'];
    expect(await shell.run(init, { input: `${PASSWORD}\n` })).toMatchObject(refused);
    expect(await shell.json(['user', 'list'])).toHaveLength(1);
  });
});

/** As they were called before Gatehouse refused such names. */
function rename(path: string, names: ReadonlyMap<string, string>): void {
  const database = new DatabaseSync(path);
  for (const [before, after] of names) {
    database.prepare('UPDATE users SET name = ?, name_key = ? WHERE name = ?').run(after, after, before);
  }
  database.close();
}

/** The rows of all tables but those of the audit trail. */
function rowsOf(path: string): Readonly<Record<string, unknown>> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    const names = tables.map(({ name }) => String(name)).filter((name) => !name.startsWith('audit_'));
    return Object.fromEntries(names.map((name) => [name, database.prepare(`SELECT * FROM ${name}`).all()]));
  } finally {
    database.close();
  }
}

async function events(shell: Shell): Promise<readonly string[]> {
  return (await recordsIn(shell.folder)).map(({ event }) => event);
}

/** Until the process has the file open. */
async function untilOpen(pid: number, path: string): Promise<void> {
  const folder = `/proc/${pid}/fd`;
  const isOpen = (fd: string) => {
    try {
      return readlinkSync(join(folder, fd)) === path;
    } catch {
      return false;
    }
  };
  while (!readdirSync(folder).some(isOpen)) await pause(5);
}
