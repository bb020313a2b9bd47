import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openSqlite } from '../../src/core/store/engines/sqlite.ts';
import { timeStepAt } from '../../src/core/time-step.ts';
import { facilityShell, runGatehouse, type Shell } from '../support/gatehouse-process.ts';
import { appCode, logInByJson } from '../support/json-login.ts';
import { version1Facility } from '../support/version-1-facility.ts';

const PASSWORD = 'tulips in the morning';

describe('gatehouse store migrate', () => {
  it('changes from sqljs to sqlite and back; codes go on, used ones stay used, a deactivated secret is in no file', async () => {
    const { shell, uri } = await withAlice();
    const used = timeStepAt(Date.now());
    const first = await logInByJson(shell, 'alice', [PASSWORD, appCode(uri, used)]);
    expect(first.done).toMatchObject({ outcome: 'granted', paired: true });
    expect(await shell.json(['store', 'migrate', '--to', 'sqlite'])).toEqual({
      ...{ from: 'sqljs', to: 'sqlite' },
      ...{ rows: 4, corrected: 0 },
    });
    expect(readFileSync(join(shell.folder, 'config.ini'), 'utf8')).toContain('\nEngine=sqlite\n');
    const next = await logInByJson(shell, 'alice', [PASSWORD, appCode(uri, used), appCode(uri, used + 1)]);
    expect(next.done).toMatchObject({ outcome: 'granted', method: 'password+totp' });
    // The gate leaves one whole file behind.
    expect(existsSync(`${databaseOf(shell)}-wal`)).toBe(false);
    const sealed = secretOf(shell, 'alice');
    expect(everything(shell)).toContain(sealed);
    await shell.json(['2fa', 'deactivate', 'alice', '--yes']);
    expect(everything(shell)).not.toContain(sealed);
    await shell.json(['store', 'migrate', '--to', 'sqljs']);
    expect(await shell.json(['2fa', 'status'])).toMatchObject({ counts: { off: 1, required: 1 } });
  });

  it('refuses, and changes nothing, while somebody has the database open, where it is so already, or without a server', async () => {
    const shell = await facilityShell('auto');
    expect(await shell.run(['store', 'migrate', '--to', 'sqljs'])).toMatchObject({ status: 73 });
    expect(await shell.run(['store', 'migrate', '--to', 'postgres', '--yes'])).toMatchObject({
      ...{ status: 78, stderr: expect.stringContaining('Url') },
    });
    await shell.json(['config', 'set', 'Store.Engine', 'sqlite']);
    const clock = { now: () => Date.now() };
    const open = await openSqlite({ path: databaseOf(shell), clock, absent: 'refuse' });
    const refused = await shell.run(['store', 'migrate', '--to', 'sqljs']);
    await open.close();
    expect(refused.status).toBe(75);
    expect(refused.stderr).toContain('held open by another Gatehouse with Store.Engine=sqlite');
    expect(readFileSync(join(shell.folder, 'config.ini'), 'utf8')).toContain('\nEngine=sqlite\n');
  });
});

