/** What the postgres engine has to hold beyond the contract: other hosts, conflicts, a network that fails, an environment that lies. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { openPostgres } from '../../src/core/store/engines/postgres.ts';
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import { idOf, NOON, pairing, person, RULES } from '../store-contract/people.ts';
import { openPlainStore } from '../support/plain-store.ts';
import { startRelay } from '../support/postgres-relay.ts';
import { giveAway, PASSWORD, type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { describeWithPostgres } from '../support/with-postgres.ts';
import { type TemporaryPostgres, temporaryPostgres } from './temporary-postgres.ts';

describeWithPostgres('postgres', () => {
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

  it("has the database's clock for its own, whatever this host's says", async () => {
    const { url } = await database();
    const [row] = await server.ask('SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT::TEXT AS now');
    const engine = await opened(url);
    const now = await engine.now();
    expect(now - Number(row?.now)).toBeGreaterThanOrEqual(0);
    expect(now).not.toBe(NOON);
    expect(await engine.write((tx) => tx.now())).toBeGreaterThanOrEqual(now);
  });

  it('runs a transaction again that the server could not serialise, and one that met another in a deadlock', async () => {
    const { url } = await database();
    const engine = await opened(url);
    let runs = 0;
    const answer = await engine.write(async (tx) => {
      runs += 1;
      const fails = `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$`;
      if (runs < 4) await tx.run(fails);
      return runs;
    });
    expect(answer).toBe(4);

    for (const behind of ['a statement', 'the commit']) {
      let attempts = 0;
      await engine.write(async (tx) => {
        attempts += 1;
        if (attempts < 3) tx.later(`DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$`, [[]]);
        if (behind === 'a statement') await tx.run('DELETE FROM failures', []);
      });
      expect(attempts).toBe(3);
    }

    const store = await openPlainStore(engine);
    await store.addUsers([person('alice'), person('bob')]);
    const other = await opened(url);
    let runsOfBoth = 0;
    let halves = 0;
    const cross = (by: SqlEngine, ...names: readonly [string, string]) =>
      by.write(async (tx) => {
        runsOfBoth += 1;
        const lock = `SELECT id FROM users WHERE name = ?${tx.dialect.lockRows}`;
        await tx.all(lock, [names[0]]);
        halves += 1;
        // Both have their first row before one asks for the other's.
        while (halves < 2) await new Promise(setImmediate);
        await tx.all(lock, [names[1]]);
        await tx.run('UPDATE users SET edit_version = edit_version + 1 WHERE name = ?', [names[1]]);
      });
    await Promise.all([cross(engine, 'alice', 'bob'), cross(other, 'bob', 'alice')]);
    expect(runsOfBoth).toBeGreaterThan(2);
    expect((await store.users()).map((user) => user.version)).toEqual([2, 2]);
  });

  it('lets two hosts write at once to what they do not share', async () => {
    const { url } = await database();
    const [one, other] = await Promise.all([opened(url), opened(url)]);
    const store = await openPlainStore(one);
    await store.addUsers([person('alice'), person('bob')]);
    const before = await other.revision();
    await one.write(async (tx) => {
      await tx.run('UPDATE users SET edit_version = edit_version + 1 WHERE name = ?', ['alice']);
      // Inside of the other's transaction.
      await other.write((within) =>
        within.run('UPDATE users SET edit_version = edit_version + 1 WHERE name = ?', ['bob']),
      );
    });
    expect((await store.users()).map((user) => user.version)).toEqual([2, 2]);
    expect(Number(await other.revision())).toBe(Number(before) + 2);
  });

  it('counts a commit whose answer was lost as a refusal, and does not ask for it twice', async () => {
    const { url } = await database();
    const relay = await startRelay(server.port);
    onTestFinished(() => relay.close());
    const engine = await opened(url.replace(`:${server.port}/`, `:${relay.port}/`));
    const store = await openPlainStore(engine);
    const userId = idOf('alice');
    await store.addUsers([person('alice')]);
    await store.requireTwoFactor({ selection: { kind: 'all' }, from: null });
    await store.issueByAdmin({ userId, pairing: pairing('p1') });
    const claim = () => store.claimTimeStep({ userId, pairingId: 'p1', step: 100, rules: RULES });
    relay.loseNextCommit();
    await expect(claim()).rejects.toMatchObject({ code: 'busy', message: expect.stringContaining('not known') });
    // It had been committed, once: the code is used up, by nobody who was let in.
    expect(await claim()).toEqual({ kind: 'already-used', retryAfterSeconds: 0 });
    expect((await store.userById(userId))?.twoFactor.pairing).toMatchObject({ lastStep: 100 });
  });

  it('takes no word of the environment for where it goes and who it is', async () => {
    const { url } = await database();
    const lies = {
      PGHOST: 'elsewhere.invalid',
      PGHOSTADDR: '203.0.113.1',
      PGPORT: '1',
      PGUSER: 'mallory',
      PGPASSWORD: 'wrong',
      PGDATABASE: 'mallory',
      PGPASSFILE: '/nowhere',
      PGOPTIONS: '-c search_path=mallory -c default_transaction_read_only=on',
      PGSSLMODE: 'require',
      PGSSLNEGOTIATION: 'direct',
      PGREPLICATION: 'true',
      PGAPPNAME: 'mallory',
      PGCLIENT_ENCODING: 'LATIN1',
      PGCONNECT_TIMEOUT: '1',
      NODE_PG_FORCE_NATIVE: '1',
      USER: 'mallory',
    };
    const before = { ...process.env };
    onTestFinished(() => {
      process.env = before;
    });
    Object.assign(process.env, lies);
    const store = await openPlainStore(await opened(url));
    await store.addUsers([person('Zoë')]);
    expect((await store.users()).map((user) => user.name)).toEqual(['Zoë']);
    const account = new URL(url).username;
    const sessions = await server.ask(`SELECT application_name FROM pg_stat_activity WHERE usename = '${account}'`);
    expect(new Set(sessions.map((row) => row.application_name))).toEqual(new Set(['gatehouse']));
  });

  it('takes the password from a file that is its owner alone to read', async () => {
    const { url } = await database();
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-passfile-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const passfile = join(folder, 'pgpass');
    writeFileSync(passfile, `# ours\n127.0.0.1:*:*:other:x\n127.0.0.1:${server.port}:postgres:*:${PASSWORD}\n`, {
      mode: 0o600,
    });
    const bare = `${url.replace(`:${PASSWORD}@`, '@')}?passfile=${passfile}`;
    expect(await (await opened(bare)).integrity()).toEqual(['ok']);
    chmodSync(passfile, 0o640);
    await expect((await opened(bare)).now()).rejects.toMatchObject({ code: 'file-refused' });
  });

  it('says what is wrong with an account, a database, a server without TLS and one that is not there', async () => {
    const { url } = await database();
    const fault = async (address: string) => {
      const engine = await opened(address);
      return engine.now().catch((thrown: unknown) => thrown);
    };
    expect(await fault(url.replace(PASSWORD, 'wrong'))).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/refuses the account/),
    });
    expect(await fault(url.replace(`:${PASSWORD}@`, '@'))).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/refuses the account/),
    });
    expect(await fault(`${url.replace(/postgres$/, 'nowhere')}`)).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/no such database/),
    });
    expect(await fault(`${url}?sslmode=require`)).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/no trusted connection/),
    });
    for (const address of [url, url.replace(PASSWORD, 'wrong')]) {
      expect(JSON.stringify(await fault(address))).not.toContain(PASSWORD);
    }
  });

  const openssl = hasOpenssl();
  it.skipIf(!openssl)(
    `asks the server for its certificate, as the address says${openssl ? '' : ' (skipped: needs openssl)'}`,
    async () => {
      const { url } = await database();
      const folder = certificates();
      onTestFinished(async () => {
        await server.ask('ALTER SYSTEM RESET ssl');
        await server.ask('SELECT pg_reload_conf()');
        rmSync(folder, { recursive: true });
      });
      for (const setting of [
        `ssl_cert_file = '${folder}/server.pem'`,
        `ssl_key_file = '${folder}/server.key'`,
        'ssl = on',
      ]) {
        await server.ask(`ALTER SYSTEM SET ${setting}`);
      }
      await server.ask('SELECT pg_reload_conf()');
      const byName = url.replace('127.0.0.1', 'localhost');
      const said = async (address: string) => {
        const engine = await opened(address);
        return engine
          .read((tx) => tx.all('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'))
          .catch(({ code, message }: { code: string; message: string }) => `${code}: ${message}`);
      };
      // The setting reaches the server's children in its own time.
      await vi.waitFor(async () => expect(await said(`${byName}?sslmode=require`)).toEqual([{ ssl: 1 }]), 10_000);
      expect(await said(`${byName}?sslmode=verify-full&sslrootcert=${folder}/ca.pem`)).toEqual([{ ssl: 1 }]);
      expect(await said(`${url}?sslmode=verify-ca&sslrootcert=${folder}/ca.pem`)).toEqual([{ ssl: 1 }]);
      expect(await said(`${url}?sslmode=verify-full&sslrootcert=${folder}/ca.pem`)).toMatch(
        /^unavailable: There is no trusted/,
      );
      expect(await said(`${byName}?sslmode=verify-full`)).toMatch(/^unavailable: There is no trusted/);
      expect(await said(`${byName}?sslmode=verify-ca`)).toMatch(/^unavailable: There is no trusted/);
    },
  );

  it('hands over a long answer row by row, and stops at what the reader throws', async () => {
    const { url } = await database();
    const engine = await opened(url);
    let rows = 0;
    await engine.read((tx) =>
      tx.each('SELECT i FROM generate_series(1, ?) AS i', [200_000], () => {
        rows += 1;
      }),
    );
    expect(rows).toBe(200_000);
    const stopped = engine.read((tx) =>
      tx.each('SELECT i FROM generate_series(1, 10) AS i', [], ({ i }) => {
        if (i === 3) throw new Error('enough');
      }),
    );
    await expect(stopped).rejects.toMatchObject({ code: 'internal' });
    expect(await engine.now()).toBeGreaterThan(NOON - 1e12);
  });

  it('finds rows that have lost what they refer to', async () => {
    const { url } = await database();
    const engine = await opened(url);
    await engine.write(async (tx) => {
      await tx.define('ALTER TABLE one_time_codes DROP CONSTRAINT one_time_codes_user_id_fkey');
      await tx.run("INSERT INTO one_time_codes (user_id, code_id, sealed_hash) VALUES ('nobody', 'c', 'h')");
    });
    expect(await engine.integrity()).toEqual(['one_time_codes has codes of nobody']);
  });
});

function hasOpenssl(): boolean {
  return spawnSync('openssl', ['version']).status === 0;
}

/** An authority, and a certificate by it for `localhost`, readable by the server. */
function certificates(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tls-'));
  chmodSync(folder, 0o755);
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...curve, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test authority');
  openssl('req', ...curve.slice(0, 5), '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  writeFileSync(join(folder, 'san'), 'subjectAltName=DNS:localhost\n');
  openssl(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    'san',
    '-out',
    'server.pem',
  );
  giveAway(folder);
  chmodSync(join(folder, 'server.key'), 0o600);
  return folder;
}
