/**
 * Secrets of another system for users who are here: all of them or none. Invariant: a secret is compared with others, sealed for
 * its user and erased, and nothing else; whoever has a secret here keeps it.
 */
import { clipped } from '../config/problem.ts';
import type { ForeignSecret, ForeignSecrets, PlacedProblem } from '../import/foreign-secrets.ts';
import type { User } from '../ports.ts';
import { type Actor, mayDo } from '../roles.ts';
import { stateAt } from '../two-factor.ts';
import { type NameKey, nameKey, type UserId } from '../user.ts';
import { pairingOf } from './new-pairing.ts';
import { type DirectoryParts, noMode, notPermitted, storeOf } from './parts.ts';
import { pooledRandom } from './pooled-random.ts';
import type { Refusal } from './refusal.ts';
import { sharingCheck } from './shared-secrets.ts';

export type SecretsImport = {
  readonly found: ForeignSecrets;
  readonly purpose: 'import' | 'check-only';
  /** Who is no user here: a problem like all others, or left out with whatever is wrong about it. */
  readonly strangers: 'problem' | 'left-out';
};

export type SecretsImported = {
  /** `checked`: all is right, nothing was written. */
  readonly kind: 'imported' | 'checked';
  readonly matched: readonly Matched[];
  /** Names of those who were left out since they are no users here. */
  readonly leftOut: readonly string[];
};

export type BadSecrets = { readonly kind: 'bad-secrets'; readonly problems: readonly PlacedProblem[] };

export async function importSecrets(
  parts: DirectoryParts,
  actor: Actor,
  request: SecretsImport,
): Promise<SecretsImported | BadSecrets | Refusal> {
  if (!mayDo(actor, 'manage-two-factor', undefined)) return notPermitted(actor);
  if (parts.config.mode === undefined) return noMode();
  const sorted = await sortOut(parts, request);
  if (sorted.problems.length > 0) return { kind: 'bad-secrets', problems: sorted.problems };
  const { matched, leftOut } = sorted;
  if (request.purpose === 'check-only') return { kind: 'checked', matched, leftOut };
  const withPool = { ...parts, random: pooledRandom(parts.random) };
  const issues = matched.map(({ user, found }) => ({
    userId: user.id,
    pairing: pairingOf(withPool, user.id, found.secret),
  }));
  // Those of strangers too.
  for (const { secret } of request.found.secrets) secret.fill(0);
  const outcome = await storeOf(parts, actor).issueMany(issues, request.found.origin);
  if (outcome.kind === 'refused') return { kind: 'bad-secrets', problems: meanwhile(matched, outcome) };
  return { kind: 'imported', matched, leftOut };
}

export type Matched = { readonly user: User; readonly found: ForeignSecret };

type SortedOut = {
  readonly matched: readonly Matched[];
  readonly leftOut: readonly string[];
  readonly problems: readonly PlacedProblem[];
};

async function sortOut(parts: DirectoryParts, { found, strangers }: SecretsImport): Promise<SortedOut> {
  const users = new Map<NameKey, User>((await parts.store.users()).map((user) => [user.nameKey, user]));
  const isLeftOut = (userName: string) => strangers === 'left-out' && !users.has(nameKey(userName));
  const leftOut = new Set<string>();
  const matched: Matched[] = [];
  const problems: PlacedProblem[] = [];
  for (const problem of found.problems) {
    if (problem.userName !== undefined && isLeftOut(problem.userName)) leftOut.add(problem.userName);
    else problems.push(problem);
  }
  const sharing = sharingCheck(parts, users.values(), found.secrets);
  for (const one of found.secrets) {
    const { place, userName } = one;
    if (isLeftOut(userName)) {
      leftOut.add(userName);
      continue;
    }
    const user = users.get(nameKey(userName));
    const texts = [sharing(one), userProblem(parts, userName, user)].filter((text) => text !== undefined);
    problems.push(...texts.map((text) => ({ place, userName, text })));
    if (user !== undefined) matched.push({ user, found: one });
  }
  return { matched, leftOut: [...leftOut], problems: problems.sort(byPlace) };
}

function userProblem(parts: DirectoryParts, userName: string, user: User | undefined): string | undefined {
  if (user === undefined) return `there is no user ${clipped(userName)}`;
  const state = stateAt(user.twoFactor, parts.clock.now());
  if (state === 'off' || state === 'required') return undefined;
  return `${clipped(user.name)} has a secret here already; leave it out, or deactivate that user first`;
}

function byPlace(one: PlacedProblem, other: PlacedProblem): number {
  if (one.place.file !== other.place.file) return one.place.file < other.place.file ? -1 : 1;
  return (one.place.line ?? 0) - (other.place.line ?? 0);
}

/** Somebody was removed, or given a secret, between the checks and the transaction. */
function meanwhile(
  matched: readonly Matched[],
  outcome: { readonly gone: readonly UserId[]; readonly issued: readonly UserId[] },
): readonly PlacedProblem[] {
  const textOf = new Map<UserId, string>();
  for (const id of outcome.gone) textOf.set(id, 'this user was removed just now');
  for (const id of outcome.issued) textOf.set(id, 'this user was given a secret just now');
  return matched.flatMap(({ user, found: { place, userName } }) => {
    const text = textOf.get(user.id);
    return text === undefined ? [] : [{ place, userName, text }];
  });
}
