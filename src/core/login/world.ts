/** What a login needs of the facility it belongs to, and the little that its steps share. */
import type { AuditEvent } from '../audit-event.ts';
import type { Config, Mode } from '../config/model.ts';
import { secondFactorFor } from '../policy.ts';
import type { AuditLog, Clock, FoundUser, LogOnStore, PasswordHasher, Random, SecretBox, User } from '../ports.ts';
import type { EpochMs, NameKey } from '../user.ts';
import { nameKey } from '../user.ts';
import type { Person } from './state.ts';

export type LoginWorld = {
  readonly config: Config;
  readonly clock: Clock;
  readonly store: LogOnStore;
  readonly hasher: PasswordHasher;
  readonly box: SecretBox;
  readonly random: Random;
  readonly audit: AuditLog;
  /** Counter of a name that no user has: a keyed hash, since somebody may have typed a password there. */
  readonly unknownCounter: (key: NameKey) => string;
  /** True for passwords that everybody tries first. */
  readonly isBlocked: (password: string) => Promise<boolean>;
  /** A host that keeps its own passwords. */
  readonly verifyPassword: ((name: string, password: string) => Promise<boolean>) | undefined;
  /** Where the person sits, for the audit trail. */
  readonly terminal: string | undefined;
};

/** The mode in force; no `2FA` key counts as off only because `open` refuses it where anybody has two-factor on. */
export function modeOf(world: LoginWorld): Mode {
  return world.config.mode ?? { kind: 'off' };
}

export function labelOf(world: LoginWorld): string {
  const mode = modeOf(world);
  return mode.kind === 'off' ? '' : mode.label;
}

export async function findUser(world: LoginWorld, name: string): Promise<FoundUser> {
  return world.store.findUser(nameKey(name));
}

/** What the machine may know of a user whose password was right. */
export async function personOf(world: LoginWorld, user: User, now: EpochMs): Promise<Person> {
  const factor = secondFactorFor({
    mode: modeOf(world),
    twoFactor: user.twoFactor,
    autoPairingWithinDays: world.config.login.autoPairingWithinDays,
    now,
  });
  return {
    userId: user.id,
    name: user.name,
    factor,
    hasOneTimeCode: factor.factor.kind === 'administrator' && (await hasLiveOneTimeCode(world, user, now)),
    mustChangePassword: user.mustChangePassword && world.verifyPassword === undefined,
    paired: user.twoFactor.state === 'paired',
  };
}

export async function record(world: LoginWorld, event: AuditEvent): Promise<void> {
  await world.audit.append(world.terminal === undefined ? event : { ...event, terminal: world.terminal });
}

async function hasLiveOneTimeCode(world: LoginWorld, user: User, now: EpochMs): Promise<boolean> {
  const code = await world.store.oneTimeCode(user.id);
  return code !== undefined && (code.expiresAt === null || code.expiresAt > now);
}
