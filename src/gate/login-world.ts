/** What a login needs, out of an open facility. */
import type { LoginWorld } from '../core/login/world.ts';
import type { Facility } from '../core/node/facility.ts';

export type VerifyPassword = NonNullable<LoginWorld['verifyPassword']>;

export function loginWorld(facility: Facility, verifyPassword?: VerifyPassword): Omit<LoginWorld, 'terminal'> {
  const { config, clock, store, hasher, secretBox, random, audit, unknownCounter, isBlockedPassword } = facility;
  return {
    config,
    clock,
    store,
    hasher,
    box: secretBox,
    random,
    audit,
    unknownCounter,
    isBlocked: isBlockedPassword,
    verifyPassword,
  };
}
