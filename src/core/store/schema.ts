/**
 * The tables. One row a user, with the pairing in it: the pairing's state and the user's cannot drift apart, and a
 * log-on reads and writes one row. Times are milliseconds since 1970, truth values 0 and 1, ids text that the caller
 * makes.
 */
import { randomUUID } from 'node:crypto';
import type { SqlDialect, SqlWriter } from './sql-engine.ts';

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

/**
 * Audit records in the transactions that make them (docs/decisions/0018-one-truth.md). `users.version` is renamed,
 * which fences off processes of version 1: they do not look at the version again once they are running.
 */
export async function upgradeTo2(tx: SqlWriter): Promise<void> {
  const { trail, clustered } = tx.dialect;
  // A facility that was moved away leaves its records behind, and its ends come back with it (moving/marks.ts).
  const hasRecords = await tx.hasTable('audit_records');
  const ofVersion1 = hasRecords && (await tx.hasTable('audit_heads'));
  await tx.define('ALTER TABLE users RENAME COLUMN version TO edit_version');
  await tx.define('ALTER TABLE users ADD COLUMN password_version INTEGER NOT NULL DEFAULT 1');
  await tx.define('ALTER TABLE failures ADD COLUMN locked_answers INTEGER NOT NULL DEFAULT 0');
  await tx.define('CREATE TABLE facility (epoch TEXT NOT NULL PRIMARY KEY)');
  await tx.run('INSERT INTO facility (epoch) VALUES (?)', [randomUUID()]);
  await tx.define(`CREATE TABLE config_changes (
    id TEXT NOT NULL PRIMARY KEY,
    host TEXT NOT NULL,
    path TEXT NOT NULL,
    setting TEXT NOT NULL,
    actor TEXT NOT NULL,
    digest_before TEXT NOT NULL,
    digest_after TEXT NOT NULL,
    at BIGINT NOT NULL
  )${clustered}`);
  if (ofVersion1) {
    await tx.define('ALTER TABLE audit_records RENAME COLUMN host TO chain');
    await tx.define('ALTER TABLE audit_heads RENAME COLUMN host TO chain');
    await tx.define('ALTER TABLE audit_heads ADD COLUMN skipped BIGINT NOT NULL DEFAULT 0');
    return;
  }
  await tx.define(`CREATE TABLE audit_heads (
    chain TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    mac TEXT NOT NULL,
    seal TEXT NOT NULL,
    skipped BIGINT NOT NULL DEFAULT 0
  )${clustered}`);
  if (hasRecords) return;
  await tx.define(`CREATE TABLE audit_records (
    chain TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (chain, seq)
  )${clustered}`);
  if (trail === 'table') await tx.define('CREATE INDEX audit_records_at ON audit_records (at, chain, seq)');
}
