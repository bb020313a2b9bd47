/**
 * What the audit trail says of each user since a backup was made. Pure: records in, effects out. Where a record does
 * not say enough (those of version 1 name no users in bulk), the effect is on everybody.
 */
import type { AuditEvent, AuditEventName } from '../audit-event.ts';
import { countFailure, type Factor, type FailureCount, type LockoutRules } from '../lockout.ts';
import { timeStepAt } from '../time-step.ts';
import { type EpochMs, nameKey, ROLES, type Role } from '../user.ts';

export type SinceRecord = AuditEvent & { readonly at: string };

export type UserSince = {
  /** As it was at the end. */
  ended: 'no' | 'disabled' | 'removed';
  /** The last role that was given; `unknown`: a record of that cannot be read. */
  role: Role | 'unknown' | undefined;
  passwordChanges: number;
  /** It had to be changed at some time since. */
  mustChange: boolean;
  /** The soonest that was given. */
  passwordExpiresAt: EpochMs | undefined;
  required: boolean;
  /**
   * `confirmed`: the one of the backup; `replaced`: by one that the backup does not have; `offered`: the same, at a
   * login and not yet confirmed; `gone`: deactivated.
   */
  pairing: 'as-was' | 'confirmed' | 'offered' | 'replaced' | 'gone';
  pairedAt: EpochMs | undefined;
  /** An administrator has seen the secret: it waits for its first code as long as it takes. */
  shown: boolean;
  /** Used or made anew. */
  recoveryCodes: boolean;
  lastStep: number | undefined;
  readonly failures: { readonly [F in Factor]: FailuresSince };
};

/** `cleared`: those of the backup do not count any more. The times of the others, in order. */
export type FailuresSince = { cleared: boolean; at: EpochMs[] };

export type SinceEffects = {
  readonly users: ReadonlyMap<string, UserSince>;
  /** Two-factor was required of users who are not named. */
  readonly someRequired: boolean;
};

/** `idOf`: of users in the backup; a name is somebody else's once its user was removed, so an id counts more. */
export function sinceEffects(
  records: Iterable<SinceRecord>,
  idOf: (user: { readonly id?: string | undefined; readonly key?: string | undefined }) => string | undefined,
): SinceEffects {
  const users = new Map<string, UserSince>();
  let someRequired = false;
  for (const record of records) {
    const ids = record.userIds ?? [
      idOf({ id: record.userId, key: record.user === undefined ? undefined : nameKey(record.user) }),
    ];
    const isBulk = record.userIds === undefined && record.userId === undefined && record.user === undefined;
    if (isBulk && record.event === 'two-factor.required') someRequired = true;
    for (const id of ids) {
      if (id === undefined) continue;
      const user = users.get(id) ?? nothing();
      users.set(id, user);
      EFFECTS[record.event]?.(user, record);
    }
  }
  return { users, someRequired };
}

/** The count that a user has by the trail, on top of what the backup says. */
export function countSince(
  before: FailureCount,
  { cleared, at }: FailuresSince,
  factor: Factor,
  rules: LockoutRules,
): FailureCount {
  const start: FailureCount = cleared ? { failures: 0, lockedUntil: null } : before;
  return at.reduce((count, now) => countFailure(count, factor, rules, now), start);
}

function nothing(): UserSince {
  return {
    ended: 'no',
    role: undefined,
    passwordChanges: 0,
    mustChange: false,
    passwordExpiresAt: undefined,
    required: false,
    pairing: 'as-was',
    pairedAt: undefined,
    shown: false,
    recoveryCodes: false,
    lastStep: undefined,
    failures: { password: { cleared: false, at: [] }, code: { cleared: false, at: [] } },
  };
}

type Effect = (user: UserSince, record: SinceRecord) => void;

const EFFECTS: { readonly [Event in AuditEventName]?: Effect } = {
  'user.disabled': (user) => {
    user.ended = 'disabled';
  },
  'user.enabled': (user) => {
    if (user.ended === 'disabled') user.ended = 'no';
  },
  'user.removed': (user) => {
    user.ended = 'removed';
  },
  'user.edited': (user, { at, detail = '' }) => {
    const fields = new Map(detail.split(',').map((field) => [field.split('=', 1)[0], field.split('=')[1]]));
    if (fields.has('role')) user.role = ROLES.find((role) => role === fields.get('role')) ?? 'unknown';
    // Earlier versions named the field alone.
    if (fields.has('mustChangePassword')) user.mustChange ||= fields.get('mustChangePassword') !== 'no';
    if (fields.has('passwordExpiresAt') && fields.get('passwordExpiresAt') !== 'never') {
      const given = Date.parse(fields.get('passwordExpiresAt') ?? '');
      // One that cannot be read was over when it was given.
      const expiresAt = Number.isNaN(given) ? Date.parse(at) : given;
      user.passwordExpiresAt = Math.min(user.passwordExpiresAt ?? expiresAt, expiresAt);
    }
  },
  'user.password-set': changed,
  'password.changed': changed,
  'two-factor.required': (user) => {
    user.required = true;
  },
  'two-factor.deactivated': (user) => {
    user.required = true;
    user.pairing = 'gone';
    user.recoveryCodes = true;
  },
  'pairing.issued': (user, record) => {
    replaced(user);
    // Whoever has the password gets another one at the next login; an administrator's waits.
    if (record.detail === 'log-on' || record.detail === 'login') user.pairing = 'offered';
  },
  'pairing.imported': replaced,
  'pairing.confirmed': (user, { at }) => {
    if (user.pairing === 'as-was') user.pairing = 'confirmed';
    // Deactivated before, and paired anew: by a secret that was issued meanwhile.
    else user.pairing = 'replaced';
    user.pairedAt = Date.parse(at);
  },
  'pairing.shown': (user) => {
    user.shown = true;
  },
  'recovery.used': spent,
  'recovery.made': spent,
  'code.accepted': accepted,
  'console.signed-in': accepted,
  'login.granted': (user, record) => {
    accepted(user, record);
    clear(user, 'password');
    if (record.detail !== 'password') clear(user, 'code');
  },
  'user.unlocked': (user) => {
    clear(user, 'password');
    clear(user, 'code');
  },
  'password.wrong': (user, { at }) => void user.failures.password.at.push(Date.parse(at)),
  'code.wrong': (user, { at }) => void user.failures.code.at.push(Date.parse(at)),
  'code.reused': (user, { at }) => void user.failures.code.at.push(Date.parse(at)),
};

function changed(user: UserSince): void {
  user.passwordChanges += 1;
}

function replaced(user: UserSince): void {
  user.required = true;
  user.pairing = 'replaced';
}

function spent(user: UserSince): void {
  user.recoveryCodes = true;
}

/** `stepsOff` is of the time of the record; without it the code was of no later step than its own. */
function accepted(user: UserSince, { at, stepsOff = 0 }: SinceRecord): void {
  user.lastStep = Math.max(user.lastStep ?? 0, timeStepAt(Date.parse(at)) + stepsOff);
}

function clear(user: UserSince, factor: Factor): void {
  user.failures[factor].cleared = true;
  user.failures[factor].at = [];
}
