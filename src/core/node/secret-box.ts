/**
 * Secrets at rest: AES-256-GCM (NIST SP 800-38D). Envelope `v1.<key id>.<nonce>.<ciphertext and tag>`, the last two base64url.
 * Version, key id and binding are authenticated with the ciphertext. Whatever does not fit to the last bit does not open, and
 * the Fault says no more than that.
 */
import { createCipheriv, createDecipheriv, type DecipherGCM } from 'node:crypto';
import { Fault } from '../errors.ts';
import type { Random, SecretBox } from '../ports.ts';

export const SEALING_KEY_BYTES = 32;

export type SealingKey = {
  /** Letters, digits, `-` and `_`; stands in every envelope. */
  readonly id: string;
  readonly key: Uint8Array;
};

/** Where the box finds its keys. May throw a Fault. */
export type SealingKeys = {
  current(): SealingKey;
  byId(id: string): SealingKey | undefined;
};

export function createSecretBox(keys: SealingKeys, random: Random): SecretBox {
  return {
    get keyId() {
      return keys.current().id;
    },
    seal(plaintext, binding) {
      const { id, key } = keys.current();
      // A random nonce is safe for 2^32 seals under one key (SP 800-38D §8.3); a facility makes some thousands.
      const nonce = random.bytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(associatedData(id, binding));
      const sealed = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
      return [VERSION, id, Buffer.from(nonce).toString('base64url'), sealed.toString('base64url')].join('.');
    },
    open(envelope, binding) {
      const [version, id, nonceText, sealedText, ...rest] = envelope.split('.');
      if (version !== VERSION || !id || !nonceText || !sealedText || rest.length > 0) throw doesNotOpen();
      const nonce = decode(nonceText);
      const sealed = decode(sealedText);
      if (nonce.length !== NONCE_BYTES || sealed.length < TAG_BYTES) throw doesNotOpen();
      const sealingKey = keys.byId(id);
      if (!sealingKey) {
        throw new Fault('unavailable', `A secret was sealed with the key ${id}, which is not in the key file.`, {
          hint: 'Put the key file back that belongs to this database.',
        });
      }
      try {
        // Without authTagLength Node would take a tag of 4 bytes.
        const decipher = createDecipheriv(ALGORITHM, sealingKey.key, nonce, { authTagLength: TAG_BYTES });
        decipher.setAAD(associatedData(id, binding));
        decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
        return unsealed(decipher, sealed.subarray(0, -TAG_BYTES));
      } catch (cause) {
        throw doesNotOpen(cause);
      }
    },
  };
}

const VERSION = 'v1';
const ALGORITHM = 'aes-256-gcm';
/** SP 800-38D §5.2.1.1: 96 bits are what GCM is made for. */
const NONCE_BYTES = 12;
/** SP 800-38D §5.2.1.2: the longest tag. */
const TAG_BYTES = 16;

/** The one copy of the plaintext, for the caller to erase; GCM has nothing left for `final` but the check of the tag, which throws. */
function unsealed(decipher: DecipherGCM, ciphertext: Uint8Array): Uint8Array {
  const plaintext = decipher.update(ciphertext);
  try {
    decipher.final();
    return plaintext;
  } catch (cause) {
    plaintext.fill(0);
    throw cause;
  }
}

/** JSON keeps the three apart whatever is in them. */
function associatedData(keyId: string, binding: string): Uint8Array {
  return Buffer.from(JSON.stringify([VERSION, keyId, binding]));
}

/** Node skips over what is no base64url and over spare bits: only the one spelling that encodes back to itself is taken. */
function decode(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw doesNotOpen();
  return bytes;
}

function doesNotOpen(cause?: unknown): Fault {
  return new Fault('unavailable', 'A secret in the store does not open: it was changed, moved, or sealed elsewhere.', {
    hint: 'Restore the database from a backup, or deactivate two-factor for this user and require it again.',
    cause,
  });
}
