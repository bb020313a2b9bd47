/**
 * One connection in one transaction. Invariant: it has committed only where the server says COMMIT; a commit that rejects with a lost connection may have
 * happened. Nothing but questions is sent before the server has said that the transaction has begun: outside of one a change would be there to stay. Every
 * wait has an end: a network that went dead says nothing. What is thrown is for `postgres-fault.ts`.
 */
import type { Client, Query, QueryResult } from 'pg';
import { Fault } from '../../errors.ts';
import type { EpochMs } from '../../user.ts';
import type { SqlRow, SqlValue } from '../sql-engine.ts';
import { CONNECT_MS, STATEMENT_MS } from './postgres-client-config.ts';
import { connectionErrorOf, isRefusedUnseen } from './postgres-fault.ts';
import { insertOfColumns } from './postgres-many.ts';
import { cutOff, type PostgresModule } from './postgres-module.ts';
import { numbered } from './postgres-placeholders.ts';

export type PostgresConnection = {
  /** The database's clock when the transaction began. Rejects where it did not: then nothing has happened. */
  now(): Promise<EpochMs>;
  all(sql: string, params: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  each(sql: string, params: readonly SqlValue[], visit: (row: SqlRow) => void): Promise<void>;
  /** Sent, and answered for by `commit`. */
  later(sql: string, lists: readonly (readonly SqlValue[])[]): void;
  /** Rows touched. */
  run(sql: string, params: readonly SqlValue[]): Promise<number>;
  runMany(sql: string, lists: readonly (readonly SqlValue[])[]): Promise<number>;
  /** `last` is a statement that goes along, in the same round trip. */
  commit(last: string): Promise<void>;
  rollback(): Promise<void>;
};

/** Begins at once; the first questions are asked in the same round trip. */
export function connectionOf(
  client: Client,
  { Query: RowQuery }: Pick<PostgresModule, 'Query'>,
  kind: 'read' | 'write',
): PostgresConnection {
  /** What is waited for longer than `ms` fails as a connection that was lost. */
  async function within<T>(ms: number, work: Promise<T>): Promise<T> {
    const timer = setTimeout(() => cutOff(client), ms);
    try {
      return await work;
    } catch (thrown) {
      throw connectionErrorOf(thrown);
    } finally {
      clearTimeout(timer);
    }
  }
  const send = (sql: string, params: readonly (SqlValue | readonly SqlValue[])[]) =>
    within(ANSWER_MS, client.query<SqlRow>(numbered(sql), [...params]));
  /** Several statements in one round trip, without parameters. */
  const script = async (sql: string, ms: number) => resultsOf(await within(ms, client.query<SqlRow>(sql)));

  let begun: 'begun' | undefined;
  const began = begin();
  // Before anything that waits for it goes on. Where it did not, whoever asks for anything is told.
  began.then(
    () => {
      begun = 'begun';
    },
    () => undefined,
  );
  async function begin(): Promise<EpochMs> {
    const row = (await script(`${BEGIN[kind]}; ${CLOCK}`, CONNECT_MS)).at(-1)?.rows[0];
    if (typeof row?.now !== 'number') throw new Error('no clock');
    return row.now;
  }

  /** Statements whose answers nobody has waited for yet. Where one fails the server commits nothing, whatever was sent behind it. */
  const sentAhead: Promise<unknown>[] = [];
  const ask = async (sql: string, params: readonly (SqlValue | readonly SqlValue[])[]) => {
    try {
      return await send(sql, params);
    } catch (thrown) {
      // Refused for what failed before it: that is what has to be known.
      if (isRefusedUnseen(thrown)) await Promise.all(sentAhead);
      throw thrown;
    }
  };

  const change: typeof ask = (sql, params) =>
    begun === undefined ? began.then(() => ask(sql, params)) : ask(sql, params);

  /** All are sent before the first is answered, and parsed once; the name is gone again when the transaction goes on. */
  async function oneByOne(sql: string, lists: readonly (readonly SqlValue[])[]): Promise<number> {
    statements += 1;
    const name = `many_${statements}`;
    const text = numbered(sql);
    const sent = lists.map((values) => client.query<SqlRow>({ name, text, values: [...values] }));
    const answers = await within(ANSWER_MS, Promise.all(sent));
    await script(`DEALLOCATE ${name}`, ANSWER_MS);
    return answers.reduce((touched, { rowCount }) => touched + (rowCount ?? 0), 0);
  }

  return {
    now: () => began,
    async all(sql, params) {
      // Behind changes that wait for the beginning.
      if (begun === undefined && sentAhead.length > 0) await began;
      const [, answer] = await Promise.all([began, ask(sql, params)]);
      return answer.rows;
    },
    async each(sql, params, visit) {
      await began;
      const failure = await within(ANSWER_MS, eachRow(client, new RowQuery<SqlRow>(numbered(sql), [...params]), visit));
      if (failure !== undefined) throw failure.thrown;
    },
    later(sql, lists) {
      const insert = insertOfColumns(sql, lists);
      const sent =
        insert === undefined ? lists.map((params) => change(sql, params)) : [change(insert.sql, insert.arrays)];
      // Told by `commit`, where it comes to that; what fails before it is told instead.
      for (const answer of sent) answer.catch(() => undefined);
      sentAhead.push(...sent);
    },
    run: async (sql, params) => (await change(sql, params)).rowCount ?? 0,
    async runMany(sql, lists) {
      await began;
      let touched = 0;
      for (let start = 0; start < lists.length; start += PORTION) {
        const portion = lists.slice(start, start + PORTION);
        const insert = insertOfColumns(sql, portion);
        if (insert !== undefined) touched += (await ask(insert.sql, insert.arrays)).rowCount ?? 0;
        else touched += await oneByOne(sql, portion);
      }
      return touched;
    },
    async commit(last) {
      await began;
      const committed = script(`${last}; COMMIT`, ANSWER_MS);
      committed.catch(() => undefined);
      // The first failure is the one that says why.
      await Promise.all(sentAhead);
      const results = await committed;
      // A transaction in which a statement failed answers COMMIT with ROLLBACK.
      if (results.at(-1)?.command !== 'COMMIT') throw new Fault('internal', 'The database rolled a transaction back.');
    },
    async rollback() {
      // Behind changes that wait for the beginning.
      await began.catch(() => undefined);
      await script('ROLLBACK', CONNECT_MS);
    },
  };
}

let statements = 0;

/** The server gives up first, and says so. */
const ANSWER_MS = STATEMENT_MS + 10_000;

/** Rows or statements that go out together. */
const PORTION = 2000;

const BEGIN = {
  read: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  write: 'BEGIN ISOLATION LEVEL READ COMMITTED',
} as const;

/** Not `now()`: the same, but said to be the moment at which it is asked. */
const CLOCK = 'SELECT CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000) AS BIGINT) AS now';

function resultsOf(answer: QueryResult<SqlRow> | readonly QueryResult<SqlRow>[]): readonly QueryResult<SqlRow>[] {
  return [answer].flat();
}

type VisitFailure = { readonly thrown: unknown } | undefined;

/** Each row is handed over when it has come, and forgotten. Answers what `visit` threw; after that it is not called again. */
function eachRow(client: Client, query: Query<SqlRow>, visit: (row: SqlRow) => void): Promise<VisitFailure> {
  return new Promise((resolve, reject) => {
    let failure: VisitFailure;
    query.on('row', (row) => {
      if (failure !== undefined) return;
      try {
        visit(row);
      } catch (thrown) {
        failure = { thrown };
      }
    });
    query.on('error', reject);
    query.on('end', () => resolve(failure));
    client.query(query);
  });
}
