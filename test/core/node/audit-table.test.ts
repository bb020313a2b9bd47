/** The audit trail of several hosts in one table, on a real server. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { AuditEvent } from '../../../src/core/audit-event.ts';
import { auditFilter } from '../../../src/core/audit-filter.ts';
import { parseConfig } from '../../../src/core/config/parse.ts';
import { Fault } from '../../../src/core/errors.ts';
import { verifyArchive } from '../../../src/core/node/audit-archive-note.ts';
import { appendRows } from '../../../src/core/node/audit-rows.ts';
import { type AuditPlace, type AuditTrail, openAuditTrail } from '../../../src/core/node/audit-trail.ts';
import { parseExpected } from '../../../src/core/node/audit-verdict.ts';
import { shellActor } from '../../../src/core/roles.ts';
import type { SqlEngine } from '../../../src/core/store/sql-engine.ts';
import { temporaryPostgres } from '../../store/temporary-postgres.ts';
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

  /** Each host has its own audit folder; they share the database. */
  async function hosts() {
    const database = await temporaryPostgres(server);
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-audit-table-'));
    onTestFinished(async () => {
      await database.dispose();
      rmSync(folder, { recursive: true, force: true });
    });
    const engine = await database.open();
    let now = NOON;
    const host = (name: string, more: { readonly engine?: SqlEngine } = {}): Promise<AuditTrail> => {
      const text = `2FA=Off\n[Store]\nEngine=postgres\nUrl=${database.url}\n[Audit]\nPath=${name}\n`;
      const parsed = parseConfig({ text, file: 'config.ini', folder });
      if (parsed.kind !== 'config') throw new Error('no config');
      return openAuditTrail({
        config: parsed.config,
        key: KEY,
        clock: { now: () => now },
        engine,
        host: name,
        ...more,
      });
    };
    const setNow = (epochMs: number) => {
      now = epochMs;
      database.setNow(epochMs);
    };
    return { database, engine, host, folder, setNow };
  }

  const denied = (user: string): AuditEvent => ({ event: 'login.denied', user });

  async function usersIn(records: AsyncIterable<{ readonly user?: string }>): Promise<readonly (string | undefined)[]> {
    const users = [];
    for await (const { user } of records) users.push(user);
    return users;
  }

  it('keeps chains for each host, and reads them as one by the time of the database', async () => {
    const { setNow, host } = await hosts();
    const [north, south] = [await host('north'), await host('south')];
    for (const [trail, user, at] of [
      [north, 'a', 0],
      [south, 'b', 1],
      [north, 'c', 2],
      [south, 'd', 3],
    ] as const) {
      setNow(NOON + at * 1000);
      await trail.append(denied(user));
    }
    expect(await usersIn(north.read())).toEqual(['a', 'b', 'c', 'd']);
    expect(await usersIn(south.read({ since: NOON + 1000, limit: 2 }))).toEqual(['c', 'd']);
    expect(await usersIn(south.read({ user: 'B' }))).toEqual(['b']);
    expect(await north.verify()).toMatchObject({ ok: true, records: 4, firstBroken: null });

    const { place, cursor } = await north.end();
    const first = await north.before({ place, limit: 3, filter: undefined });
    expect(first.records.map(({ user }) => user)).toEqual(['d', 'c', 'b']);
    const rest = await north.before({ place: first.next ?? place, limit: 3, filter: undefined });
    expect([rest.records.map(({ user }) => user), rest.next]).toEqual([['a'], undefined]);
    await Promise.all([north.append(denied('e')), south.append(denied('f'))]);
    const news = await north.since(cursor);
    expect(news.records.map(({ user }) => user).toSorted()).toEqual(['e', 'f']);
    expect((await north.since(news.cursor)).records).toEqual([]);
    setNow(NOON + 20_000);
    await south.append(denied('h'));
    setNow(NOON + 10_000);
    await north.append(denied('g'));
    expect((await north.since(news.cursor)).records.map(({ user }) => user)).toEqual(['g', 'h']);
    const found = await north.before({ place, limit: 9, filter: auditFilter('b') });
    expect([found.records.map(({ user }) => user), found.next]).toEqual([['b'], undefined]);
  });

  it('shows what is there, and then each new record, once, also one that comes between the two', async () => {
    const { engine, host } = await hosts();
    const south = await host('south');
    await south.append(denied('a'));
    let reads = 0;
    const between = async <T>(work: Parameters<SqlEngine['read']>[0]): Promise<T> => {
      const answer = await engine.read(work);
      reads += 1;
      if (reads === 1) await south.append(denied('b'));
      return answer as T;
    };
    const north = await host('north', { engine: { ...engine, read: between } });
    reads = 0;
    const controller = new AbortController();
    const seen: (string | undefined)[] = [];
    for await (const { user } of north.follow({ signal: controller.signal })) {
      seen.push(user);
      if (user === 'b') await south.append(denied('c'));
      if (user === 'c') controller.abort();
    }
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('has more records than are read at a time, forwards and backwards', async () => {
    const { engine, host } = await hosts();
    const users = Array.from({ length: 2_001 }, (_, index) => `u${index}`);
    await engine.write((tx) => appendRows(tx, { key: KEY, chain: 'north', end: undefined, events: users.map(denied) }));
    const north = await host('north');
    expect(await usersIn(north.read())).toEqual(users);
    expect(await usersIn(north.read({ limit: 2_001 }))).toEqual(users);
    const backwards: (string | undefined)[] = [];
    let place: AuditPlace | undefined = (await north.end()).place;
    while (place !== undefined) {
      const portion: Awaited<ReturnType<AuditTrail['before']>> = await north.before({
        place,
        limit: 9_999,
        filter: undefined,
      });
      backwards.push(...portion.records.map(({ user }) => user));
      place = portion.next;
    }
    expect(backwards).toEqual(users.toReversed());
  });

  it('has no gap that could be accepted', async () => {
    const { host } = await hosts();
    const north = await host('north');
    await expect(north.acceptGap({ actor: shellActor('root') })).rejects.toMatchObject({
      ...{ code: 'usage', message: expect.stringContaining('PostgreSQL') },
    });
  });

  it('loses nothing and repeats nothing when many processes of hosts write at once', async () => {
    const { host } = await hosts();
    const trails = await Promise.all(['north', 'north', 'south', 'south'].map((name) => host(name)));
    await Promise.all(
      trails.flatMap((trail, index) => Array.from({ length: 25 }, (_, n) => trail.append(denied(`${index}-${n}`)))),
    );
    const [north] = trails;
    expect(new Set(await usersIn(north?.read() ?? none())).size).toBe(100);
    expect(await north?.verify()).toMatchObject({ ok: true, records: 100, firstBroken: null });
  });

  /** A chain of each host with three records in it, as version 1 had one. */
  async function threeEach(engine: SqlEngine) {
    for (const chain of ['north', 'south']) {
      await engine.write((tx) =>
        appendRows(tx, { key: KEY, chain, end: undefined, events: ['a', 'b', 'c'].map((user) => denied(user)) }),
      );
    }
  }

  it.each([
    ['changed', `UPDATE audit_records SET line = REPLACE(line, '"b"', '"x"') WHERE chain = 'north' AND seq = 2`, 2],
    ['removed', `DELETE FROM audit_records WHERE chain = 'north' AND seq = 2`, 2],
    ['cut off at the end', `DELETE FROM audit_records WHERE chain = 'north' AND seq = 3`, 3],
    ['taken away with all others of its chain', `DELETE FROM audit_records WHERE chain = 'north'`, 1],
    ['moved to another chain', `UPDATE audit_records SET chain = 'other' WHERE chain = 'north'`, 1],
    [
      'cut off, and the head set back',
      `DELETE FROM audit_records WHERE seq = 3; UPDATE audit_heads SET seq = 2 WHERE chain = 'north'`,
      3,
    ],
    ['left without a head', `DELETE FROM audit_heads WHERE chain = 'north'`, 4],
  ])('names the first record that was %s, and its chain', async (_what, tampering, firstBroken) => {
    const { engine, host } = await hosts();
    await threeEach(engine);
    const south = await host('south');
    expect(await south.verify()).toMatchObject({ ok: true, records: 6 });
    await engine.write(async (tx) => {
      for (const sql of tampering.split('; ')) await tx.run(sql);
    });
    const found = await south.verify();
    expect(found).toMatchObject({ ok: false, firstBroken });
    expect(['north', 'other']).toContain(found.chain);
    // The trail goes on, and what was done to it stays visible.
    await (await host('north')).append(denied('later'));
    expect(await south.verify()).toMatchObject({ ok: false });
  });

  it('compares each chain with what was noted elsewhere', async () => {
    const { engine, host } = await hosts();
    await threeEach(engine);
    const south = await host('south');
    const { end } = await south.verify();
    expect(await south.noteOfEnd()).toMatch(/^south:3:[\w-]{43}$/);
    expect(end).toMatch(/^north:3:[\w-]{43},south:3:[\w-]{43}$/);
    const noted = parseExpected(end);
    expect(await south.verify(noted)).toMatchObject({ ok: true });
    await (await host('north')).append(denied('d'));
    expect(await south.verify(noted)).toMatchObject({ ok: true, records: 7 });
    await engine.write(async (tx) => {
      await tx.run("DELETE FROM audit_records WHERE chain = 'north'");
      await tx.run("DELETE FROM audit_heads WHERE chain = 'north'");
    });
    expect(await south.verify()).toMatchObject({ ok: true });
    expect(await south.verify(noted)).toMatchObject({ ok: false, firstBroken: 1, chain: 'north' });
  });

  it('has no verdict without the database', async () => {
    const { engine, host } = await hosts();
    const away = await host('north', {
      engine: { ...engine, read: () => Promise.reject(new Fault('unavailable', '')) },
    });
    await expect(away.verify()).rejects.toMatchObject({ code: 'busy' });
  });

  it('holds denials in a side chain while the database is away, and takes them over, once, with their time', async () => {
    const { engine, host, setNow, folder } = await hosts();
    const away = await host('north', {
      engine: { ...engine, write: () => Promise.reject(new Fault('busy', 'The database server does not answer.')) },
    });
    const north = await host('north');
    await away.append(denied('a'));
    await away.append(denied('b'));
    await expect(away.append({ event: 'user.edited', user: 'a' })).rejects.toMatchObject({ code: 'busy' });
    expect(await usersIn(north.read())).toEqual(['a', 'b']);
    expect(await north.verify()).toMatchObject({ ok: true, records: 0 });
    setNow(NOON + 60_000);
    await north.append(denied('c'));
    expect(readdirSync(join(folder, 'north')).filter((name) => name.startsWith('side-'))).toEqual([]);
    const records = [];
    for await (const record of north.read()) records.push(record);
    expect(records).toMatchObject([
      { user: 'a', at: new Date(NOON).toISOString() },
      { user: 'b', at: new Date(NOON).toISOString() },
      { event: 'audit.side-chain', count: 2 },
      { user: 'c', at: new Date(NOON + 60_000).toISOString() },
    ]);
    expect(await north.verify()).toMatchObject({ ok: true, records: 4 });
    await north.append(denied('d'));
    expect(await engine.read((tx) => tx.all("SELECT chain FROM audit_heads WHERE chain LIKE 'side:%'"))).toEqual([]);
  });

  it('archives the old records of each chain, and goes on being whole', async () => {
    const { engine, host, setNow, folder } = await hosts();
    await threeEach(engine);
    const north = await host('north');
    setNow(NOON + 86_400_000);
    await north.append(denied('new'));
    setNow(NOON + 86_401_000);
    const archive = join(folder, 'archive');
    const run = (before: number) => north.archive({ actor: shellActor('root'), before, folder: archive });
    expect(await run(NOON)).toEqual({ records: 0, through: undefined });
    const changed = (from: string, to: string) =>
      engine.write((tx) =>
        tx.run(`UPDATE audit_records SET line = REPLACE(line, '"${from}"', '"${to}"') WHERE chain = 'south'`),
      );
    await changed('b', 'x');
    await expect(run(NOON + 1000)).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('Record 2'),
    });
    await changed('x', 'b');
    expect(await run(NOON + 1000)).toEqual({ records: 6, through: undefined });
    expect(readdirSync(archive)).toEqual(expect.arrayContaining(['audit-north-1-3.jsonl', 'audit-south-1-3.jsonl']));
    expect(await usersIn(north.read())).toEqual(['new', undefined]);
    expect(await north.verify()).toMatchObject({ ok: true, records: 2 });
    expect(await verifyArchive(archive, { key: KEY })).toEqual({ ok: true, records: 6, firstBroken: null });
    const [name = ''] = readdirSync(archive).filter((one) => one.startsWith('audit-north-'));
    writeFileSync(join(archive, name), readFileSync(join(archive, name), 'latin1').replace('"b"', '"x"'));
    expect(await verifyArchive(archive, { key: KEY })).toMatchObject({ ok: false, firstBroken: 2, chain: 'north' });
    // A base that nobody sealed is not believed.
    await engine.write((tx) => tx.run("UPDATE audit_heads SET seq = 2 WHERE chain = 'base:north'"));
    expect(await north.verify()).toMatchObject({ ok: false, chain: 'north', firstBroken: 1 });
  });
});

async function* none(): AsyncGenerator<never, void, undefined> {}
