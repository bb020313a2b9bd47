/** gatehouse audit and what doctor says of the trail, as an administrator runs them. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appendToSide } from '../../src/core/node/audit-side.ts';
import { openAuditTrail } from '../../src/core/node/audit-trail.ts';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { readKeyRing } from '../../src/core/node/key-file.ts';
import { systemClock } from '../../src/core/node/system-clock.ts';
import { facilityShell, type Shell } from '../support/gatehouse-process.ts';

type Check = { readonly name: string; readonly level: string; readonly text: string };

async function auditChecks(shell: Shell): Promise<readonly Check[]> {
  const { stdout } = await shell.run(['doctor', '--json']);
  const { checks } = JSON.parse(stdout) as { checks: readonly Check[] };
  return checks.filter(({ name }) => name.startsWith('audit'));
}

const place = (shell: Shell, name = '') => join(shell.folder, 'data/audit', name);

describe('gatehouse audit verify', () => {
  it('compares with the end that was noted elsewhere', async () => {
    const shell = await facilityShell();
    const first = await shell.run(['audit', 'verify']);
    const [, end = ''] = /^All \d+ records are whole\.\nEnd: (\d+:[\w-]{43})\n$/.exec(first.stdout) ?? [];
    expect(end).not.toBe('');
    await shell.json(['user', 'add', 'bob', '--no-password']);
    expect(await shell.json(['audit', 'verify', '--expect', end])).toMatchObject({ ok: true });
    const other = await shell.run(['audit', 'verify', '--expect', `1:${'x'.repeat(43)}`]);
    expect(other).toMatchObject({ status: 65, stdout: expect.stringMatching('^Record 1 is broken') });
    expect((await shell.run(['audit', 'verify', '--expect', 'nonsense'])).status).toBe(64);
  });

  it('says nothing good of a trail whose folder was removed, nor without the database', async () => {
    const shell = await facilityShell();
    // What is durable in the files leaves the database with the next record.
    await shell.json(['user', 'add', 'alice', '--no-password']);
    rmSync(place(shell), { recursive: true });
    expect(await shell.run(['audit', 'verify'])).toMatchObject({
      status: 65,
      stdout: expect.stringMatching('^Record 1 is'),
    });
    expect(await auditChecks(shell)).toContainEqual(expect.objectContaining({ name: 'audit', level: 'fail' }));
    // The facility goes on.
    await shell.json(['user', 'add', 'bob', '--no-password']);
    const database = join(shell.folder, 'data/gatehouse.db');
    renameSync(database, `${database}.away`);
    expect((await shell.run(['audit', 'verify'])).status).toBe(75);
  });

  it('lists what the files have without the database, and then says what is missing', async () => {
    const shell = await facilityShell();
    const database = join(shell.folder, 'data/gatehouse.db');
    renameSync(database, `${database}.away`);
    const { status, stdout, stderr } = await shell.run(['audit', 'list']);
    expect(status).not.toBe(0);
    expect(stdout).toContain('facility.created');
    expect(stderr).toContain('gatehouse.db');
  });

  it('lists and verifies also where the audit folder cannot be written', async () => {
    const shell = await facilityShell();
    await shell.json(['user', 'add', 'bob', '--no-password']);
    chmodSync(place(shell), 0o500);
    expect((await shell.run(['audit', 'list', '--user', 'bob'])).stdout).toContain('user.added');
    expect(await shell.json(['audit', 'verify'])).toMatchObject({ ok: true });
    chmodSync(place(shell), 0o700);
  });
});

describe('gatehouse audit archive', () => {
  it('keeps to Audit.KeepDays, and says so where nothing is old enough', async () => {
    const shell = await facilityShell();
    const nothing = await shell.run(['audit', 'archive', '--before', '2020-01-01', 'old']);
    expect(nothing).toMatchObject({ status: 0, stdout: expect.stringMatching('^Nothing to archive') });
    await shell.json(['config', 'set', 'Audit.KeepDays', '36500']);
    const kept = await shell.run(['audit', 'archive', '--before', '2020-01-01', 'old']);
    expect(kept).toMatchObject({ status: 77, stderr: expect.stringContaining('Audit.KeepDays') });
    expect((await shell.run(['audit', 'archive', 'old'])).status).toBe(64);
    expect((await shell.run(['audit', 'verify', 'old'])).status).toBe(66);
  });
});

describe('gatehouse audit accept-gap', () => {
  it('asks for its words, and the trail verifies again', async () => {
    const shell = await facilityShell();
    await shell.json(['user', 'add', 'alice', '--no-password']);
    rmSync(place(shell), { recursive: true });
    expect(await shell.run(['audit', 'verify'])).toMatchObject({ status: 65 });
    expect(await shell.run(['audit', 'accept-gap'])).toMatchObject({ status: 130 });
    expect(await shell.run(['audit', 'accept-gap'], { input: 'yes\n' })).toMatchObject({ status: 130 });
    expect(await shell.run(['audit', 'verify'])).toMatchObject({ status: 65 });
    expect(await shell.run(['audit', 'accept-gap'], { input: 'accept the gap\n' })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('record 1 was the first broken one'),
    });
    expect(await shell.json(['audit', 'verify'])).toMatchObject({ ok: true });
    expect((await shell.run(['audit', 'list'])).stdout).toContain('audit.gap-accepted');
    expect(await shell.run(['audit', 'accept-gap'], { input: 'accept the gap\n' })).toMatchObject({ status: 64 });
  });
});

describe('doctor', () => {
  it('names the side files that waited, takes them over as a login does, and names those that somebody changed', async () => {
    const shell = await facilityShell();
    const { config } = readConfigFile(join(shell.folder, 'config.ini'));
    const key = readKeyRing(config.store.keyFile).auditKey;
    const sideFiles = () => readdirSync(config.audit.path).filter((file) => file.startsWith('side-'));
    const unavailable = { event: 'login.unavailable' } as const;
    await appendToSide({ folder: config.audit.path, key, clock: systemClock }, unavailable);
    const [first = ''] = sideFiles();
    expect(await auditChecks(shell)).toContainEqual(
      expect.objectContaining({ name: 'audit-side', level: 'warn', text: expect.stringContaining(`${first} (1)`) }),
    );
    expect(sideFiles()).toEqual([]);
    expect((await shell.run(['audit', 'list'])).stdout).toContain('login.unavailable');
    await appendToSide({ folder: config.audit.path, key, clock: systemClock }, unavailable);
    const [name = ''] = sideFiles();
    writeFileSync(place(shell, name), 'nonsense\n', { flag: 'a' });
    await shell.json(['user', 'add', 'bob', '--no-password']);
    expect(await auditChecks(shell)).toContainEqual(
      expect.objectContaining({ name: 'audit', level: 'fail', text: expect.stringContaining(`${name}.broken`) }),
    );
    rmSync(place(shell, `${name}.broken`));
    expect(await auditChecks(shell)).toContainEqual(expect.objectContaining({ name: 'audit', level: 'ok' }));
  });

  it('drains, and says why records wait where it cannot', async () => {
    const shell = await facilityShell();
    await shell.json(['user', 'add', 'bob', '--no-password']);
    expect(await auditChecks(shell)).toMatchObject([
      { name: 'audit', level: 'ok' },
      { name: 'audit-queue', level: 'ok' },
    ]);
    expect(readFileSync(place(shell, 'audit-000000000001.jsonl'), 'latin1')).toContain('"bob"');
    await shell.json(['user', 'disable', 'bob']);
    rmSync(place(shell, 'lock'));
    mkdirSync(place(shell, 'lock'), { mode: 0o700 });
    expect(await auditChecks(shell)).toContainEqual(
      expect.objectContaining({
        name: 'audit-queue',
        level: 'warn',
        text: expect.stringContaining('is not a regular file'),
      }),
    );
  });

  it('fails when too many records wait: nobody can log in', async () => {
    const shell = await facilityShell();
    await shell.json(['config', 'set', 'Audit.QueueMax', '100']);
    rmSync(place(shell), { recursive: true });
    writeFileSync(place(shell), '');
    const { config } = readConfigFile(join(shell.folder, 'config.ini'));
    const key = readKeyRing(config.store.keyFile).auditKey;
    const trail = await openAuditTrail({ config, key, clock: systemClock });
    for (let record = 0; record < 95; record += 1) await trail.append({ event: 'user.edited', user: 'bob' });
    await trail.close();
    let run = await shell.run(['user', 'add', 'bob', '--no-password']);
    for (let changes = 0; run.status === 0 && changes < 10; changes += 1) {
      run = await shell.run(['user', changes % 2 === 0 ? 'disable' : 'enable', 'bob']);
    }
    expect(run).toMatchObject({ status: 75, stderr: expect.stringContaining('Audit.QueueMax') });
    expect(await auditChecks(shell)).toContainEqual(expect.objectContaining({ name: 'audit-queue', level: 'fail' }));
  });

  it('warns when the trail is bigger than Audit.MaxMiB', async () => {
    const shell = await facilityShell();
    await shell.json(['config', 'set', 'Audit.MaxMiB', '1']);
    expect(await auditChecks(shell)).toContainEqual(expect.objectContaining({ name: 'audit-size', level: 'ok' }));
    writeFileSync(place(shell, 'audit-000000990001.jsonl'), Buffer.alloc(2 * 1024 * 1024), { mode: 0o600 });
    expect(await auditChecks(shell)).toContainEqual(
      expect.objectContaining({
        name: 'audit-size',
        level: 'warn',
        text: expect.stringContaining('gatehouse audit archive'),
      }),
    );
  });
});
