/** The rows of a facility that a restore compares, read whole; and how its outcome is put back. */
import { randomUUID } from 'node:crypto';
import { integer, nullableInteger, text } from './row-cells.ts';
import type { SqlReader, SqlRow, SqlValue, SqlWriter } from './sql-engine.ts';
import { insertInto, TABLES, type Table } from './tables.ts';
import { userOf } from './user-row.ts';

export type FacilityRows = {
  readonly users: readonly SqlRow[];
  readonly failures: readonly SqlRow[];
  readonly recoveryCodes: readonly SqlRow[];
  readonly oneTimeCodes: readonly SqlRow[];
};

/**
 * `lock` (` FOR UPDATE` or nothing): nobody changes them until the transaction is over; users first, behind whose rows
 * all else of them is changed.
 */
export async function readFacilityRows(tx: SqlReader, lock = ''): Promise<FacilityRows> {
  return {
    users: await rowsOf(tx, 'users', lock),
    failures: await rowsOf(tx, 'failures', lock),
    recoveryCodes: await rowsOf(tx, 'recovery_codes', ''),
    oneTimeCodes: await rowsOf(tx, 'one_time_codes', ''),
  };
}

/** Throws a Fault for a row that contradicts itself, or holds what does not belong there. */
export function refuseDamagedRows({ users, failures, recoveryCodes, oneTimeCodes }: FacilityRows): void {
  for (const row of users) userOf(row, null);
  for (const row of failures) {
    for (const column of ['counter', 'factor']) text(row, column);
    for (const column of ['failures', 'known', 'last_failed_at', 'locked_answers']) integer(row, column);
    nullableInteger(row, 'locked_until');
  }
  for (const row of [...recoveryCodes, ...oneTimeCodes]) {
    for (const column of ['user_id', 'code_id', 'sealed_hash']) text(row, column);
  }
}

/** Of a whole table, such as `audit_heads`. */
export function rowsOf(tx: SqlReader, name: string, lock = ''): Promise<readonly SqlRow[]> {
  const { columns } = tableOf(name);
  return tx.all(`SELECT ${columns.join(', ')} FROM ${name}${lock}`);
}

/**
 * In the place of all users and what belongs to them; one-time codes never come back. The facility gets a new epoch.
 */
export async function replaceFacilityRows(
  tx: SqlWriter,
  { users, failures, recoveryCodes }: Omit<FacilityRows, 'oneTimeCodes'>,
): Promise<void> {
  for (const name of ['one_time_codes', 'recovery_codes', 'failures', 'users']) await tx.run(`DELETE FROM ${name}`);
  await insertRows(tx, 'users', users);
  await insertRows(tx, 'failures', failures);
  await insertRows(tx, 'recovery_codes', recoveryCodes);
  await tx.run('DELETE FROM facility');
  await tx.run('INSERT INTO facility (epoch) VALUES (?)', [randomUUID()]);
}

export async function insertRows(tx: SqlWriter, name: string, rows: readonly SqlRow[]): Promise<void> {
  if (rows.length === 0) return;
  const table = tableOf(name);
  await tx.runMany(
    insertInto(table),
    rows.map((row) => table.columns.map((column): SqlValue => row[column] ?? null)),
  );
}

/** Ids of users by the key of their name. */
export function idsByName({ users }: FacilityRows): ReadonlyMap<string, string> {
  return new Map(users.map((row) => [text(row, 'name_key'), text(row, 'id')]));
}

function tableOf(name: string): Table {
  const table = TABLES.find((one) => one.name === name);
  if (table === undefined) throw new Error(`no table ${name}`);
  return table;
}
