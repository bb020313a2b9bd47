/** What a login needs, out of an open facility. */
import type { Mode } from '../core/config/model.ts';
import type { LoginDeps } from '../core/login/world.ts';
import type { Facility } from '../core/node/facility.ts';

export type VerifyPassword = NonNullable<LoginDeps['verifyPassword']>;

export type LoginHost = {
  readonly verifyPassword?: VerifyPassword | undefined;
  /** The mode as config.ini has it now; else the facility's. */
  readonly modeNow?: () => Mode | undefined;
};

export function loginDeps(facility: Facility, { verifyPassword, modeNow }: LoginHost = {}): LoginDeps {
  const { config, clock, store, hasher, secretBox, random, unknownCounter, isBlockedPassword } = facility;
  return {
    config,
    modeNow: modeNow ?? (() => facility.config.mode),
    clock,
    store,
    hasher,
    box: secretBox,
    random,
    unknownCounter,
    isBlocked: isBlockedPassword,
    verifyPassword,
  };
}
