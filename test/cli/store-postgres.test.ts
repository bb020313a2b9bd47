import { afterAll, beforeAll, expect, it } from 'vitest';
import { facilityShell } from '../support/gatehouse-process.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { describeWithPostgres } from '../support/with-postgres.ts';

describeWithPostgres('gatehouse store migrate with postgres', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.dispose());

  it('says that the records of the server stay there, where the facility leaves it', async () => {
    const shell = await facilityShell('auto');
    const url = await server.freshUrl();
    await shell.json(['config', 'set', 'Store.Url', url]);
    const there = await shell.run(['store', 'migrate', '--to', 'postgres', '--yes']);
    expect(there).toMatchObject({ status: 0, stderr: expect.not.stringContaining('audit_records') });
    await shell.json(['user', 'add', 'alice', '--no-password']);
    const back = await shell.run(['store', 'migrate', '--to', 'sqlite', '--yes', '--replace']);
    expect(back).toMatchObject({ status: 0, stderr: expect.stringContaining('stay in its table audit_records') });
    const listed = (await shell.run(['audit', 'list'])).stdout;
    expect(listed).toContain('store.migrated');
    expect(listed).not.toContain('alice');
  });
});
