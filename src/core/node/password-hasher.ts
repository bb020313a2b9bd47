/**
 * Passwords by argon2id. Whatever is asked, one argon2 run is done before the answer: an unknown user, a user without a
 * password, a hash that is none and a password that is too long cost the work of a wrong password and are answered false.
 * A hash made under other parameters than those in force costs its own work, until the next right log-on renews it.
 */

import { Fault } from '../errors.ts';
import { normalisePassword, PASSWORD_MAX_CHARACTERS } from '../password-rules.ts';
import type { PasswordHasher } from '../ports.ts';
import { systemRandom } from './random.ts';

export type HashingCost = {
  /** OWASP Password Storage: at least 19 MiB with 2 passes. */
  readonly memoryMiB: number;
  readonly passes: number;
};

export type WarmPasswordHasher = PasswordHasher & {
  /** Loads the native part, which the first hash would wait for. */
  warmUp(): Promise<void>;
};

export function createPasswordHasher({ memoryMiB, passes }: HashingCost): WarmPasswordHasher {
  const memoryKiB = memoryMiB * 1024;
  const dummy = dummyHash(memoryKiB, passes);
  return {
    async warmUp() {
      await argon2();
    },
    async hash(password) {
      const hashed = hashable(password);
      if (hashed === undefined) throw new Fault('bad-data', 'This password is too long.');
      const { hash } = await argon2();
      // argon2id and version 1.3 are the library's defaults, and its salt is 16 bytes of the operating system's CSPRNG.
      return hash(hashed, { memoryCost: memoryKiB, timeCost: passes, parallelism: PARALLELISM });
    },
    async verify(password, phc) {
      const { verify } = await argon2();
      const hashed = hashable(password);
      const stored = parameters(phc) === undefined ? undefined : (phc ?? undefined);
      if (hashed !== undefined && stored !== undefined) return verify(stored, hashed);
      await verify(dummy, hashed ?? '');
      return false;
    },
    needsRehash(phc) {
      const used = parameters(phc);
      return used === undefined || used.memoryKiB < memoryKiB || used.passes < passes;
    },
  };
}

/** One lane: the work of a check is the same on every machine, and a log-on takes one core. */
const PARALLELISM = 1;
/** A code point has at most four bytes. */
const MAX_BYTES = 4 * PASSWORD_MAX_CHARACTERS;
/** Memory and passes past these are no parameters of ours: whoever wrote them wants the machine to choke. */
const MOST_MEMORY_KIB = 4 * 1024 * 1024;
const MOST_PASSES = 100;

/** Native code: loaded by what hashes, not by every start. */
function argon2(): Promise<typeof import('@node-rs/argon2')> {
  loading ??= import('@node-rs/argon2');
  return loading;
}

let loading: Promise<typeof import('@node-rs/argon2')> | undefined;

/** Undefined: longer than any password that was ever stored; compared with nothing, cut never. */
function hashable(password: string): string | undefined {
  if (password.length > MAX_BYTES) return undefined;
  const normalised = normalisePassword(password);
  return Buffer.byteLength(normalised) > MAX_BYTES ? undefined : normalised;
}

type Parameters = { readonly memoryKiB: number; readonly passes: number };

/** Of a PHC string of argon2id version 1.3 with a salt and a hash of our lengths; undefined for anything else. */
function parameters(phc: string | null | undefined): Parameters | undefined {
  const found = PHC.exec(phc ?? '');
  if (!found) return undefined;
  const memoryKiB = Number(found[1]);
  const passes = Number(found[2]);
  if (memoryKiB < 8 || memoryKiB > MOST_MEMORY_KIB || passes < 1 || passes > MOST_PASSES) return undefined;
  return { memoryKiB, passes };
}

/** Salt of 16 bytes and hash of 32, in base64 without padding and without spare bits, which the library would not read. */
const PHC = new RegExp(
  `^\\$argon2id\\$v=19\\$m=([1-9][0-9]{0,9}),t=([1-9][0-9]{0,2}),p=${PARALLELISM}` +
    '\\$[A-Za-z0-9+/]{21}[AQgw]\\$[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]$',
);

/** A hash that no password is known for: random bytes in place of one, under the parameters in force. */
function dummyHash(memoryKiB: number, passes: number): string {
  const base64 = (count: number) => Buffer.from(systemRandom.bytes(count)).toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${PARALLELISM}$${base64(16)}$${base64(32)}`;
}
