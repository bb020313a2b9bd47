/** Who makes a facility in a database, and who is told that there is one, or none. */
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { openPostgres } from '../../src/core/store/engines/postgres.ts';
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import { openPlainStore } from '../support/plain-store.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { describeWithPostgres } from '../support/with-postgres.ts';
import { type TemporaryPostgres, temporaryPostgres } from './temporary-postgres.ts';

describeWithPostgres('a facility at PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.dispose());

  async function database(): Promise<TemporaryPostgres> {
    const opened = await temporaryPostgres(server);
    onTestFinished(() => opened.dispose());
    return opened;
  }

  async function opened(url: string): Promise<SqlEngine> {
    const engine = await openPostgres({ url, absent: 'refuse' });
    onTestFinished(() => engine.close());
    return engine;
  }

  it('is made by one of several hosts that set it up at once, and the others are told', async () => {
    const url = await server.freshUrl();
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const engine = await openPostgres({ url, absent: 'create' });
        const store = await openPlainStore(engine).catch((thrown: { code?: string }) => thrown.code);
        if (typeof store === 'object') await store.close();
        return typeof store === 'object' ? 'made' : store;
      }),
    );
    // Who comes later sees it before anything else.
    const late = await openPostgres({ url, absent: 'create' });
    onTestFinished(() => late.close());
    await expect(late.read((tx) => tx.hasTable('schema_version'))).rejects.toMatchObject({ code: 'exists' });
    expect(outcomes.toSorted()).toEqual(['exists', 'exists', 'exists', 'exists', 'made']);
    expect(await (await opened(url)).integrity()).toEqual(['ok']);
  });

  it('is no less that of another host where it was made in the midst of a transaction that found everything there', async () => {
    const url = await server.freshUrl();
    const slow = await openPostgres({ url, absent: 'create' });
    onTestFinished(() => slow.close());
    const found = slow.write(async (tx) => {
      const quick = await openPlainStore(await openPostgres({ url, absent: 'create' }));
      await quick.close();
      return tx.hasTable('users');
    });
    await expect(found).rejects.toMatchObject({ code: 'exists' });
    await expect(slow.read((tx) => tx.hasTable('users'))).rejects.toMatchObject({ code: 'exists' });
  });

  it('is told from a database that Gatehouse did not make, when another host makes it between two looks', async () => {
    const url = await server.freshUrl();
    const slow = await openPostgres({ url, absent: 'create' });
    let other: 'absent' | 'made' = 'absent';
    const overtaken: SqlEngine = {
      ...slow,
      write: (work) =>
        slow.write((tx) =>
          work({
            ...tx,
            async hasTable(name) {
              const answer = await tx.hasTable(name);
              if (other === 'absent')
                await (await openPlainStore(await openPostgres({ url, absent: 'create' }))).close();
              other = 'made';
              return answer;
            },
          }),
        ),
    };
    await expect(openPlainStore(overtaken)).rejects.toMatchObject({ code: 'exists' });
  });

  it('brings up the schema once when several hosts start at once', async () => {
    const { url } = await database();
    const engines = await Promise.all([opened(url), opened(url), opened(url), opened(url)]);
    const step = (engine: SqlEngine) =>
      engine.write(async (tx) => {
        if (await tx.hasTable('later')) return 'there';
        await tx.define('CREATE TABLE later (id TEXT NOT NULL PRIMARY KEY)');
        await tx.run('INSERT INTO later (id) VALUES (?)', ['one']);
        return 'made';
      });
    const outcomes = await Promise.all(engines.map(step));
    expect(outcomes.filter((outcome) => outcome === 'made')).toHaveLength(1);
    expect(await engines[0]?.read((tx) => tx.all('SELECT id FROM later'))).toEqual([{ id: 'one' }]);
  });

  it('refuses a database that has no facility, and leaves it empty', async () => {
    const url = await server.freshUrl();
    const refused = openPlainStore(await openPostgres({ url, absent: 'refuse' }));
    await expect(refused).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('no facility'),
    });
    expect(await (await opened(url)).read((tx) => tx.hasTable('users'))).toBe(false);
  });
});
