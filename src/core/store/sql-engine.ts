/**
 * What an SQL engine offers to the store. SQL has `?` placeholders and keeps to what SQLite, PostgreSQL and CockroachDB all accept: no
 * sequences, no advisory locks, `ON CONFLICT DO NOTHING` at most. A row is an object keyed by the lower-case column names or aliases of the statement;
 * whole numbers come as numbers, whatever the driver makes of BIGINT. Everything thrown is a Fault: `busy`, `unavailable` or `internal`.
 */
import type { EpochMs } from '../user.ts';

export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export type SqlReader = {
  /** The engine's clock, one reading for the whole transaction, taken after its lock is held. Asked for behind the first statement, it is waited for no longer than that. */
  now(): Promise<EpochMs>;
  all(sql: string, params?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** For long answers: rows one by one, none of them kept by the engine. */
  each(sql: string, params: readonly SqlValue[], visit: (row: SqlRow) => void): Promise<void>;
  hasTable(name: string): Promise<boolean>;
};

export type SqlWriter = SqlReader & {
  /**
   * A change whose outcome nothing hangs on, for each list of parameters: done in its place, and if it fails, so does the transaction. An engine
   * that asks a server does not wait for the answer.
   */
  later(sql: string, lists: readonly (readonly SqlValue[])[]): void;
  /** How many rows were touched. */
  run(sql: string, params?: readonly SqlValue[]): Promise<number>;
  /** The same statement for each list of parameters; how many rows were touched in all. */
  runMany(sql: string, lists: readonly (readonly SqlValue[])[]): Promise<number>;
  /** A statement that changes the schema. */
  define(sql: string): Promise<void>;
  readonly dialect: SqlDialect;
};

export type SqlDialect = {
  /** Ends a SELECT whose rows nobody else may change until the transaction is over: ` FOR UPDATE`, or nothing. */
  readonly lockRows: string;
  /** Ends a CREATE TABLE whose rows are best kept in the order of the key: ` WITHOUT ROWID`, or nothing. */
  readonly clustered: string;
  /** Whether audit records stay in their table, or are copied to files and deleted. */
  readonly trail: 'table' | 'files';
};

export type SqlEngine = {
  /** A consistent view; no lock that keeps writers out. */
  read<T>(work: (tx: SqlReader) => Promise<T>): Promise<T>;
  /**
   * All or nothing, one after the other for rows that are locked; on disk when it resolves. `work` must have no effect but its SQL: an
   * engine may run it again after a serialisation failure.
   */
  write<T>(work: (tx: SqlWriter) => Promise<T>): Promise<T>;
  now(): Promise<EpochMs>;
  /** Another text whenever any process has written. */
  revision(): Promise<string>;
  /** `['ok']`, or what the engine's own check found. */
  integrity(): Promise<readonly string[]>;
  /** A whole, consistent copy as one SQLite file. */
  snapshot(): Promise<Uint8Array>;
  close(): Promise<void>;
};
