/**
 * One user of a restored database: the strictest of what backup, replaced database and audit trail say (stricter.ts).
 * Pure.
 */
import { ROLES, type Role } from '../user.ts';
import { isVoidPassword } from '../void-password.ts';
import { integer, nullableInteger, nullableText, oneOf, text } from './row-cells.ts';
import type { UserSince } from './since-effects.ts';
import type { SqlRow } from './sql-engine.ts';
import type { RestoreRules } from './stricter.ts';

/** What was made stricter than it is in the backup. */
export const STRICTNESS = [
  'removed',
  'disabled',
  'role-lowered',
  'password-void',
  'password-stricter',
  'two-factor-required',
  'pairing-void',
  'requirement-sooner',
  'paired',
  'recovery-codes-void',
  'one-time-code-void',
  'locked-or-failures',
] as const;
export type Strictness = (typeof STRICTNESS)[number];

export type UserSources = {
  readonly backup: SqlRow;
  readonly backupCountsPasswords: boolean;
  /** `removed`: the replaced database no longer has this user. Undefined: it is not known. */
  readonly replaced: SqlRow | 'removed' | undefined;
  /** The replaced database knows all that happened. */
  readonly isCurrent: boolean;
  readonly since: UserSince | undefined;
  readonly someRequired: boolean;
};

export type StricterUser = {
  readonly row: SqlRow;
  readonly changes: readonly Strictness[];
  /** The pairing is that of the backup, or there never was one: its recovery codes may stay. */
  readonly keepsCodes: boolean;
};

export function stricterUser(sources: UserSources, rules: RestoreRules): StricterUser {
  const { backup } = sources;
  const replaced = sources.replaced === 'removed' ? undefined : sources.replaced;
  const removed = sources.replaced === 'removed' || sources.since?.ended === 'removed';
  const pairing = stricterPairing(sources, { replaced, removed, rules });
  const password = stricterPassword(sources, { replaced, rules, isVoid: removed || pairing.voidsPassword });
  const changed: SqlRow = {
    role: removed ? 'user' : lowestRole(sources, replaced),
    disabled: Math.max(
      integer(backup, 'disabled'),
      replaced === undefined ? 0 : integer(replaced, 'disabled'),
      removed || sources.since?.ended === 'disabled' ? 1 : 0,
    ),
    ...password.row,
    ...pairing.row,
  };
  const changes = [
    ...(removed ? (['removed'] as const) : []),
    ...(changed.disabled !== backup.disabled ? (['disabled'] as const) : []),
    ...(changed.role !== backup.role ? (['role-lowered'] as const) : []),
    ...password.changes,
    ...pairing.changes,
  ];
  const version = later(backup, replaced, 'edit_version') ?? 1;
  return {
    row: {
      ...backup,
      ...changed,
      last_login_at: later(backup, replaced, 'last_login_at'),
      edit_version: changes.length > 0 ? version + 1 : version,
    },
    changes,
    keepsCodes: pairing.isKept,
  };
}

/** What each role may do, ascending: everything that an auditor may do, a helpdesk may do too. */
const RANKS: readonly Role[] = ['user', 'auditor', 'helpdesk', 'admin'];

function lowestRole({ backup, since }: UserSources, replaced: SqlRow | undefined): Role {
  const roles = [backup, replaced].flatMap((row) => (row === undefined ? [] : oneOf(row, 'role', ROLES)));
  if (since?.role !== undefined) roles.push(since.role === 'unknown' ? 'user' : since.role);
  return RANKS.find((role) => roles.includes(role)) ?? 'user';
}

type Merging = { readonly replaced: SqlRow | undefined; readonly rules: RestoreRules };
type Merged = { readonly row: SqlRow; readonly changes: readonly Strictness[] };

function stricterPassword(
  { backup, backupCountsPasswords, since }: UserSources,
  { replaced, rules, isVoid }: Merging & { readonly isVoid: boolean },
): Merged {
  const own = nullableText(backup, 'password_hash');
  const other = replaced === undefined ? own : nullableText(replaced, 'password_hash');
  const sameVersion =
    replaced === undefined || integer(backup, 'password_version') === integer(replaced, 'password_version');
  // A better hash of the same password leaves its version.
  const isRehash = sameVersion && backupCountsPasswords && own !== null && other !== null;
  const differs = !sameVersion || (own !== other && !isRehash) || (since?.passwordChanges ?? 0) > 0;
  const becomesVoid = (own !== null || other !== null) && (differs || isVoid || rules.voidPasswords);
  const version = (later(backup, replaced, 'password_version') ?? 1) + (since?.passwordChanges ?? 0);
  const mustChange = Math.max(
    integer(backup, 'must_change_password'),
    replaced === undefined ? 0 : integer(replaced, 'must_change_password'),
    since?.mustChange === true ? 1 : 0,
  );
  const inRows = sooner(backup, replaced, 'password_expires_at');
  const given = since?.passwordExpiresAt;
  const expiresAt = given === undefined ? inRows : Math.min(inRows ?? given, given);
  const row: SqlRow = {
    password_hash: becomesVoid ? rules.voidHash : other,
    password_version: becomesVoid ? version + 1 : version,
    must_change_password: mustChange,
    password_expires_at: expiresAt,
  };
  const isStricter = mustChange !== backup.must_change_password || expiresAt !== backup.password_expires_at;
  if (becomesVoid) return { row, changes: isVoidPassword(own) ? [] : ['password-void'] };
  return { row, changes: isStricter ? ['password-stricter'] : [] };
}

