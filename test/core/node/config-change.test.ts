import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../src/core/audit-event.ts';
import { setInConfig } from '../../../src/core/config/edit.ts';
import { changeConfigFile } from '../../../src/core/node/config-change.ts';
import { saveConfig } from '../../../src/core/node/config-save.ts';
import { configDigest } from '../../../src/core/node/config-settle.ts';
import { failingCalls, recordingCalls } from '../../support/file-calls.ts';
import { type RecordedConfig, recordedConfig } from '../../support/recorded-config.ts';
import { ADMIN } from '../../support/temporary-facility.ts';

let config: RecordedConfig;
const events = async () => (await config.records()).map(({ event }) => event);
const detail = (key: string, before: string, after: string) =>
  `${key} before=${configDigest(before)} after=${configDigest(after)}`;

describe.each(['sqljs', 'sqlite'] as const)('a change of config.ini with Store.Engine=%s', (engine) => {
  beforeEach(async () => {
    config = await recordedConfig(engine);
  });

  it('is recorded with who made it and both digests, and never with its value', async () => {
    const before = config.text();
    expect(await config.set('Store.Url', 'postgres://gate:canary-pw@db.example/g')).toMatchObject({
      recorded: 'in-database',
    });
    expect(await config.records()).toMatchObject([
      { event: 'config.changed', actor: ADMIN.name, detail: detail('Store.Url', before, config.text()) },
    ]);
    expect(JSON.stringify(await config.records())).not.toContain('canary');
    expect(await config.pending()).toEqual([]);
  });

  it('is recorded setting by setting where a form changes several', async () => {
    const before = config.text();
    const changes = [
      { key: 'Login.Attempts', value: '5' },
      { key: 'Login.CodeWindow', value: '2' },
    ];
    const seen = { text: before, file: config.file, folder: config.folder };
    expect((await saveConfig(config.file, { actor: ADMIN, seen, changes })).kind).toBe('saved');
    expect((await config.records()).map((record) => record.detail)).toEqual(
      changes.map(({ key }) => detail(key, before, config.text())),
    );
  });

  it('is not recorded where it is refused or changes nothing', async () => {
    await config.set('Login.Attempts', '0');
    await config.set('2FA', 'Auto:Ward LIVE');
    const seen = { text: 'another', file: config.file, folder: config.folder };
    const changes = [{ key: 'Login.Attempts', value: '5' }];
    expect((await saveConfig(config.file, { actor: ADMIN, seen, changes })).kind).toBe('changed-meanwhile');
    expect(await config.records()).toEqual([]);
  });

  it('is made and recorded, or neither, whichever call of the file system fails', async () => {
    const { calls, names } = recordingCalls();
    await config.set('Login.Attempts', '10', { calls });
    expect(names).toContain('rename');
    for (let nth = 1; nth <= names.length; nth += 1) {
      const before = config.text();
      const known = (await config.records()).length;
      const value = String((nth % 9) + 1);
      const failed = await config
        .set('Login.Attempts', value, { calls: failingCalls({ nth, errno: 'ENOSPC' }) })
        .then(() => undefined)
        .catch((thrown: unknown) => thrown);
      const recorded = (await events()).slice(known);
      if (config.text() === before) {
        expect(failed, names[nth - 1]).toMatchObject({ code: 'unavailable' });
        expect(recorded).toEqual(['config.changed', 'config.not-changed']);
      } else {
        expect(config.text()).toContain(`Attempts=${value}`);
        expect(recorded).toEqual(['config.changed']);
        if (failed !== undefined) expect(failed).toMatchObject({ message: expect.stringMatching(/was changed, but/) });
      }
      await config.settle();
      expect(await config.pending()).toEqual([]);
      expect((await events()).slice(known)).toEqual(recorded);
    }
    expect(readdirSync(config.folder).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it.each([
    ['a file in the place of the audit folder', (folder: string) => writeFileSync(folder, 'full')],
    ['a link that leads nowhere', (folder: string) => symlinkSync('/nowhere/at/all', folder)],
    ['no audit folder', () => undefined],
    ['a lock file that is a folder', (folder: string) => mkdirSync(join(folder, 'lock'), { recursive: true })],
  ])('is recorded in the database with %s', async (_, breakIt) => {
    const audit = join(config.folder, 'data/audit');
    rmSync(audit, { recursive: true, force: true });
    breakIt(audit);
    await config.set('Login.Attempts', '5');
    expect(config.text()).toContain('Attempts=5');
    expect(await events()).toEqual(['config.changed']);
  });

  it('is not made where the audit trail takes no more records, and ends as "try again"', async () => {
    await config.set('Login.Attempts', '4');
    await config.withEngine((opened) => opened.write((tx) => tx.run('UPDATE audit_heads SET seq = 20000')));
    const before = config.text();
    await expect(config.set('Login.Attempts', '5')).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringContaining('Audit.QueueMax'),
      hint: expect.stringMatching(/^config\.ini was not changed\. Free space/),
    });
    expect(config.text()).toBe(before);
    expect(await config.pending()).toEqual([]);
    expect(await events()).toEqual(['config.changed']);
  });

  it('is not made where the database is gone, and says how it can be made without a record', async () => {
    const database = join(config.folder, 'data/gatehouse.db');
    renameSync(database, `${database}.away`);
    const before = config.text();
    await expect(config.set('2FA', 'Off', { wayOut: 'WAY OUT' })).rejects.toMatchObject({
      code: 'unavailable',
      hint: expect.stringMatching(/^config\.ini was not changed\. WAY OUT\b/),
    });
    expect(config.text()).toBe(before);
    expect(await config.set('2FA', 'Off', { offline: {} })).toMatchObject({ recorded: 'nowhere' });
    expect(config.text()).toContain('2FA=Off');
    renameSync(`${database}.away`, database);
    expect(await config.records()).toEqual([]);
  });

  it('is recorded aside where that was asked for and the database cannot do it', async () => {
    rmSync(join(config.folder, 'data/gatehouse.db'));
    const before = config.text();
    const aside: AuditEvent[] = [];
    const recordAside = async (_: unknown, event: AuditEvent) => void aside.push(event);
    expect(await config.set('2FA', 'Off', { offline: { recordAside } })).toMatchObject({ recorded: 'aside' });
    const expected = { event: 'config.changed', actor: ADMIN.name, detail: detail('2FA', before, config.text()) };
    expect(aside).toEqual([expected]);
    const fails = async () => Promise.reject(new Error('that folder is gone too'));
    const more = { offline: { recordAside: fails } };
    expect(await config.set('2FA', 'Auto:Ward LIVE', more)).toMatchObject({ recorded: 'nowhere' });
  });

  it('is recorded in the database where that can do it, though asked for as offline', async () => {
    expect(await config.set('2FA', 'Off', { offline: {} })).toMatchObject({ recorded: 'in-database' });
    expect(await events()).toEqual(['config.changed']);
  });

  it('of the path of the database is recorded in the facility of before', async () => {
    await config.set('Store.Path', 'data/elsewhere.db');
    await config.set('Store.Path', 'data/gatehouse.db');
    expect((await config.records()).map((record) => record.detail?.split(' ')[0])).toEqual([
      'Store.Path',
      'Store.Path',
    ]);
    expect(await config.pending()).toEqual([]);
  });

  it('that corrects a wrong path is recorded in the facility that is named then', async () => {
    for (const [key, wrong, right] of [
      ['Store.Path', 'data/lost.db', 'data/gatehouse.db'],
      ['Store.KeyFile', 'data/lost.key', 'data/gatehouse.key'],
    ] as const) {
      const known = (await events()).length;
      await config.set(key, wrong);
      await config.set(key, right);
      expect((await events()).slice(known)).toEqual(['config.changed', 'config.changed']);
    }
  });

  it('that corrects a file with problems is recorded too', async () => {
    writeFileSync(config.file, config.text().replace('Auto:Ward LIVE', 'SMS:x'));
    await config.set('2FA', 'Auto:Ward LIVE');
    expect(await events()).toEqual(['config.changed']);
  });

  it('needs no record before there is a facility', async () => {
    rmSync(join(config.folder, 'data'), { recursive: true });
    expect(await config.set('2FA', 'Off')).toMatchObject({ recorded: 'before-init' });
    expect(readdirSync(config.folder)).toEqual(['config.ini']);
  });

  it('is refused where only one of key file and database is gone', async () => {
    const key = join(config.folder, 'data/gatehouse.key');
    renameSync(key, `${key}.away`);
    await expect(config.set('2FA', 'Off')).rejects.toMatchObject({ code: 'unavailable' });
    renameSync(`${key}.away`, key);
    rmSync(join(config.folder, 'data/gatehouse.db'));
    await expect(config.set('2FA', 'Off')).rejects.toMatchObject({ code: 'unavailable' });
    expect(config.text()).toContain('2FA=Auto:Ward LIVE');
  });

  it('is not made over what somebody typed into the file while it was announced', async () => {
    const typed = config.text().replace('; ours', '; theirs');
    const change = changeConfigFile(config.file, {
      actor: ADMIN,
      settings: ['2FA'],
      edit(source) {
        // Once the announcement is under way: it opens the database, and that takes longer than this.
        queueMicrotask(() => queueMicrotask(() => writeFileSync(config.file, typed)));
        return setInConfig(source, { key: '2FA', value: 'Off' });
      },
    });
    await expect(change).rejects.toMatchObject({ code: 'busy' });
    expect(config.text()).toBe(typed);
    expect(await events()).toEqual(['config.changed', 'config.edited-outside']);
    expect(await config.pending()).toEqual([]);
  });
});
