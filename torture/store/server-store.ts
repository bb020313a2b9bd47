/** A facility's store and trail on a PostgreSQL server, as one of its hosts has them. */
import { parseConfig } from '../../src/core/config/parse.ts';
import { type AuditTrail, openAuditTrail } from '../../src/core/node/audit-trail.ts';
import { openPostgres } from '../../src/core/store/engines/postgres.ts';
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import { openSqlStore } from '../../src/core/store/sql-store.ts';
import { type PlainStore, plainStore } from '../../test/support/plain-store.ts';
import { CLOCK } from './engines.ts';
import { TRAIL_KEY } from './recorded-store.ts';

export type ServerPlan = {
  readonly url: string;
  /** Of config.ini, with nothing in it that is needed. */
  readonly folder: string;
  readonly host: string;
  readonly absent?: 'create';
};

export type OnServer = { readonly engine: SqlEngine; readonly trail: AuditTrail; readonly store: PlainStore };

export async function openOnServer(
  { url, folder, host, absent }: ServerPlan,
  watched = (engine: SqlEngine) => engine,
): Promise<OnServer> {
  const text = `2FA=Off\n[Store]\nEngine=postgres\nUrl=${url}\n[Audit]\nPath=audit\n`;
  const parsed = parseConfig({ text, file: 'config.ini', folder });
  if (parsed.kind !== 'config') throw new Error('no configuration');
  const engine = watched(await openPostgres({ url, absent: absent ?? 'refuse', clock: CLOCK }));
  const trail = await openAuditTrail({ config: parsed.config, key: TRAIL_KEY, clock: CLOCK, engine, host });
  return { engine, trail, store: plainStore(await openSqlStore(engine, trail.journal)) };
}