type MergedPairing = Merged & {
  readonly isKept: boolean;
  /** The password alone would do now, or pair a new app, where a code was asked before. */
  readonly voidsPassword: boolean;
};

const NO_PAIRING: SqlRow = {
  pairing_id: null,
  sealed_secret: null,
  issued_at: null,
  expires_at: null,
  paired_at: null,
  last_step: null,
};

function stricterPairing(
  sources: UserSources,
  { replaced, removed, rules }: Merging & { readonly removed: boolean },
): MergedPairing {
  const { backup } = sources;
  const before = state(backup);
  const isRequired =
    removed || [backup, replaced].some((row) => row !== undefined && state(row) !== 'off') || requiredByTrail(sources);
  const had = backup.pairing_id !== null;
  const isKept = !removed && had && pairingIsCurrent(sources, replaced);
  if (isKept) return keptPairing(sources, { replaced, rules });
  const lost = had ? (['pairing-void'] as const) : [];
  if (!isRequired) return { row: {}, changes: [], isKept: true, voidsPassword: false };
  const deferral = had || asksForCodes(replaced) || removed ? null : requiredFrom(sources, replaced);
  const row: SqlRow = {
    ...NO_PAIRING,
    two_factor: 'required',
    required_at: sooner(backup, replaced, 'required_at') ?? rules.now,
    required_from: deferral,
  };
  const isSooner = before === 'required' && deferral !== backup.required_from;
  return {
    row,
    changes: [
      ...(before === 'off' ? (['two-factor-required'] as const) : []),
      ...lost,
      ...(isSooner ? (['requirement-sooner'] as const) : []),
    ],
    isKept: !had && !asksForCodes(replaced),
    voidsPassword: asksForCodes(replaced) || (!sources.isCurrent && sources.since?.pairing === 'replaced'),
  };
}

function keptPairing({ backup, since, isCurrent }: UserSources, { replaced, rules }: Merging): MergedPairing {
  const steps = [backup, replaced].flatMap((row) =>
    row === undefined ? [] : (nullableInteger(row, 'last_step') ?? []),
  );
  const confirmed = !isCurrent && since?.pairing === 'confirmed' ? (since.pairedAt ?? rules.now) : null;
  const pairedAt = later(backup, replaced, 'paired_at') ?? confirmed;
  const isPaired = [backup, replaced].some((row) => row !== undefined && state(row) === 'paired') || confirmed !== null;
  const wasShown = !isCurrent && since?.shown === true;
  const from = requiredFrom({ backup }, replaced);
  const row: SqlRow = {
    two_factor: isPaired ? 'paired' : 'issued',
    paired_at: isPaired ? pairedAt : null,
    expires_at: isPaired || wasShown ? null : ((replaced ?? backup).expires_at ?? null),
    required_from: from,
    last_step: Math.max(rules.lastStep, since?.lastStep ?? 0, ...steps),
  };
  return {
    row,
    changes: isPaired && state(backup) !== 'paired' ? ['paired'] : [],
    isKept: true,
    voidsPassword: false,
  };
}

/** In both; by the trail, where the database is not known to be current. */
function pairingIsCurrent({ backup, since, isCurrent }: UserSources, replaced: SqlRow | undefined): boolean {
  if (replaced !== undefined && replaced.pairing_id !== backup.pairing_id) return false;
  return isCurrent || since === undefined || since.pairing === 'as-was' || since.pairing === 'confirmed';
}

/** A password alone did not do there: a code of an app was asked, or of a QR code that an administrator gave out. */
function asksForCodes(row: SqlRow | undefined): boolean {
  if (row === undefined) return false;
  return state(row) === 'paired' || (state(row) === 'issued' && row.expires_at === null);
}

function requiredByTrail({ isCurrent, since, someRequired }: UserSources): boolean {
  return !isCurrent && (since?.required === true || someRequired);
}

/** The sooner of those that have one; at once, where either is required at once. */
function requiredFrom(
  { backup, ...more }: Pick<UserSources, 'backup'> & Partial<UserSources>,
  replaced: SqlRow | undefined,
) {
  const required = [backup, replaced].flatMap((row) => (row === undefined || state(row) === 'off' ? [] : [row]));
  const dates = required.map((row) => nullableInteger(row, 'required_from'));
  if (more.since?.required === true && more.isCurrent !== true) return null;
  if (required.length === 0 || dates.includes(null)) return null;
  return Math.min(...dates.filter((date) => date !== null));
}

function state(row: SqlRow): string {
  return text(row, 'two_factor');
}

function later(one: SqlRow, other: SqlRow | undefined, column: string): number | null {
  const both = [one, other].flatMap((row) => (row === undefined ? [] : (nullableInteger(row, column) ?? [])));
  return both.length === 0 ? null : Math.max(...both);
}

function sooner(one: SqlRow, other: SqlRow | undefined, column: string): number | null {
  const both = [one, other].flatMap((row) => (row === undefined ? [] : (nullableInteger(row, column) ?? [])));
  return both.length === 0 ? null : Math.min(...both);
}
