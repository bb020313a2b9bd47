/** Two hosts that share a PostgreSQL database, each with a config.ini and a key file of its own; log-ons are processes of the program as it is installed. */
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { phoneCode, roomInStep } from '../support/authenticator.ts';
import { ADMIN_PASSWORD, emptyShell, type Shell } from '../support/gatehouse-process.ts';
import { jsonLogin } from '../support/host-login.ts';
import { PASSWORD, type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { describeWithPostgres } from '../support/with-postgres.ts';

const LIES = {
  PGHOST: 'elsewhere.invalid',
  PGPORT: '1',
  PGPASSFILE: '/nowhere',
  PGOPTIONS: '-c x=y',
  PGSSLMODE: 'require',
};

describeWithPostgres('two hosts', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.dispose());

  it('let somebody in once by one code, on one of them, and say so in one trail', async () => {
    const url = await server.freshUrl();
    const north = emptyShell();
    const passfile = join(north.folder, 'pgpass');
    writeFileSync(passfile, `127.0.0.1:${server.port}:postgres:*:${PASSWORD}\n`, { mode: 0o600 });
    const address = `${url.replace(`:${PASSWORD}@`, '@')}?passfile=${passfile}`;
    const init = ['init', '--mode', 'central', '--label', 'Ward LIVE', '--admin', 'root', '--password-stdin'];
    const input = `${ADMIN_PASSWORD}\n`;
    const refused = await north.run([...init, '--store-url', url], { input });
    expect([refused.status, refused.stderr]).toEqual([64, expect.stringContaining('may not hold a password')]);
    expect(await north.run([...init, '--store-url', address], { input })).toMatchObject({ status: 0 });
    await north.json(['config', 'set', 'Password.Argon2MemoryMiB', '19']);
    const { stdout } = await north.run(['2fa', 'qr', 'root', '--format', 'uri']);
    const secret = new URL(stdout.trim()).searchParams.get('secret') ?? '';
    const south = secondHost(north);
    expect((await north.run([...init, '--store-url', address], { input })).status).toBe(73);

    const stranger = await emptyShell().run([...init, '--store-url', address], { input });
    expect([stranger.status, stranger.stderr]).toEqual([
      73,
      expect.stringContaining('a facility in the database already'),
    ]);
    expect(await north.json(['user', 'list'])).toMatchObject([{ name: 'root', twoFactor: 'issued' }]);

    await roomInStep(12);
    const code = phoneCode(secret);
    const answers = { username: 'root', password: ADMIN_PASSWORD, code };
    const outcomes = await Promise.all(
      [north, south, north, south].map(async ({ folder }) => (await jsonLogin(folder, answers)).done?.outcome),
    );
    expect(outcomes.filter((outcome) => outcome === 'granted')).toHaveLength(1);

    const trail = (await south.json(['audit', 'list', '--user', 'root'])) as readonly { readonly event: string }[];
    expect(trail.filter(({ event }) => event === 'login.granted')).toHaveLength(1);
    expect(trail.filter(({ event }) => event === 'code.reused').length).toBeGreaterThanOrEqual(1);
    expect(await north.json(['audit', 'verify'], { environment: LIES })).toMatchObject({ ok: true });
    const { checks } = (await north.json(['doctor'])) as { readonly checks: readonly { readonly name: string }[] };
    expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(['server', 'server-tls', 'server-clock']));

    // A table that takes no rows is found by nothing but a write.
    const schema = new URL(url).username;
    await server.ask(`REVOKE INSERT ON ${schema}.audit_records FROM ${schema}`);
    const closed = JSON.parse((await north.run(['doctor', '--json'])).stdout);
    expect(closed.checks.filter(({ level }: { readonly level: string }) => level === 'fail')).toMatchObject([
      { name: 'write', text: expect.stringMatching(/^No one can log in: The database account may not do that/) },
    ]);
    expect((await jsonLogin(north.folder, { ...answers, code: '000000' })).done?.outcome ?? 'no word').not.toBe(
      'granted',
    );
    await server.ask(`GRANT INSERT ON ${schema}.audit_records TO ${schema}`);
    expect(await north.json(['doctor'])).toMatchObject({ ok: true });

    await server.stop('KILL');
    const away = await jsonLogin(south.folder, { ...answers, code: () => phoneCode(secret, 1) });
    expect(away.done?.outcome ?? 'no word').not.toBe('granted');
    expect(away.status).toBe(75);
    await server.start();
  }, 180_000);
});

/** Its own config.ini, key and folder; the database is the same. */
function secondHost(first: Shell): Shell {
  const second = emptyShell();
  mkdirSync(join(second.folder, 'data'), { mode: 0o700 });
  for (const file of ['config.ini', 'data/gatehouse.key']) cpSync(join(first.folder, file), join(second.folder, file));
  chmodSync(join(second.folder, 'data/gatehouse.key'), 0o600);
  return second;
}