describe('gatehouse store upgrade', () => {
  it('is named by every command on an older database, makes a backup and upgrades, with one sentence for whoever is in the way', async () => {
    const { folder, config } = await version1Facility('sqlite');
    const run = (args: readonly string[]) => runGatehouse(args, { folder });
    for (const args of [
      ['user', 'list'],
      ['2fa', 'status'],
      ['store', 'migrate', '--to', 'sqljs'],
    ]) {
      expect(await run(args)).toMatchObject({ status: 69, stderr: expect.stringContaining('gatehouse store upgrade') });
    }
    const open = await openSqlite({ path: config.store.path, clock: { now: () => Date.now() }, absent: 'refuse' });
    const busy = await run(['store', 'upgrade']);
    await open.close();
    expect(busy).toMatchObject({ status: 75, stderr: expect.stringContaining('held open by another Gatehouse') });
    const { status, stdout } = await run(['store', 'upgrade', '--json']);
    expect(status).toBe(0);
    const upgraded = JSON.parse(stdout) as { readonly backup: string };
    expect(upgraded).toEqual({ from: 1, to: 2, backup: expect.stringContaining('.before-upgrade-1-'), broken: null });
    expect(existsSync(upgraded.backup)).toBe(true);
    expect(await run(['user', 'list'])).toMatchObject({ status: 0, stdout: expect.stringContaining('olive') });
    expect(await run(['audit', 'verify'])).toMatchObject({ status: 0 });
    expect(await run(['store', 'upgrade'])).toMatchObject({
      status: 0,
      stdout: 'The database has schema 2 already.\n',
    });
  });

  it('refuses a trail that does not verify, unless that is accepted', async () => {
    const { folder, config } = await version1Facility('sqljs');
    const file = join(config.audit.path, 'audit-000000000001.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"user":"rita"', '"user":"rina"'));
    const run = (args: readonly string[]) => runGatehouse(args, { folder });
    expect(await run(['store', 'upgrade'])).toMatchObject({
      ...{ status: 65, stderr: expect.stringContaining('--accept-broken-trail') },
    });
    expect(await run(['store', 'upgrade', '--accept-broken-trail', '--backup', 'mine.db'])).toMatchObject({
      status: 0,
    });
    expect(existsSync(join(folder, 'mine.db'))).toBe(true);
  });
});

describe('with the sqlite engine', () => {
  it('backs up what is in the log, and restores over a database whose last process was killed', async () => {
    const { shell } = await withAlice();
    await shell.json(['config', 'set', 'Store.Engine', 'sqlite']);
    crash(databaseOf(shell), "UPDATE users SET display = 'in the log'");
    await shell.json(['backup', 'copy.db']);
    expect(await shell.json(['user', 'show', 'alice'])).toMatchObject({ display: 'in the log' });
    crash(databaseOf(shell), "UPDATE users SET display = 'after the backup'");
    await shell.json(['restore', 'copy.db', '--yes']);
    expect(existsSync(`${databaseOf(shell)}-wal`)).toBe(false);
    expect(await shell.json(['user', 'show', 'alice'])).toMatchObject({ display: 'in the log' });
    const { checks } = (await shell.json(['doctor'])) as { readonly checks: readonly { readonly name: string }[] };
    expect(checks).toContainEqual({ name: 'store', level: 'ok', text: 'The database is whole.' });
  });
});

/** As a process leaves it that is killed after its commit: everything in the log, nothing in the file. */
function crash(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = WAL; ${sql}`);
  for (const suffix of ['', '-wal']) copyFileSync(path + suffix, `${path}${suffix}.kept`);
  database.close();
  for (const suffix of ['', '-wal']) copyFileSync(`${path}${suffix}.kept`, path + suffix);
}

/** alice, issued by an admin; her key URI. */
async function withAlice(): Promise<{ readonly shell: Shell; readonly uri: string }> {
  const shell = await facilityShell('central');
  await shell.json(['user', 'add', 'alice', '--password-stdin'], { input: `${PASSWORD}\n` });
  await shell.json(['2fa', 'require', 'alice']);
  const { stdout } = await shell.run(['2fa', 'qr', 'alice', '--format', 'uri']);
  return { shell, uri: stdout.trim() };
}

function databaseOf(shell: Shell): string {
  return join(shell.folder, 'data/gatehouse.db');
}

function secretOf(shell: Shell, name: string): string {
  const database = new DatabaseSync(databaseOf(shell), { readOnly: true });
  const row = database.prepare('SELECT sealed_secret FROM users WHERE name = ?').get(name);
  database.close();
  return String(row?.sealed_secret);
}

function everything(shell: Shell): string {
  const folder = join(shell.folder, 'data');
  const names = readdirSync(folder).filter((name) => name.startsWith('gatehouse.db'));
  return names.map((name) => readFileSync(join(folder, name), 'latin1')).join('\n');
}
