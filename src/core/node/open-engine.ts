/** The store engine that config.ini names, each loaded when it is the one. */
import type { Config } from '../config/model.ts';
import type { Clock } from '../ports.ts';
import type { SqlEngine } from '../store/sql-engine.ts';

export type EngineRequest = {
  /** `create` is for whoever sets a facility up; else a database that is missing is a Fault, never an empty one. */
  readonly database: 'existing' | 'create';
  readonly clock: Clock;
};

/** Without a look at the schema. Faults: `unavailable`, `file-refused`, `busy`, `configuration`, `exists`. */
export async function openEngine(store: Config['store'], { database, clock }: EngineRequest): Promise<SqlEngine> {
  const absent = database === 'create' ? 'create' : 'refuse';
  switch (store.engine) {
    case 'sqljs': {
      const { openSqljs } = await import('../store/engines/sqljs.ts');
      return openSqljs({ path: store.path, clock, absent });
    }
    case 'sqlite': {
      const { openSqlite } = await import('../store/engines/sqlite.ts');
      return openSqlite({ path: store.path, clock, absent });
    }
    case 'postgres': {
      // Several hosts share it: the clock is the database's.
      const { openPostgres } = await import('../store/engines/postgres.ts');
      return openPostgres({ url: store.url, absent });
    }
  }
}
