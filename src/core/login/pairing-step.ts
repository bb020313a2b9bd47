/** Auto pairing: a new secret, sealed and stored before it is shown; only a right code makes a pairing of it. */
import { pairingBinding } from '../binding.ts';
import { newId } from '../directory/new-id.ts';
import { keyUri, SECRET_BYTES, typedKey } from '../key-uri.ts';
import { type Pairing, UNCONFIRMED_PAIRING_MS } from '../two-factor.ts';
import type { LoginEvent, Person } from './state.ts';
import { findUser, type LoginWorld, labelOf } from './world.ts';

export async function issuePairing(world: LoginWorld, person: Person): Promise<LoginEvent> {
  const { user, now } = await findUser(world, person.name);
  const { claim } = person;
  if (user === undefined || user.id !== claim.userId) return { type: 'claim-void', why: 'user-removed' };
  const secret = world.random.bytes(SECRET_BYTES);
  const id = newId(world.random);
  const label = labelOf(world);
  const sealedSecret = world.box.seal(secret, pairingBinding(user.id, id));
  const uri = keyUri({ label, user: user.name, secret });
  const key = typedKey(secret);
  secret.fill(0);
  const pairing: Pairing = {
    id,
    sealedSecret,
    issuedAt: now,
    expiresAt: now + UNCONFIRMED_PAIRING_MS,
    pairedAt: null,
    lastStep: null,
  };
  const seen = user.twoFactor.pairing?.id ?? null;
  const outcome = await world.store.issuePairing({ claim, rules: world.config.lockout, seen, pairing });
  if (outcome === 'changed') return { type: 'pairing-lost' };
  if (outcome !== 'issued') {
    if (outcome.kind === 'void') return { type: 'claim-void', why: outcome.why };
    return { type: 'code-refused', why: 'locked', retryAfterSeconds: outcome.retryAfterSeconds, trail: 'has-it' };
  }
  const expiresInSeconds = UNCONFIRMED_PAIRING_MS / 1000;
  return {
    type: 'pairing-issued',
    pairingId: id,
    shown: { type: 'pair', label, user: user.name, uri, key, expiresInSeconds },
  };
}
