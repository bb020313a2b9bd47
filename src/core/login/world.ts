/** What a login needs of the facility it belongs to, and the little that its steps share. */
import type { Config, Mode } from '../config/model.ts';
import { secondFactorFor } from '../policy.ts';
import type {
  AuditContext,
  Clock,
  FoundUser,
  GrantRecord,
  LoginReads,
  LoginStore,
  MaintenanceWrites,
  PasswordHasher,
  Random,
  SecretBox,
  User,
} from '../ports.ts';
import { CONSOLE_ROLES } from '../roles.ts';
import type { EpochMs, NameKey } from '../user.ts';
import { nameKey } from '../user.ts';
import { methodOf, type Person, type Proof } from './state.ts';

/** What stands behind a login, for everybody who logs in: `LoginWorld` is it for one of them. */
export type LoginDeps = Omit<LoginWorld, 'store' | 'console'> & {
  readonly store: LoginReads & { by(who: AuditContext): LoginWorld['store'] };
};

export type LoginWorld = {
  readonly config: Config;
  /** The mode as config.ini has it now, which may be another than when the login began. */
  readonly modeNow: () => Mode | undefined;
  readonly clock: Clock;
  /** Records what it changes as done at this person's terminal. */
  readonly store: LoginStore & Pick<MaintenanceWrites, 'record'>;
  readonly hasher: PasswordHasher;
  readonly box: SecretBox;
  readonly random: Random;
  /** Counter of a name that no user has: a keyed hash, since somebody may have typed a password there. */
  readonly unknownCounter: (key: NameKey) => string;
  /** True for passwords that everybody tries first. */
  readonly isBlocked: (password: string) => Promise<boolean>;
  /** A host that keeps its own passwords. */
  readonly verifyPassword: ((name: string, password: string) => Promise<boolean>) | undefined;
  /** Signing in to the console, or proving who one is there: only for users with a role. */
  readonly console: 'sign-in' | 'step-up' | undefined;
};

/** The mode in force; no `2FA` key counts as off only because `open` refuses it where anybody has two-factor on. */
export function modeOf(world: LoginWorld): Mode {
  return world.config.mode ?? { kind: 'off' };
}

export function labelOf(world: LoginWorld): string {
  const mode = modeOf(world);
  return mode.kind === 'off' ? '' : mode.label;
}

/** Whether a login without a code may be granted: by the mode that counts now. */
export function twoFactorRequiredNow(world: LoginWorld): 'never' | 'by-user' {
  // Only 2FA=Off switches it off: a setting that is missing by now lets nobody in without it (SPEC §2).
  return world.modeNow()?.kind === 'off' ? 'never' : 'by-user';
}

export async function findUser(world: LoginWorld, name: string): Promise<FoundUser> {
  return world.store.findUser(nameKey(name));
}

/** What the machine may know of a user whose password was right. */
export async function personOf(
  world: LoginWorld,
  user: User,
  { now, epoch }: Pick<FoundUser, 'now' | 'epoch'>,
): Promise<Person> {
  const factor = secondFactorFor({
    mode: modeOf(world),
    twoFactor: user.twoFactor,
    autoPairingWithinDays: world.config.login.autoPairingWithinDays,
    now,
  });
  return {
    claim: {
      userId: user.id,
      passwordVersion: world.verifyPassword === undefined ? user.passwordVersion : null,
      epoch,
      ...(world.console === undefined ? {} : { roles: CONSOLE_ROLES }),
    },
    name: user.name,
    factor,
    hasOneTimeCode: factor.factor.kind === 'administrator' && (await hasLiveOneTimeCode(world, user, now)),
    mustChangePassword: user.mustChangePassword && world.verifyPassword === undefined,
    paired: user.twoFactor.state === 'paired',
    pairingId: user.twoFactor.pairing?.id ?? null,
    requiredAt: user.twoFactor.requiredAt,
  };
}

/** How the trail says that, and how, somebody came in. */
export function grantRecord(world: LoginWorld, proof: Pick<Proof, 'by'> & { readonly stepsOff?: number }): GrantRecord {
  const { stepsOff } = proof;
  return {
    event: proof.by === 'not-yet-required' ? 'login.deferred' : 'login.granted',
    detail: methodOf(proof.by),
    ...(stepsOff === undefined ? {} : { stepsOff }),
    ...(world.console === 'sign-in' ? { console: true } : {}),
  };
}

async function hasLiveOneTimeCode(world: LoginWorld, user: User, now: EpochMs): Promise<boolean> {
  const code = await world.store.oneTimeCode(user.id);
  return code !== undefined && (code.expiresAt === null || code.expiresAt > now);
}
