import { afterAll, beforeAll } from 'vitest';
import { describeStoreContract } from '../store-contract/store-contract.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { describeWithPostgres } from '../support/with-postgres.ts';
import { temporaryPostgres } from './temporary-postgres.ts';

describeWithPostgres('on a real server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.dispose());

  describeStoreContract('postgres', () => temporaryPostgres(server));
});
