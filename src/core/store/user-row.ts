/** A user as a row of the table, both ways. A row whose state and pairing contradict each other is damage, not a user. */
import type { StoredCode, User } from '../ports.ts';
import { type Pairing, TWO_FACTOR_STATES, type TwoFactor } from '../two-factor.ts';
import { type EpochMs, type NameKey, ROLES, type UserId } from '../user.ts';
import { damaged, integer, nullableInteger, nullableText, oneOf, text, truth } from './row-cells.ts';
import type { SqlRow } from './sql-engine.ts';

export const USER_COLUMNS = `id, name, name_key, display, group_name, role, disabled, password_hash, must_change_password,
  password_expires_at, two_factor, required_at, required_from, pairing_id, sealed_secret, issued_at, expires_at, paired_at, last_step,
  last_login_at, created_at, edit_version, password_version`;

/** `lockedUntil`: the latest lock over both counters that is in force. */
export function userOf(row: SqlRow, lockedUntil: EpochMs | null): User {
  return {
    id: userIdOf(row, 'id'),
    name: text(row, 'name'),
    nameKey: text(row, 'name_key') as NameKey,
    display: text(row, 'display'),
    group: text(row, 'group_name'),
    role: oneOf(row, 'role', ROLES),
    disabled: truth(row, 'disabled'),
    passwordHash: nullableText(row, 'password_hash'),
    mustChangePassword: truth(row, 'must_change_password'),
    passwordExpiresAt: nullableInteger(row, 'password_expires_at'),
    twoFactor: twoFactorOf(row),
    lastLoginAt: nullableInteger(row, 'last_login_at'),
    createdAt: integer(row, 'created_at'),
    lockedUntil,
    version: integer(row, 'edit_version'),
    passwordVersion: integer(row, 'password_version'),
  };
}

export function userIdOf(row: SqlRow, column: string): UserId {
  return text(row, column) as UserId;
}

export function storedCodeOf(row: SqlRow): StoredCode {
  return {
    id: text(row, 'code_id'),
    sealedHash: text(row, 'sealed_hash'),
    expiresAt: nullableInteger(row, 'expires_at'),
  };
}

/** The parameters that `SET ${PAIRING_COLUMNS}` takes. */
export const PAIRING_COLUMNS =
  'pairing_id = ?, sealed_secret = ?, issued_at = ?, expires_at = ?, paired_at = ?, last_step = ?';

export function pairingValues(pairing: Pairing): readonly (string | number | null)[] {
  const { id, sealedSecret, issuedAt, expiresAt, pairedAt, lastStep } = pairing;
  return [id, sealedSecret, issuedAt, expiresAt, pairedAt, lastStep];
}

function twoFactorOf(row: SqlRow): TwoFactor {
  const state = oneOf(row, 'two_factor', TWO_FACTOR_STATES);
  const pairing = pairingOf(row);
  const needsPairing = state === 'issued' || state === 'paired';
  if (needsPairing !== (pairing !== null)) throw damaged('two_factor');
  return {
    state,
    requiredAt: nullableInteger(row, 'required_at'),
    requiredFrom: nullableInteger(row, 'required_from'),
    pairing,
  };
}

function pairingOf(row: SqlRow): Pairing | null {
  if (nullableText(row, 'pairing_id') === null) return null;
  return {
    id: text(row, 'pairing_id'),
    sealedSecret: text(row, 'sealed_secret'),
    issuedAt: integer(row, 'issued_at'),
    expiresAt: nullableInteger(row, 'expires_at'),
    pairedAt: nullableInteger(row, 'paired_at'),
    lastStep: nullableInteger(row, 'last_step'),
  };
}
