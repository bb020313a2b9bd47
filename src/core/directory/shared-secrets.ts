/** Invariant: two users never share a secret; each could log on with the other's phone. */
import { pairingBinding } from '../binding.ts';
import { clipped } from '../config/problem.ts';
import { type ForeignSecret, placeText } from '../import/foreign-secrets.ts';
import type { User } from '../ports.ts';
import { stateAt } from '../two-factor.ts';
import { type NameKey, nameKey } from '../user.ts';
import type { DirectoryParts } from './parts.ts';

/** What is wrong with a secret beside those asked about before it, and beside those of the users who are here; undefined for nothing. */
export type SharingCheck = (one: ForeignSecret) => string | undefined;

export function sharingCheck(
  parts: DirectoryParts,
  users: Iterable<User>,
  secrets: readonly ForeignSecret[],
): SharingCheck {
  const owners = ownersOf(parts, users, secrets);
  const placeOfUser = new Map<NameKey, string>();
  const placeOfSecret = new Map<string, string>();
  return ({ place, userName, secret }) => {
    const here = placeText(place);
    const [key, bytes] = [nameKey(userName), secret.join()];
    const [user, same, owner] = [placeOfUser.get(key), placeOfSecret.get(bytes), owners.get(bytes)];
    placeOfUser.set(key, user ?? here);
    placeOfSecret.set(bytes, same ?? here);
    if (user !== undefined) return `the user ${clipped(userName)} has a secret in ${user} already`;
    if (same !== undefined) return `it has the same secret as ${same}, ${SHARED}; leave both out`;
    if (owner === undefined || owner.nameKey === key) return undefined;
    return `it has the same secret as ${clipped(owner.name)} has here, ${SHARED}; leave it out`;
  };
}

const SHARED = 'so each could log on as the other';

/** Who has one of these secrets here already, by its bytes. Each secret that is here is opened once and erased. */
function ownersOf(
  { secretBox, clock }: DirectoryParts,
  users: Iterable<User>,
  secrets: readonly ForeignSecret[],
): ReadonlyMap<string, User> {
  const wanted = new Set(secrets.map(({ secret }) => secret.join()));
  const now = clock.now();
  const owners = new Map<string, User>();
  for (const user of users) {
    const { pairing } = user.twoFactor;
    if (pairing === null || stateAt(user.twoFactor, now) === 'required') continue;
    const secret = secretBox.open(pairing.sealedSecret, pairingBinding(user.id, pairing.id));
    const bytes = secret.join();
    secret.fill(0);
    if (wanted.has(bytes)) owners.set(bytes, user);
  }
  return owners;
}
