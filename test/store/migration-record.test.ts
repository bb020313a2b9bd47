import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoreEngine } from '../../src/core/config/model.ts';
import { decodeRecord } from '../../src/core/node/audit-record.ts';
import { openAuditTrail } from '../../src/core/node/audit-trail.ts';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { configDigest } from '../../src/core/node/config-settle.ts';
import { readKeyRing } from '../../src/core/node/key-file.ts';
import { migrateStore } from '../../src/core/node/migrate-store.ts';
import { systemClock } from '../../src/core/node/system-clock.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { type RecordedConfig, recordedConfig } from '../support/recorded-config.ts';
import { ADMIN } from '../support/temporary-facility.ts';
import { describeWithPostgres } from '../support/with-postgres.ts';

async function verified({ file }: RecordedConfig) {
  const { config } = readConfigFile(file);
  const trail = await openAuditTrail({
    ...{ config, key: readKeyRing(config.store.keyFile).auditKey, clock: systemClock },
  });
  return trail.verify().finally(() => trail.close());
}

async function migrated(config: RecordedConfig, from: StoreEngine, to: StoreEngine): Promise<void> {
  const before = config.text();
  await migrateStore({
    configFile: config.file,
    to,
    actor: ADMIN,
    former: 'replace',
    agree: async () => undefined,
  });
  expect(config.text()).toContain(`Engine=${to}`);
  const digests = `before=${configDigest(before)} after=${configDigest(config.text())}`;
  expect((await config.records()).slice(-2)).toMatchObject([
    { event: 'store.migrated', actor: ADMIN.name, detail: `${from}-to-${to}` },
    { event: 'config.changed', actor: ADMIN.name, detail: `Store.Engine ${digests}` },
  ]);
  expect(await config.pending()).toEqual([]);
}

describe('a move to another engine is recorded where the facility is from then on', () => {
  it('between the engines of one file', async () => {
    const config = await recordedConfig('sqljs');
    await migrated(config, 'sqljs', 'sqlite');
    await migrated(config, 'sqlite', 'sqljs');
    expect((await config.records()).map(({ event }) => event)).toHaveLength(4);
  });
});

describeWithPostgres('a move to a server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.dispose());

  it('is recorded in its table', async () => {
    const config = await recordedConfig('sqljs', await server.freshUrl());
    await migrated(config, 'sqljs', 'postgres');
  });

  it('copies what waits to the files first, and settles what was announced', async () => {
    const config = await recordedConfig('sqljs', await server.freshUrl());
    await config.set('Login.Attempts', '4');
    await config.withEngine((engine) =>
      engine.write((tx) =>
        tx.run(
          `INSERT INTO config_changes (id, host, path, setting, actor, digest_before, digest_after, at)
           VALUES ('x', '', ?, 'Login.CodeWindow', 'somebody', ?, 'another', 1)`,
          [realpathSync(config.file), configDigest(config.text())],
        ),
      ),
    );
    await migrated(config, 'sqljs', 'postgres');
    const files = readFileSync(join(config.folder, 'data/audit/audit-000000000001.jsonl'), 'utf8');
    expect(
      files
        .trimEnd()
        .split('\n')
        .map((line) => decodeRecord(line)?.event),
    ).toEqual([...['config.changed', 'config.not-changed']]);
    expect(await verified(config)).toMatchObject({ ok: true, records: 4 });
    await migrated(config, 'postgres', 'sqljs');
    expect(await verified(config)).toMatchObject({ ok: true, records: 4 });
    await migrated(config, 'sqljs', 'postgres');
    expect(await verified(config)).toMatchObject({ ok: true, records: 8 });
  });

  it('is not begun where records cannot be copied to the files', async () => {
    const config = await recordedConfig('sqljs', await server.freshUrl());
    await config.set('Login.Attempts', '4');
    rmSync(join(config.folder, 'data/audit'), { recursive: true, force: true });
    writeFileSync(join(config.folder, 'data/audit'), 'no folder');
    const move = migrateStore({
      ...{ configFile: config.file, to: 'postgres', actor: ADMIN, former: 'refuse' },
      agree: async () => undefined,
    });
    await expect(move).rejects.toMatchObject({ code: 'file-refused' });
    expect(config.text()).toContain('Engine=sqljs');
    expect((await config.records()).map(({ event }) => event)).toEqual(['config.changed']);
  });

  it('and back is recorded in the database that the facility came from', async () => {
    const config = await recordedConfig('sqljs', await server.freshUrl());
    await migrated(config, 'sqljs', 'postgres');
    await migrated(config, 'postgres', 'sqlite');
  });
});
