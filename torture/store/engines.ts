/** The store engines that a torment is put to: the file ones, each opened as the facility does it. */
import type { Clock } from '../../src/core/ports.ts';
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';

export const FILE_ENGINES = ['sqljs', 'sqlite'] as const;
export type FileEngine = (typeof FILE_ENGINES)[number];

/** Everything happens at noon. */
export const NOON = Date.UTC(2026, 10, 24, 12, 0, 0);
export const CLOCK: Clock = { now: () => NOON };

/** A machine that is tortured has other things to do. */
const LOCK_WAIT_MS = 60_000;

export type Opening = { readonly engine: FileEngine; readonly path: string; readonly absent?: 'refuse' | 'create' };

export async function openFileEngine({ engine, path, absent = 'refuse' }: Opening): Promise<SqlEngine> {
  switch (engine) {
    case 'sqljs': {
      const { openSqljs } = await import('../../src/core/store/engines/sqljs.ts');
      return openSqljs({ path, clock: CLOCK, absent, lockWaitMs: LOCK_WAIT_MS });
    }
    case 'sqlite': {
      const { openSqlite } = await import('../../src/core/store/engines/sqlite.ts');
      return openSqlite({ path, clock: CLOCK, absent, lockWaitMs: LOCK_WAIT_MS });
    }
  }
}
