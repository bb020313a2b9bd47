/**
 * Password hashing for many at once: no more runs at a time than the machine has cores. One run takes Argon2MemoryMiB and a core, so
 * more of them would not be done sooner, and a thousand guesses at once would take all memory.
 */
import type { PasswordHasher } from '../../core/ports.ts';
import type { WorkLine } from './work-line.ts';

export function boundedHasher(hasher: PasswordHasher, inLine: WorkLine): PasswordHasher {
  return {
    hash: (password) => inLine(() => hasher.hash(password)),
    verify: (password, phc) => inLine(() => hasher.verify(password, phc)),
    needsRehash: (phc) => hasher.needsRehash(phc),
  };
}
