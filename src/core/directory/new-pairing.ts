/**
 * A secret that an admin hands out, sealed for its user: it waits for its first right code as long as it takes. Invariant: the bytes of the secret
 * are erased where they were sealed.
 */
import { pairingBinding } from '../binding.ts';
import type { Pairing } from '../two-factor.ts';
import type { UserId } from '../user.ts';
import { newId } from './new-id.ts';
import type { DirectoryParts } from './parts.ts';

export function pairingOf(
  { secretBox, clock, random }: Pick<DirectoryParts, 'secretBox' | 'clock' | 'random'>,
  userId: UserId,
  secret: Uint8Array,
): Pairing {
  const id = newId(random);
  const sealedSecret = secretBox.seal(secret, pairingBinding(userId, id));
  secret.fill(0);
  return { id, sealedSecret, issuedAt: clock.now(), expiresAt: null, pairedAt: null, lastStep: null };
}
