/**
 * Require 2FA: for all, a group or a selection, at once or from a date; and its rehearsal. An administrator is not shut out
 * by it: where only an admin's QR code lets somebody in again (Central), the last admin who can log on is left out.
 */
import type { Config, Mode } from '../config/model.ts';
import type { Selection, User } from '../ports.ts';
import { type Actor, mayDo } from '../roles.ts';
import { stateAt, type TwoFactor } from '../two-factor.ts';
import type { EpochMs, UserId } from '../user.ts';
import { type DirectoryParts, noMode, notPermitted, storeOf } from './parts.ts';
import type { Refusal } from './refusal.ts';
import { getsIn } from './shut-out.ts';

/** Whoever has not logged on for so long may not hear of the change in time. */
export const IDLE_DAYS = 90;

export type RollOut = {
  readonly selection: Selection;
  /** Until then a user may put pairing off; null: required at once. */
  readonly from: EpochMs | null;
};

export type SkippedUser = { readonly name: string; readonly reason: 'last-admin' };

export type Required = {
  readonly kind: 'required';
  readonly activated: number;
  readonly alreadyActive: number;
  readonly skipped: readonly SkippedUser[];
};

/** What requiring would do; nothing is written. */
export type Rehearsal = {
  readonly kind: 'rehearsed';
  /** Users who would be activated. */
  readonly affected: readonly User[];
  readonly alreadyActive: number;
  readonly skipped: readonly SkippedUser[];
  /** Those of the affected who have not logged on for 90 days, or never. */
  readonly idle: readonly User[];
  /** Administrators of the affected who could then log on only with a QR code that another one gives them. */
  readonly adminsNeedingQr: readonly User[];
  /** How users go on from there. */
  readonly pairing: 'at-log-on' | 'by-administrator' | 'not-asked';
};

export async function requireTwoFactor(
  parts: DirectoryParts,
  actor: Actor,
  rollOut: RollOut,
): Promise<Required | Refusal> {
  const refused = refusalFor(parts, actor);
  if (refused) return refused;
  // Not a rehearsal: of a hundred thousand users only the administrators have to be looked at.
  const users = await parts.store.users({ role: 'admin' });
  const skipped = lastAdmins({ users, actor, rollOut, outlook: outlookOf(parts, rollOut) });
  const { selection, alreadyActive } = await withoutSkipped(parts, rollOut.selection, skipped);
  const change = { selection, from: rollOut.from, asked: rollOut.selection };
  const outcome = await storeOf(parts, actor).requireTwoFactor(change);
  return {
    kind: 'required',
    activated: outcome.activated.length,
    alreadyActive: alreadyActive ?? outcome.alreadyActive,
    skipped: skipped.map(skippedUser),
  };
}

export async function rehearse(parts: DirectoryParts, actor: Actor, rollOut: RollOut): Promise<Rehearsal | Refusal> {
  const refused = refusalFor(parts, actor);
  if (refused) return refused;
  const outlook = outlookOf(parts, rollOut);
  const users = await parts.store.users();
  const selected = users.filter(chosenBy(rollOut.selection));
  const off = selected.filter((user) => isOff(user, outlook));
  const skipped = lastAdmins({ users, actor, rollOut, outlook });
  const affected = off.filter((user) => !skipped.includes(user));
  const idleSince = outlook.now - IDLE_DAYS * 86_400_000;
  return {
    kind: 'rehearsed',
    affected,
    alreadyActive: selected.length - off.length,
    skipped: skipped.map(skippedUser),
    idle: affected.filter((user) => (user.lastLoginAt ?? 0) < idleSince),
    adminsNeedingQr: affected.filter(
      (user) => user.role === 'admin' && !getsIn(required(user, outlook), outlook.config, outlook.now),
    ),
    pairing: PAIRING[parts.config.mode?.kind ?? 'off'],
  };
}

const PAIRING: Readonly<Record<Mode['kind'], Rehearsal['pairing']>> = {
  auto: 'at-log-on',
  central: 'by-administrator',
  off: 'not-asked',
};

function refusalFor({ config }: DirectoryParts, actor: Actor): Refusal | undefined {
  if (!mayDo(actor, 'manage-two-factor', undefined)) return notPermitted(actor);
  return config.mode === undefined ? noMode() : undefined;
}

type Outlook = { readonly config: Config; readonly from: EpochMs | null; readonly now: EpochMs };

function outlookOf({ config, clock }: DirectoryParts, { from }: RollOut): Outlook {
  return { config, from, now: clock.now() };
}

function isOff(user: User, { now }: Outlook): boolean {
  return stateAt(user.twoFactor, now) === 'off';
}

function skippedUser({ name }: User): SkippedUser {
  return { name, reason: 'last-admin' };
}

/**
 * The admins to leave out: all of the selection, where none would be left who gets in by himself. Whoever names an admin in
 * a shell of the host means it, and can show the QR code there.
 */
function lastAdmins(asked: {
  /** All administrators are among them. */
  readonly users: readonly User[];
  readonly actor: Actor;
  readonly rollOut: RollOut;
  readonly outlook: Outlook;
}): readonly User[] {
  const { users, actor, rollOut, outlook } = asked;
  if (rollOut.selection.kind === 'users' && actor.name.startsWith('os:')) return [];
  const admins = users.filter((user) => user.role === 'admin' && !user.disabled);
  const isChosen = chosenBy(rollOut.selection);
  const becomes = (user: User) => isChosen(user) && isOff(user, outlook);
  const after = admins.map((user) => (becomes(user) ? required(user, outlook) : user));
  if (after.some((user) => getsIn(user, outlook.config, outlook.now))) return [];
  return admins.filter((user) => becomes(user) && getsIn(user, outlook.config, outlook.now));
}

/** The user as Require 2FA would leave them. */
function required(user: User, { from, now }: Outlook): User {
  const twoFactor: TwoFactor = { state: 'required', requiredAt: now, requiredFrom: from, pairing: null };
  return { ...user, twoFactor };
}

function chosenBy(selection: Selection): (user: User) => boolean {
  switch (selection.kind) {
    case 'all':
      return () => true;
    case 'group':
      return (user) => user.group === selection.group;
    case 'users': {
      const ids = new Set<UserId>(selection.ids);
      return (user) => ids.has(user.id);
    }
  }
}

/** Without anybody to leave out, the selection goes to the store as it is, so that users added meanwhile are in it. */
async function withoutSkipped(
  { store }: DirectoryParts,
  selection: Selection,
  skipped: readonly User[],
): Promise<{ readonly selection: Selection; readonly alreadyActive?: number }> {
  if (skipped.length === 0) return { selection };
  const left = new Set<UserId>(skipped.map((user) => user.id));
  const selected = (await store.users()).filter(chosenBy(selection));
  const ids = selected.filter((user) => user.twoFactor.state === 'off' && !left.has(user.id)).map((user) => user.id);
  return { selection: { kind: 'users', ids }, alreadyActive: selected.length - ids.length - skipped.length };
}
