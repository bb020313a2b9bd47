/** Base32 of RFC 4648 §6, written without padding: how a secret stands in a key URI and is typed into an authenticator app. */

export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let pending = 0;
  let pendingBits = 0;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    pendingBits += 8;
    while (pendingBits >= 5) {
      pendingBits -= 5;
      text += ALPHABET.charAt((pending >> pendingBits) & 31);
    }
    pending &= (1 << pendingBits) - 1;
  }
  if (pendingBits > 0) text += ALPHABET.charAt((pending << (5 - pendingBits)) & 31);
  return text;
}

export type Base32Reading =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** `why` is half a sentence that says nothing of the text itself: it may be a secret. */
  | { readonly kind: 'not-base32'; readonly why: string };

/**
 * Small letters count as capitals, and padding may be left out; all else is as RFC 4648 has it. Bits left over at the end have to be zero (§3.5):
 * seven of eight texts that lost a character somewhere are found out by that or by their length.
 */
export function decodeBase32(text: string): Base32Reading {
  const [, letters = '', padding = ''] = /^([^=]*)(=*)$/.exec(text) ?? [];
  if (letters.length + padding.length < text.length) return notBase32('= stands only at the end');
  const stray = letters.search(/[^A-Za-z2-7]/);
  if (stray >= 0) return notBase32(`its character ${stray + 1} is none of A-Z and 2-7`);
  if ((padding !== '' && (letters.length + padding.length) % 8 !== 0) || padding.length > 6) {
    return notBase32('it has too few or too many = at its end');
  }
  if (![0, 2, 4, 5, 7].includes(letters.length % 8)) return notBase32('characters are missing: no key has this length');
  const bytes = new Uint8Array(Math.floor((letters.length * 5) / 8));
  let pending = 0;
  let pendingBits = 0;
  let filled = 0;
  for (const letter of letters.toUpperCase()) {
    pending = (pending << 5) | ALPHABET.indexOf(letter);
    pendingBits += 5;
    if (pendingBits < 8) continue;
    pendingBits -= 8;
    bytes[filled] = pending >> pendingBits;
    filled += 1;
    pending &= (1 << pendingBits) - 1;
  }
  if (pending !== 0) return notBase32('its last character is wrong, or characters are missing');
  return { kind: 'bytes', bytes };
}

const notBase32 = (why: string): Base32Reading => ({ kind: 'not-base32', why });

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
