/** The statements of one connection, each parsed once: parsing costs more than most of them do. */
import type { Database, Statement } from 'sql.js';

export type PreparedStatement = { readonly statement: Statement; readonly columns: readonly string[] };

export type Statements = {
  /** Runs work with the statement of that text, which is reset behind it whatever becomes of it. */
  using<T>(sql: string, work: (prepared: PreparedStatement) => T): T;
};

/** They end with the connection. */
export function statementsOf(database: Database): Statements {
  const known = new Map<string, PreparedStatement>();

  function prepare(sql: string): PreparedStatement {
    if (known.size >= MOST) {
      for (const { statement } of known.values()) statement.free();
      known.clear();
    }
    const statement = database.prepare(sql);
    const prepared = { statement, columns: statement.getColumnNames() };
    known.set(sql, prepared);
    return prepared;
  }

  return {
    using(sql, work) {
      const prepared = known.get(sql) ?? prepare(sql);
      try {
        return work(prepared);
      } finally {
        // A cursor that is left open would keep the transaction from its end.
        prepared.statement.reset();
      }
    },
  };
}

/** Lists of ids make texts without end. */
const MOST = 200;
