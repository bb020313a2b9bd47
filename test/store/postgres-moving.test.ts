import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { StoreEngine } from '../../src/core/config/model.ts';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { openFacility } from '../../src/core/node/facility.ts';
import { createKeyFile } from '../../src/core/node/key-file.ts';
import { migrateStore } from '../../src/core/node/migrate-store.ts';
import { openEngine } from '../../src/core/node/open-engine.ts';
import { systemRandom } from '../../src/core/node/random.ts';
import { systemClock } from '../../src/core/node/system-clock.ts';
import { moveAway, takeBack } from '../../src/core/node/take-move-back.ts';

import { facilityDigest } from '../../src/core/store/moving/digest.ts';
import { markMoved } from '../../src/core/store/moving/marks.ts';
import { code, idOf, pairing, person, RULES } from '../store-contract/people.ts';
import { openPlainStore, type PlainStore } from '../support/plain-store.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { describeWithPostgres } from '../support/with-postgres.ts';

const ADMIN = { name: 'os:tester', role: 'admin' } as const;
const userId = idOf('alice');
const claim = { userId, pairingId: 'p1', step: 7, rules: RULES };

describeWithPostgres('on a real server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.dispose());

  it('moves a facility from sqljs to postgres and on to sqlite, and no cell of it is another one', async () => {
    const { configFile, engine, store, migrate } = await facility();
    await fill(await store());
    const rows = await digest();
    const before = await digest('all');
    expect(await migrate('postgres')).toMatchObject({ from: 'sqljs', rows: countIn(before), corrected: 0 });
    expect(engine()).toBe('postgres');
    expect(await digest()).toBe(rows);
    const shared = await store();
    expect(await shared.claimTimeStep(claim)).toMatchObject({ kind: 'already-used' });
    const withFailure = await digest();
    // What another process with the old config.ini finds.
    await expect(store('sqljs')).rejects.toMatchObject({ message: expect.stringContaining('Store.Engine=postgres') });
    await expect(migrate('sqlite')).rejects.toMatchObject({
      code: 'exists',
      hint: expect.stringContaining('--replace'),
    });
    const shareable = await digest('all');
    expect(await migrate('sqlite', 'replace')).toMatchObject({
      ...{ from: 'postgres', rows: countIn(shareable), corrected: 0 },
    });
    expect(await digest()).toBe(withFailure);
    const alone = await store();
    expect(await alone.claimTimeStep({ ...claim, step: 8 })).toEqual({ kind: 'claimed' });
    await alone.close();
    await expect(shared.claimTimeStep({ ...claim, step: 8 })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store('postgres')).rejects.toMatchObject({ message: expect.stringContaining('Store.Engine=sqlite') });
    expect(await migrate('postgres', 'replace')).toMatchObject({ corrected: 0 });
    expect(engine()).toBe('postgres');

    /** The end of the trail goes on in the new place: the move is recorded there. */
    async function digest(which: 'all' | 'but the trail' = 'but the trail'): Promise<string> {
      const opened = await openEngine(readConfigFile(configFile).config.store, EXISTING);
      const found = await facilityDigest(opened);
      await opened.close();
      return JSON.stringify(found.filter(({ table }) => which === 'all' || table !== 'audit_heads'));
    }
  });

  it('opens a facility again that was closed for a move whose copy is lost', async () => {
    const { configFile, engine, store, migrate } = await facility();
    await fill(await store());
    await migrate('postgres');
    const config = readConfigFile(configFile).config.store;
    const hosts = await openEngine(config, EXISTING);
    // As it is right after the closing; the copy is lost, or on another server.
    await hosts.write((tx) => markMoved(tx, 'sqlite'));
    await expect(store()).rejects.toMatchObject({ message: expect.stringContaining('Store.Engine=sqlite') });
    rmSync(config.path);
    // However often: another copy is not begun.
    for (let tries = 0; tries < 2; tries += 1) {
      await expect(migrate('sqlite', 'replace')).rejects.toMatchObject({ code: 'not-found' });
      expect(existsSync(config.path)).toBe(false);
    }
    expect(await moveAway(configFile)).toBe('sqlite');
    await takeBack(configFile);
    expect(await moveAway(configFile)).toBeUndefined();
    expect(await (await store()).users()).toHaveLength(30);
    await hosts.close();
    // As it is right before config.ini is changed: the one that is whole is the facility.
    const before = readFileSync(configFile);
    expect(await migrate('sqlite', 'replace')).toMatchObject({ from: 'postgres', corrected: 0 });
    writeFileSync(configFile, before);
    await expect(takeBack(configFile)).rejects.toMatchObject({ code: 'exists' });
    expect(await migrate('sqlite')).toMatchObject({ from: 'postgres', corrected: 0 });
    expect(engine()).toBe('sqlite');
  });

  /** A facility of sqljs whose config.ini knows the server. */
  async function facility() {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
    chmodSync(folder, 0o700);
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const configFile = join(folder, 'config.ini');
    const url = await server.freshUrl();
    writeFileSync(configFile, `2FA=Auto:Ward LIVE\n[Store]\nEngine=sqljs\nUrl=${url}\n`, { mode: 0o600 });
    const { config } = readConfigFile(configFile);
    await createKeyFile({ path: config.store.keyFile, random: systemRandom, clock: systemClock });
    await (await openFacility(config, { database: 'create' })).close();
    const store = async (other?: StoreEngine): Promise<PlainStore> => {
      const { store: now } = readConfigFile(configFile).config;
      const opened = await openPlainStore(await openEngine({ ...now, engine: other ?? now.engine }, EXISTING));
      onTestFinished(() => opened.close());
      return opened;
    };
    return {
      configFile,
      store,
      engine: () => readConfigFile(configFile).config.store.engine,
      migrate: (to: StoreEngine, former: 'replace' | 'refuse' = 'refuse') =>
        migrateStore({ configFile, to, actor: ADMIN, former, agree: async () => undefined }),
    };
  }
});

function countIn(digest: string): number {
  const tables = JSON.parse(digest) as readonly { readonly rows: number }[];
  return tables.reduce((sum, { rows }) => sum + rows, 0);
}

const EXISTING = { database: 'existing', clock: systemClock } as const;

/** Something in every table: 30 users, 3 counters, 2 recovery codes, 1 one-time code. Closed afterwards: a file is moved by who has it alone. */
async function fill(store: PlainStore): Promise<void> {
  const names = ['alice', 'bob', ...Array.from({ length: 28 }, (_, number) => `user-${number}`)];
  await store.addUsers(names.map((name) => person(name, { display: `${name} ✓ ’"\\` })));
  await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
  await store.issueByAdmin({ userId, pairing: pairing('p1') });
  await store.claimTimeStep(claim);
  await store.replaceRecoveryCodes({ userId, codes: [code('r1'), code('r2')] });
  await store.putOneTimeCode({ userId, code: code('o1', 9_000_000_000_000) });
  for (const factor of ['a name', 'b name', 'C name'])
    await store.settlePassword({ counter: factor, known: false, right: false, rules: RULES });
  await store.close();
}
