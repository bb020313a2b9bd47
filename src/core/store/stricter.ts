/**
 * What a restored database says of each user: the strictest of the backup, of the database that it replaces, and of the
 * audit trail since (docs/backup.md). Invariant: nothing is granted afterwards that was not granted before. Pure: rows
 * in, rows out.
 */
import { counterOwner, FACTORS, type Factor, type LockoutRules, userCounter } from '../lockout.ts';
import type { EpochMs, UserId } from '../user.ts';
import type { FacilityRows } from './facility-rows.ts';
import { integer, nullableInteger, nullableText, text } from './row-cells.ts';
import { countSince, type SinceEffects } from './since-effects.ts';
import type { SqlRow } from './sql-engine.ts';
import { type Strictness, stricterUser } from './stricter-user.ts';

export type RestoreSources = {
  readonly backup: FacilityRows;
  /** False of a backup of version 1, which counted no passwords. */
  readonly backupCountsPasswords: boolean;
  /** `isCurrent`: nothing happened that it does not know. */
  readonly replaced: (FacilityRows & { readonly isCurrent: boolean }) | undefined;
  /** Undefined: not known. */
  readonly since: SinceEffects | undefined;
};

export type RestoreRules = {
  readonly lockout: LockoutRules;
  readonly now: EpochMs;
  /** No code of a time step up to this one is accepted again. */
  readonly lastStep: number;
  /** Every password is void, whatever is known. */
  readonly voidPasswords: boolean;
  readonly voidHash: string;
};

export type Affected = { readonly id: string; readonly name: string; readonly changes: readonly Strictness[] };

export type Stricter = Omit<FacilityRows, 'oneTimeCodes'> & {
  /**
   * Users of whom something is stricter than in the backup, by name. Time steps, which are everybody's, are not named.
   */
  readonly affected: readonly Affected[];
};

export function stricterFacility(sources: RestoreSources, rules: RestoreRules): Stricter {
  const { backup, replaced, since } = sources;
  const replacedUsers = byKey(replaced?.users ?? [], (row) => text(row, 'id'));
  const failures = stricterFailures(sources, rules);
  const held = recoveryCodesKept(sources);
  const withOneTime = new Set(backup.oneTimeCodes.map((row) => text(row, 'user_id')));
  const codesOf = Map.groupBy(backup.recoveryCodes, (row) => text(row, 'user_id'));
  const users: SqlRow[] = [];
  const recoveryCodes: SqlRow[] = [];
  const affected: Affected[] = [];
  for (const row of backup.users) {
    const id = text(row, 'id');
    const user = stricterUser(
      {
        backup: row,
        backupCountsPasswords: sources.backupCountsPasswords,
        replaced: replaced === undefined ? undefined : (replacedUsers.get(id) ?? 'removed'),
        isCurrent: replaced?.isCurrent === true,
        since: since?.users.get(id),
        someRequired: since?.someRequired === true,
      },
      rules,
    );
    const codes = codesOf.get(id) ?? [];
    const kept = user.keepsCodes ? codes.filter((code) => held(code)) : [];
    const changes: Strictness[] = [...user.changes];
    if (kept.length < codes.length) changes.push('recovery-codes-void');
    if (withOneTime.has(id)) changes.push('one-time-code-void');
    if (failures.raised.has(id)) changes.push('locked-or-failures');
    users.push(user.row);
    recoveryCodes.push(...kept);
    if (changes.length > 0) affected.push({ id, name: text(row, 'name'), changes });
  }
  const byName = (one: Affected, other: Affected) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0);
  return { users, recoveryCodes, failures: failures.rows, affected: affected.sort(byName) };
}

