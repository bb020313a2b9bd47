/** What goes into the audit trail: codes and names, never a secret, a password, a code or an unknown name in clear. */

export const AUDIT_EVENTS = [
  'login.granted',
  'login.denied',
  'login.cancelled',
  'login.unavailable',
  'login.deferred',
  'password.wrong',
  'password.locked',
  'password.changed',
  'code.accepted',
  'code.wrong',
  'code.reused',
  'code.locked',
  'pairing.issued',
  'pairing.imported',
  'pairing.confirmed',
  'pairing.shown',
  'recovery.used',
  'recovery.made',
  'one-time.used',
  'one-time.made',
  'two-factor.required',
  'two-factor.deactivated',
  'user.added',
  'user.imported',
  'user.exported',
  'user.edited',
  'user.disabled',
  'user.enabled',
  'user.unlocked',
  'user.removed',
  'user.password-set',
  'config.changed',
  'config.not-changed',
  'config.edited-outside',
  'key.rotated',
  'store.backup',
  'store.restored',
  'store.migrated',
  'store.upgraded',
  'audit.side-chain',
  'audit.archived',
  'audit.gap-accepted',
  'audit.skipped',
  'facility.created',
  'facility.checked',
  'console.signed-in',
] as const;
export type AuditEventName = (typeof AUDIT_EVENTS)[number];

export type AuditEvent = {
  readonly event: AuditEventName;
  /** Who did it: a user name, or `os:<account>` for commands run in a shell. */
  readonly actor?: string;
  /** Whom it was done to. */
  readonly user?: string;
  /** The id of that user: a name may be somebody else's later. */
  readonly userId?: string;
  /** Of bulk operations: the ids of all who were touched, at most RECORD_USER_IDS in one record. */
  readonly userIds?: readonly string[];
  readonly terminal?: string;
  /** Stable code of why, or how (`password+totp`). */
  readonly detail?: string;
  /** How many were touched, for bulk operations. */
  readonly count?: number;
  /** Answers given while locked since the last record of this counter; they are counted, and not recorded one by one. */
  readonly lockedAnswers?: number;
  /** The time step of a code less the present one: of one that was accepted, or that was wrong but near (`clock-drift.ts`). */
  readonly stepsOff?: number;
};

/** Events of attempts that came to nothing: they are counted where grants and changes can no longer be recorded. */
export function isFailure({ event }: AuditEvent): boolean {
  return FAILURES.has(event);
}

const FAILURES: ReadonlySet<AuditEventName> = new Set([
  'login.denied',
  'login.cancelled',
  'login.unavailable',
  'password.wrong',
  'password.locked',
  'code.wrong',
  'code.reused',
  'code.locked',
]);

/** So many ids fit into one line of the trail (audit-record.ts). */
export const RECORD_USER_IDS = 300;
