/**
 * The tables. One row a user, with the pairing in it: the pairing's state and the user's cannot drift apart, and a log-on reads and writes one
 * row. Times are milliseconds since 1970, truth values 0 and 1, ids text that the caller makes.
 */
import type { SqlDialect } from './sql-engine.ts';

export const SCHEMA_1 = (dialect: SqlDialect): readonly string[] => [
  `CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    display TEXT NOT NULL,
    group_name TEXT NOT NULL,
    role TEXT NOT NULL,
    disabled SMALLINT NOT NULL,
    password_hash TEXT,
    must_change_password SMALLINT NOT NULL,
    password_expires_at BIGINT,
    two_factor TEXT NOT NULL,
    required_at BIGINT,
    required_from BIGINT,
    pairing_id TEXT,
    sealed_secret TEXT,
    issued_at BIGINT,
    expires_at BIGINT,
    paired_at BIGINT,
    last_step BIGINT,
    last_login_at BIGINT,
    created_at BIGINT NOT NULL,
    version INTEGER NOT NULL
  )`,
  `CREATE TABLE failures (
    counter TEXT NOT NULL,
    factor TEXT NOT NULL,
    failures INTEGER NOT NULL,
    locked_until BIGINT,
    known SMALLINT NOT NULL,
    last_failed_at BIGINT NOT NULL,
    PRIMARY KEY (counter, factor)
  )${dialect.clustered}`,
  `CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users (id),
    code_id TEXT NOT NULL,
    sealed_hash TEXT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (user_id, code_id)
  )${dialect.clustered}`,
  `CREATE TABLE one_time_codes (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
    code_id TEXT NOT NULL,
    sealed_hash TEXT NOT NULL,
    expires_at BIGINT
  )${dialect.clustered}`,
];
