import { fork } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { configPlace, settleConfigChanges } from '../../src/core/node/config-settle.ts';
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { type RecordedConfig, recordedConfig } from '../support/recorded-config.ts';
import { describeWithPostgres } from '../support/with-postgres.ts';

let server: PostgresServer;
let config: RecordedConfig;

describeWithPostgres('config.ini of hosts that share a database', () => {
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.dispose());
  beforeEach(async () => {
    config = await recordedConfig('postgres', await server.freshUrl());
  });

  const events = async () => (await config.records()).map(({ event }) => event);

  it('is changed with a record in the database', async () => {
    expect(await config.set('Login.Attempts', '5')).toMatchObject({ recorded: 'in-database' });
    expect(await events()).toEqual(['config.changed']);
    expect(await config.pending()).toEqual([]);
  });

  it('is settled by its own host', async () => {
    const script = resolve('test/core/node/child/change-config.ts');
    await once(fork(script, [config.file, 'Login.Attempts', '5', '1'], { execArgv: [] }), 'exit');
    await config.settle('another-host');
    expect(await config.pending()).toEqual(['Login.Attempts']);
    await config.settle(hostname());
    expect(await config.pending()).toEqual([]);
    expect((await events()).toSorted()).toEqual(['config.changed', 'config.not-changed']);
  });

  it('is settled once where two processes saw at once that it is pending', async () => {
    const script = resolve('test/core/node/child/change-config.ts');
    await once(fork(script, [config.file, 'Login.Attempts', '5', '1'], { execArgv: [] }), 'exit');
    const place = configPlace({ engine: 'postgres' }, config.file);
    let seeing = 2;
    const { promise: bothSaw, resolve: go } = Promise.withResolvers<void>();
    const settled = (engine: SqlEngine) =>
      engine.write((tx) => {
        const run: typeof tx.run = async (...statement) => {
          seeing -= 1;
          if (seeing === 0) go();
          await bothSaw;
          return tx.run(...statement);
        };
        return settleConfigChanges({ ...tx, run }, place);
      });
    const recorded = await config.withEngine((one) =>
      config.withEngine((other) => Promise.all([settled(one), settled(other)])),
    );
    expect(recorded.flat().map(({ event }) => event)).toEqual(['config.not-changed']);
  });

  it('is not changed where the server refuses, but for its address, which a server that answers records', async () => {
    const before = config.text();
    const right = /Url=(.*)/.exec(before)?.[1] ?? '';
    await config.set('Store.Url', `postgres://nobody:canary-pw@127.0.0.1:${server.port}/postgres`);
    const wrong = config.text();
    await expect(config.set('2FA', 'Off')).rejects.toMatchObject({
      hint: expect.stringMatching(/^config\.ini was not changed\./),
    });
    expect(config.text()).toBe(wrong);
    await config.set('Store.Url', right);
    expect(config.text()).toBe(before);
    expect(await events()).toEqual(['config.changed', 'config.changed']);
  });
});