/** Those that exist in both; where the database is not known, none of users who used or renewed theirs. */
function recoveryCodesKept({ replaced, since }: RestoreSources): (code: SqlRow) => boolean {
  const nameOf = (code: SqlRow) => `${text(code, 'user_id')} ${text(code, 'code_id')}`;
  const there = new Set((replaced?.recoveryCodes ?? []).map(nameOf));
  return (code) => {
    if (replaced !== undefined && !there.has(nameOf(code))) return false;
    return replaced?.isCurrent === true || since?.users.get(text(code, 'user_id'))?.recoveryCodes !== true;
  };
}

/** The higher of each count, and the later of each lock: of users in the backup, and of names that nobody has. */
function stricterFailures(sources: RestoreSources, rules: RestoreRules) {
  const { backup, replaced, since } = sources;
  const nameOf = (row: SqlRow) => `${text(row, 'counter')} ${text(row, 'factor')}`;
  const rows = new Map(backup.failures.map((row) => [nameOf(row), row]));
  const raised = new Set<string>();
  const users = new Set(backup.users.map((row) => text(row, 'id')));
  const raise = (row: SqlRow) => {
    const before = rows.get(nameOf(row));
    const after = before === undefined ? row : higherCount(before, row);
    const owner = counterOwner(text(row, 'counter'));
    const isHigher = ['failures', 'locked_until'].some((column) => (after[column] ?? 0) !== (before?.[column] ?? 0));
    if (isHigher && integer(row, 'known') === 1) raised.add(owner);
    rows.set(nameOf(row), after);
  };
  for (const row of replaced?.failures ?? []) {
    if (integer(row, 'known') === 0 || users.has(counterOwner(text(row, 'counter')))) raise(row);
  }
  if (replaced?.isCurrent !== true) {
    for (const id of users)
      for (const factor of FACTORS) {
        const row = failuresByTrail({
          id,
          factor,
          known: rows.get(`${userCounter(id as UserId)} ${factor}`),
          since,
          rules,
        });
        if (row !== undefined) raise(row);
      }
  }
  return { rows: [...rows.values()], raised };
}

function higherCount(one: SqlRow, other: SqlRow): SqlRow {
  const higher = (column: string) => Math.max(nullableInteger(one, column) ?? 0, nullableInteger(other, column) ?? 0);
  const lockedUntil = higher('locked_until');
  return {
    ...one,
    failures: higher('failures'),
    locked_until: lockedUntil === 0 ? null : lockedUntil,
    last_failed_at: higher('last_failed_at'),
    locked_answers: higher('locked_answers'),
  };
}

type ByTrail = {
  readonly id: string;
  readonly factor: Factor;
  readonly known: SqlRow | undefined;
  readonly since: SinceEffects | undefined;
  readonly rules: RestoreRules;
};

function failuresByTrail({ id, factor, known, since, rules }: ByTrail): SqlRow | undefined {
  const found = since?.users.get(id)?.failures[factor];
  const last = found?.at.at(-1);
  if (found === undefined || last === undefined) return undefined;
  const before =
    known === undefined
      ? { failures: 0, lockedUntil: null }
      : { failures: integer(known, 'failures'), lockedUntil: nullableInteger(known, 'locked_until') };
  const { failures, lockedUntil } = countSince(before, found, factor, rules.lockout);
  return {
    counter: userCounter(id as UserId),
    factor,
    failures,
    locked_until: lockedUntil,
    known: 1,
    last_failed_at: last,
    locked_answers: 0,
  };
}

function byKey(rows: readonly SqlRow[], keyOf: (row: SqlRow) => string): ReadonlyMap<string, SqlRow> {
  return new Map(rows.map((row) => [keyOf(row), row]));
}

/** Administrators who can log in by what the rows say: enabled, with a password that is not void. */
export function usableAdmins(users: readonly SqlRow[], isVoid: (hash: string | null) => boolean): number {
  return users.filter((row) => {
    const hash = nullableText(row, 'password_hash');
    return text(row, 'role') === 'admin' && integer(row, 'disabled') === 0 && hash !== null && !isVoid(hash);
  }).length;
}
