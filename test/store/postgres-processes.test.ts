import { afterAll, beforeAll } from 'vitest';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { describeWithPostgres } from '../support/with-postgres.ts';
import { describeProcesses } from './process-contract.ts';
import { temporaryPostgres } from './temporary-postgres.ts';

describeWithPostgres('on a real server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.dispose());

  describeProcesses('postgres', () => temporaryPostgres(server));
});
