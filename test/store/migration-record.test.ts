import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoreEngine } from '../../src/core/config/model.ts';
import { configDigest } from '../../src/core/node/config-settle.ts';
import { migrateStore } from '../../src/core/node/migrate-store.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { type RecordedConfig, recordedConfig } from '../support/recorded-config.ts';
import { ADMIN } from '../support/temporary-facility.ts';
import { describeWithPostgres } from '../support/with-postgres.ts';

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

  it('and back is recorded in the database that the facility came from', async () => {
    const config = await recordedConfig('sqljs', await server.freshUrl());
    await migrated(config, 'sqljs', 'postgres');
    await migrated(config, 'postgres', 'sqlite');
  });
});
