import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfigFile } from '../../../src/core/node/config-file.ts';
import { openFacility } from '../../../src/core/node/facility.ts';
import { restore } from '../../../src/core/node/restore.ts';
import type { Restored } from '../../../src/core/node/restore-rules.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { ACTOR, passwordOf, type RestorableFacility, restorableFacility } from '../../support/restorable-facility.ts';
import { recordsOf } from '../../support/trail-records.ts';
import { describeWithPostgres } from '../../support/with-postgres.ts';

describeWithPostgres('restore with postgres', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.dispose());

  const changesOf = ({ affected }: Restored, name: string) => affected.find((one) => one.name === name)?.changes ?? [];

  it('does not give back what was taken away, and goes on with the chains of the server', async () => {
    const facility = await restorableFacility({ url: await server.freshUrl() });
    for (const name of ['alice', 'carol']) await facility.add(name);
    await facility.add('bob', 'admin');
    const copy = await facility.backUp();
    await facility.require('alice');
    await facility.setPassword('alice', 'a new one for the spring');
    await facility.inside(async ({ directory }) => {
      const [bob, carol] = [await directory.find('bob'), await directory.find('carol')];
      if (bob === undefined || carol === undefined) throw new Error('is missing');
      await directory.editUser(ACTOR, { id: bob.id, changes: { role: 'user' } });
      await directory.removeUser(ACTOR, carol.id);
    });
    const before = await events(facility);
    const restored = await facility.restore(copy);
    expect(restored).toMatchObject({ users: 4, basis: 'database', admins: 1, trail: { end: 'kept' } });
    expect(changesOf(restored, 'alice')).toEqual(['password-void', 'two-factor-required']);
    expect(changesOf(restored, 'bob')).toEqual(['role-lowered']);
    expect(changesOf(restored, 'carol')).toEqual(['removed', 'disabled', 'password-void', 'two-factor-required']);
    expect(await facility.login('alice', passwordOf('alice'))).toBe('denied');
    expect(await facility.user('bob')).toMatchObject({ role: 'user' });
    expect((await events(facility)).slice(0, before.length + 1)).toEqual([...before, 'store.restored']);
    const verified = await facility.inside(({ facility: { trail } }) => trail.verify());
    expect(verified).toMatchObject({ ok: true, firstBroken: null });
  });

  it('grants no used code again, whatever the clock of the host that restores says', async () => {
    const facility = await restorableFacility({ url: await server.freshUrl() });
    await facility.add('alice');
    await facility.pair('alice');
    const copy = await facility.backUp();
    const used = await facility.code('alice', 1);
    expect(await facility.login('alice', passwordOf('alice'), used)).toBe('granted');
    // The server was lost as well: nothing but the clock tells what was used.
    const config = join(facility.folder, 'config.ini');
    const text = readFileSync(config, 'utf8');
    writeFileSync(config, text.replace(/^Url=.*$/m, `Url=${await server.freshUrl()}`));
    const elsewhere = readConfigFile(config).config;
    for (const off of [-31_000, -3_600_000, 31_000]) {
      const clock = { now: () => Date.now() + off };
      await restore({ config: elsewhere, actor: ACTOR, file: copy, unknown: 'trust', clock });
      const opened = await openFacility(elsewhere);
      const { user, now } = await opened.store.findUser('alice' as never);
      await opened.close();
      const { lastStep } = user?.twoFactor.pairing ?? { lastStep: 0 };
      expect(lastStep).toBeGreaterThanOrEqual(Math.floor(now / 30_000) + 2);
      expect(lastStep).toBeLessThanOrEqual(Math.floor(now / 30_000) + 3);
    }
  });

  it('refuses a server without a facility, where nothing tells what happened; and makes nothing there', async () => {
    const facility = await restorableFacility({ url: await server.freshUrl() });
    const copy = await facility.backUp();
    const config = join(facility.folder, 'config.ini');
    const url = await server.freshUrl();
    writeFileSync(config, readFileSync(config, 'utf8').replace(/^Url=.*$/m, `Url=${url}`));
    const elsewhere = readConfigFile(config).config;
    const request = { config: elsewhere, actor: ACTOR, file: copy } as const;
    await expect(restore({ ...request, unknown: 'refuse' })).rejects.toMatchObject({ code: 'bad-data' });
    expect(await asked(url, 'SELECT * FROM pg_tables WHERE schemaname = current_schema()')).toEqual([]);
    expect(await restore({ ...request, unknown: 'void-passwords' })).toMatchObject({
      ...{ basis: 'void-passwords', admins: 0, trail: { end: 'short' } },
    });
  });

  it('waits for a login that is under way, and counts what it used', async () => {
    const url = await server.freshUrl();
    const facility = await restorableFacility({ url });
    await facility.add('alice');
    await facility.pair('alice');
    const copy = await facility.backUp();
    const login = new pg.Client({ connectionString: url });
    await login.connect();
    await login.query('BEGIN');
    await login.query("UPDATE users SET last_step = 77777777 WHERE name = 'alice'");
    const restoring = facility.restore(copy);
    while ((await server.ask("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).length === 0);
    await login.query('COMMIT');
    await login.end();
    await restoring;
    expect(await facility.user('alice')).toMatchObject({ twoFactor: { pairing: { lastStep: 77_777_777 } } });
  });
});

function events(facility: RestorableFacility): Promise<readonly string[]> {
  return facility.inside(async ({ facility: { trail } }) => (await recordsOf(trail)).map(({ event }) => event));
}

async function asked(url: string, sql: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return (await client.query(sql).finally(() => client.end())).rows;
}
