/**
 * Which statements destroy something. Invariant: after a transaction that took a secret, a code or a password hash out of the database, nothing of
 * it may be read in the write-ahead log either, which keeps former pages until it is emptied.
 */

/** True for SQL that removes rows (but for failure counters, audit records and announced changes, which hold no secret) or writes over a sealed or hashed cell. */
export function destroys(sql: string): boolean {
  return REMOVES_ROWS.test(sql) || WRITES_OVER.test(sql);
}

const REMOVES_ROWS = /^\s*DELETE\s+FROM\s+(?!(?:failures|audit_records|config_changes)\b)/i;
const WRITES_OVER = /^\s*UPDATE\b.*\b(?:sealed_secret|sealed_hash|password_hash)\s*=/is;
