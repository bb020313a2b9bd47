/** Where the facilities of the bench keep their users: a file beside config.ini, or a PostgreSQL server that is started when first needed. */
import type { StoreEngine } from '../src/core/config/model.ts';

export type Databases = {
  /** Lines of the section `[Store]` for a new database of that name. */
  section(engine: StoreEngine, name: string): Promise<string>;
  close(): Promise<void>;
};

export function openDatabases(): Databases {
  return {
    async section(engine) {
      if (engine === 'postgres') throw new Error('There is no PostgreSQL server for the bench.');
      return `Engine=${engine}\n`;
    },
    close: async () => undefined,
  };
}
