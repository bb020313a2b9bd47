/** What the Overview says about all users, gathered while they are visited one by one. PURE. */
import { LOCKED_FOR_GOOD } from '../core/lockout.ts';
import type { ListedUser } from '../core/ports.ts';
import type { TwoFactorState } from '../core/two-factor.ts';
import type { EpochMs } from '../core/user.ts';

/** How many, and the names of a few of them. */
export type Named = { readonly count: number; readonly names: readonly string[] };

export type People = {
  readonly total: number;
  readonly counts: Readonly<Record<TwoFactorState, number>>;
  /** Who has the role and an account that is not disabled. */
  readonly admins: Named;
  /** Of those, whoever has two-factor off. */
  readonly bareAdmins: Named;
  /** Until somebody unlocks them. */
  readonly lockedForGood: Named;
  /** For some time yet. */
  readonly waiting: Named;
};

export function createPeopleTally(now: EpochMs): { add(user: ListedUser): void; people(): People } {
  const counts = { off: 0, required: 0, issued: 0, paired: 0 };
  let total = 0;
  const admins = createNamed();
  const bareAdmins = createNamed();
  const lockedForGood = createNamed();
  const waiting = createNamed();
  return {
    add({ name, role, disabled, state, lockedUntil }) {
      total += 1;
      counts[state] += 1;
      if (disabled) return;
      if (role === 'admin') admins.add(name);
      if (role === 'admin' && state === 'off') bareAdmins.add(name);
      if (lockedUntil === LOCKED_FOR_GOOD) lockedForGood.add(name);
      else if (lockedUntil !== null && lockedUntil > now) waiting.add(name);
    },
    people: () => ({
      total,
      counts,
      admins: admins.named(),
      bareAdmins: bareAdmins.named(),
      lockedForGood: lockedForGood.named(),
      waiting: waiting.named(),
    }),
  };
}

/** `ada, bob, chen and 3 more`. */
export function namesText({ count, names }: Named): string {
  const more = count - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}

const NAMES_KEPT = 3;

function createNamed(): { add(name: string): void; named(): Named } {
  const names: string[] = [];
  let count = 0;
  return {
    add(name) {
      count += 1;
      if (names.length < NAMES_KEPT) names.push(name);
    },
    named: () => ({ count, names }),
  };
}
