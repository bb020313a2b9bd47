/** What `doctor` says of the native parts: without them nobody is let in, while most that reads goes on as if nothing were wrong. */
import { Fault } from '../errors.ts';
import { warmUpFileLock } from './file-lock.ts';
import { createPasswordHasher, type HashingCost } from './password-hasher.ts';

/** A sentence where both load. Faults: `unavailable`. */
export async function nativeParts(cost: HashingCost): Promise<string> {
  try {
    await createPasswordHasher(cost).warmUp();
    await warmUpFileLock();
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    throw new Fault('unavailable', 'The native code for passwords or for file locks does not load.', {
      cause: thrown,
      hint: 'Install the package again, on this system: npm ci',
    });
  }
  return 'The native code for passwords and file locks is there.';
}
