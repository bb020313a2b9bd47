/**
 * Recovery and one-time codes at rest: a salted SHA-256 of the code, sealed by the secret box and bound to its row. A copy of
 * the database says nothing about a code; with the key file, each code still has to be guessed. Every stored code is compared
 * with every typed one, without an early end.
 */
import { bindingOf } from './binding.ts';
import { sameBytes } from './constant-time.ts';
import { newId } from './directory/new-id.ts';
import { Fault } from './errors.ts';
import type { Random, SecretBox, StoredCode } from './ports.ts';
import { classifyCode } from './recovery-code.ts';
import type { EpochMs, UserId } from './user.ts';

/** Which table a code is kept in; it is part of what the code is bound to. */
export type StoredCodeTable = 'recovery' | 'one-time';

export type CodesToSeal = {
  readonly box: SecretBox;
  readonly random: Random;
  readonly table: StoredCodeTable;
  readonly userId: UserId;
  /** As generated, with or without their hyphens. */
  readonly codes: readonly string[];
  readonly expiresAt: EpochMs | null;
};

/** The codes as the store keeps them, each under an id of its own. */
export function sealCodes(sealing: CodesToSeal): Promise<readonly StoredCode[]> {
  return Promise.all(sealing.codes.map((code) => sealCode(sealing, code)));
}

export type CodeSearch = {
  readonly box: SecretBox;
  readonly table: StoredCodeTable;
  readonly userId: UserId;
  readonly stored: readonly StoredCode[];
  /** Of `classifyCode`: without hyphen, in capitals. */
  readonly code: string;
  /** Codes whose time is over match nothing. */
  readonly now: EpochMs;
};

/** Id of the stored code that was typed, or null. Throws a Fault where one of them does not open. */
export async function matchStoredCode({ box, table, userId, stored, code, now }: CodeSearch): Promise<string | null> {
  let matched: string | null = null;
  for (const { id, sealedHash, expiresAt } of stored) {
    const saltAndHash = box.open(sealedHash, bindingOf({ table, userId, rowId: id }));
    const same = sameBytes(saltAndHash.subarray(SALT_BYTES), await hashOf(saltAndHash.subarray(0, SALT_BYTES), code));
    if (same && (expiresAt === null || now < expiresAt)) matched = id;
  }
  return matched;
}

/** NIST SP 800-63B-4 §3.1.2.2: look-up secrets are stored hashed; a salt keeps equal codes apart. */
const SALT_BYTES = 16;

async function sealCode({ box, random, table, userId, expiresAt }: CodesToSeal, shown: string): Promise<StoredCode> {
  const typed = classifyCode(shown);
  if (typed.kind !== table) throw new Fault('internal', 'A code to be stored is not of the kind it is stored as.');
  const id = newId(random);
  const salt = random.bytes(SALT_BYTES);
  const plaintext = new Uint8Array([...salt, ...(await hashOf(salt, typed.code))]);
  return { id, sealedHash: box.seal(plaintext, bindingOf({ table, userId, rowId: id })), expiresAt };
}

async function hashOf(salt: Uint8Array, code: string): Promise<Uint8Array> {
  const salted = new Uint8Array([...salt, ...new TextEncoder().encode(code)]);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', salted));
}
