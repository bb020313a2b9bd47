/** The audit trail of several hosts in one table, on a real server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { AuditEvent } from '../../../src/core/audit-event.ts';
import { parseConfig } from '../../../src/core/config/parse.ts';
import { Fault } from '../../../src/core/errors.ts';
import { createTableTrail } from '../../../src/core/node/audit-table.ts';
import { type AuditTrail, openAuditTrail } from '../../../src/core/node/audit-trail.ts';
import type { SqlEngine } from '../../../src/core/store/sql-engine.ts';
import { type TemporaryPostgres, temporaryPostgres } from '../../store/temporary-postgres.ts';
import { NOON } from '../../store-contract/people.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { describeWithPostgres } from '../../support/with-postgres.ts';

const KEY = new Uint8Array(32).fill(7);

describeWithPostgres('the audit table', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.dispose());

  type Hosts = {
    readonly database: TemporaryPostgres;
    readonly engine: SqlEngine;
    readonly files: AuditTrail;
    host(name: string): Omit<AuditTrail, 'close'>;
  };

  async function hosts(): Promise<Hosts> {
    const database = await temporaryPostgres(server);
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-audit-table-'));
    onTestFinished(async () => {
      await database.dispose();
      rmSync(folder, { recursive: true, force: true });
    });
    const engine = await database.open();
    const parsed = parseConfig({ text: '2FA=Off\n[Audit]\nPath=audit\n', file: 'config.ini', folder });
    if (parsed.kind !== 'config') throw new Error('no config');
    const files = await openAuditTrail({ config: parsed.config, key: KEY, clock: { now: () => NOON } });
    const host = (name: string) =>
      createTableTrail({ key: KEY, host: name, engine: async () => engine, otherwise: files });
    return { database, engine, files, host };
  }

  const denied = (user: string): AuditEvent => ({ event: 'login.denied', user });

  async function usersIn(records: AsyncIterable<{ readonly user?: string }>): Promise<readonly (string | undefined)[]> {
    const users = [];
    for await (const { user } of records) users.push(user);
    return users;
  }

  it('keeps a chain for each host, and reads them as one by the time of the database', async () => {
    const { database, host } = await hosts();
    const [north, south] = [host('north'), host('south')];
    for (const [trail, user, at] of [
      [north, 'a', 0],
      [south, 'b', 1],
      [north, 'c', 2],
      [south, 'd', 3],
    ] as const) {
      database.setNow(NOON + at * 1000);
      await trail.append(denied(user));
    }
    expect(await usersIn(north.read())).toEqual(['a', 'b', 'c', 'd']);
    expect(await usersIn(south.read({ since: NOON + 1000, limit: 2 }))).toEqual(['c', 'd']);
    expect(await usersIn(south.read({ user: 'B' }))).toEqual(['b']);
    expect(await north.verify()).toEqual({ ok: true, records: 4, firstBroken: null });

    const { place, cursor } = await north.end();
    const first = await north.before({ place, limit: 3, filter: undefined });
    expect(first.records.map(({ user }) => user)).toEqual(['d', 'c', 'b']);
    const rest = await north.before({ place: first.next ?? place, limit: 3, filter: undefined });
    expect([rest.records.map(({ user }) => user), rest.next]).toEqual([['a'], undefined]);
    await Promise.all([north.append(denied('e')), south.append(denied('f'))]);
    const news = await north.since(cursor);
    expect(news.records.map(({ user }) => user).toSorted()).toEqual(['e', 'f']);
    expect((await north.since(news.cursor)).records).toEqual([]);
  });

  it('loses nothing and repeats nothing when many processes of hosts write at once', async () => {
    const { host } = await hosts();
    const trails = ['north', 'north', 'south', 'south'].map(host);
    await Promise.all(
      trails.flatMap((trail, index) => Array.from({ length: 25 }, (_, n) => trail.append(denied(`${index}-${n}`)))),
    );
    expect(new Set(await usersIn(host('north').read())).size).toBe(100);
    expect(await host('north').verify()).toEqual({ ok: true, records: 100, firstBroken: null });
  });

  it.each([
    ['changed', `UPDATE audit_records SET line = REPLACE(line, '"b"', '"x"') WHERE host = 'north' AND seq = 2`, 2],
    ['removed', `DELETE FROM audit_records WHERE host = 'north' AND seq = 2`, 2],
    ['cut off at the end', `DELETE FROM audit_records WHERE host = 'north' AND seq = 3`, 3],
    ['taken away with all others of its host', `DELETE FROM audit_records WHERE host = 'north'`, 1],
    ['moved to another host', `UPDATE audit_records SET host = 'other' WHERE host = 'north'`, 1],
    [
      'cut off, and the head set back',
      `DELETE FROM audit_records WHERE seq = 3; UPDATE audit_heads SET seq = 2 WHERE host = 'north'`,
      3,
    ],
    ['left without a head', `DELETE FROM audit_heads WHERE host = 'north'`, 4],
  ])('names the first record that was %s, and its host', async (_what, tampering, firstBroken) => {
    const { engine, host } = await hosts();
    for (const user of ['a', 'b', 'c']) {
      await host('north').append(denied(user));
      await host('south').append(denied(user));
    }
    await engine.write(async (tx) => {
      for (const sql of tampering.split('; ')) await tx.run(sql);
    });
    const found = await host('south').verify();
    expect(found).toMatchObject({ ok: false, firstBroken });
    expect(['north', 'other']).toContain(found.host);
    // The chain goes on, and what was done to it stays visible.
    await host('north').append(denied('later'));
    expect(await host('south').verify()).toMatchObject({ ok: false });
  });

  it('notes in the files of the host what the database could not take, and reads both', async () => {
    const { database, engine, files } = await hosts();
    let away = true;
    const trail = createTableTrail({
      key: KEY,
      host: 'north',
      engine: async () => {
        if (away) throw new Fault('busy', 'The database server does not answer.');
        return engine;
      },
      otherwise: files,
    });
    await trail.append(denied('in-files'));
    away = false;
    database.setNow(NOON + 1000);
    await trail.append(denied('in-table'));
    expect(await usersIn(trail.read())).toEqual(['in-files', 'in-table']);
    expect(await trail.verify()).toEqual({ ok: true, records: 2, firstBroken: null });
  });
});
