/** What the engine has beside the tables of the store, made together with them. */

/**
 * How often each of the writers has written. A counter in one row would make all of them wait for each other's COMMIT; a connection adds to the row it
 * drew, and the sum is a number that every write raises.
 */
export const ENGINE_TABLES: readonly string[] = [
  'CREATE TABLE IF NOT EXISTS store_writes (slot SMALLINT NOT NULL PRIMARY KEY, writes BIGINT NOT NULL)',
];

const SLOTS = 64;

/** A statement without parameters, to go along with COMMIT. */
export function noteWrite(): string {
  const slot = Math.floor(Math.random() * SLOTS);
  return `INSERT INTO store_writes (slot, writes) VALUES (${slot}, 1) ON CONFLICT (slot) DO UPDATE SET writes = store_writes.writes + 1`;
}

export const WRITES_SO_FAR = 'SELECT COALESCE(SUM(writes), 0) AS writes FROM store_writes';
