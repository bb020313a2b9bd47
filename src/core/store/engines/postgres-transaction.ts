/** One transaction over a connection, as the store sees it. */
import type { Clock } from '../../ports.ts';
import type { SqlReader, SqlWriter } from '../sql-engine.ts';
import type { Lease } from './postgres-pool.ts';
import { ENGINE_TABLES } from './postgres-schema.ts';

export type Transaction = {
  /** Stands in for the database's clock, in tests. */
  readonly clock: Clock | undefined;
  readonly lease: Lease;
};

/** `handedOver`: rows went to somebody who would get them a second time if the transaction were run again. */
export function readerOf({ clock, lease: { connection } }: Transaction): SqlReader & { handedOver(): boolean } {
  let handed = false;
  return {
    now: async () => clock?.now() ?? (await connection.now()),
    all: (sql, params = []) => connection.all(sql, params),
    each: (sql, params, visit) =>
      connection.each(sql, params, (row) => {
        handed = true;
        visit(row);
      }),
    hasTable: async (name) => (await connection.all(TABLE, [name])).length > 0,
    handedOver: () => handed,
  };
}

export function writerOf(
  transaction: Transaction,
  refuseSchema: (tx: SqlReader) => Promise<void>,
): SqlWriter & { hasChanged(): boolean; hasDefined(): boolean } {
  const { connection } = transaction.lease;
  const reader = readerOf(transaction);
  let changed = false;
  let defined = false;
  const count = (touched: number) => {
    if (touched > 0) changed = true;
    return touched;
  };
  return {
    ...reader,
    later(sql, lists) {
      connection.later(sql, lists);
      changed = true;
    },
    run: async (sql, params = []) => count(await connection.run(sql, params)),
    runMany: async (sql, lists) => count(await connection.runMany(sql, lists)),
    async define(sql) {
      if (!defined) {
        await refuseSchema(reader);
        for (const table of ENGINE_TABLES) await connection.run(table, []);
      }
      await connection.run(sql, []);
      defined = true;
      changed = true;
    },
    dialect: { lockRows: ' FOR UPDATE', clustered: '', trail: 'table' },
    hasChanged: () => changed,
    hasDefined: () => defined,
  };
}

/** In the schema that new tables would go to. Partitioned tables ('p') are how Citus and others may have them. */
const TABLE = `SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = current_schema() AND c.relname = ? AND c.relkind IN ('r', 'p')`;
