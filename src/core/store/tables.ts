/**
 * What the tables of the schema hold, column by column, for whoever copies a facility as it is: snapshots and `store migrate`. A table comes
 * after those it refers to. Audit records are not among them: they are in the files by then, or stay where they are.
 */

export type Table = {
  readonly name: string;
  /** Columns of the primary key, in its order. */
  readonly key: readonly string[];
  readonly columns: readonly string[];
};

export const TABLES: readonly Table[] = [
  {
    name: 'users',
    key: ['id'],
    columns: [
      'id',
      'name',
      'name_key',
      'display',
      'group_name',
      'role',
      'disabled',
      'password_hash',
      'must_change_password',
      'password_expires_at',
      'two_factor',
      'required_at',
      'required_from',
      'pairing_id',
      'sealed_secret',
      'issued_at',
      'expires_at',
      'paired_at',
      'last_step',
      'last_login_at',
      'created_at',
      'edit_version',
      'password_version',
    ],
  },
  {
    name: 'failures',
    key: ['counter', 'factor'],
    columns: ['counter', 'factor', 'failures', 'locked_until', 'known', 'last_failed_at', 'locked_answers'],
  },
  {
    name: 'recovery_codes',
    key: ['user_id', 'code_id'],
    columns: ['user_id', 'code_id', 'sealed_hash', 'expires_at'],
  },
  {
    name: 'one_time_codes',
    key: ['user_id'],
    columns: ['user_id', 'code_id', 'sealed_hash', 'expires_at'],
  },
  { name: 'facility', key: ['epoch'], columns: ['epoch'] },
  { name: 'audit_heads', key: ['chain'], columns: ['chain', 'seq', 'mac', 'seal', 'skipped'] },
];

export function insertInto({ name, columns }: Table): string {
  return `INSERT INTO ${name} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
}
