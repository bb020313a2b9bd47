/** A user as lists and `--json` show it (SPEC §6): nothing secret, times as ISO 8601 in UTC. */
import type { User } from '../ports.ts';
import { stateAt, type TwoFactorState } from '../two-factor.ts';
import type { EpochMs, Role, UserStatus } from '../user.ts';

export type UserSummary = {
  readonly name: string;
  readonly display: string;
  readonly group: string;
  readonly role: Role;
  readonly status: UserStatus;
  readonly twoFactor: TwoFactorState;
  readonly mustChangePassword: boolean;
  readonly lastLogin: string | null;
  readonly lockedUntil: string | null;
};

export function summaryOf(user: User, now: EpochMs): UserSummary {
  return {
    name: user.name,
    display: user.display,
    group: user.group,
    role: user.role,
    status: statusOf(user, now),
    twoFactor: stateAt(user.twoFactor, now),
    mustChangePassword: user.mustChangePassword,
    lastLogin: isoTime(user.lastLoginAt),
    lockedUntil: isLocked(user, now) ? isoTime(user.lockedUntil) : null,
  };
}

/** Disabled counts before locked: an admin's decision outlasts a delay. */
export function statusOf(user: Pick<User, 'disabled' | 'lockedUntil'>, now: EpochMs): UserStatus {
  if (user.disabled) return 'disabled';
  return isLocked(user, now) ? 'locked' : 'active';
}

export function isoTime(at: EpochMs | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function isLocked(user: Pick<User, 'lockedUntil'>, now: EpochMs): boolean {
  return user.lockedUntil !== null && user.lockedUntil > now;
}
