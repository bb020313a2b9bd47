/**
 * Characters out of bytes, so that different bytes never become the same text: a password with a byte that is no UTF-8 must
 * not match another one, as it would if both became U+FFFD. Such a byte is read as the Latin-1 character it would be.
 */

export type Character = { readonly text: string; readonly length: number };

/** The character whose first byte is at `at`. */
export function characterAt(bytes: Uint8Array, at: number): Character | 'incomplete' {
  const first = bytes[at] ?? 0;
  const form = formOf(first);
  if (form === undefined) return { text: String.fromCharCode(first), length: 1 };
  let codePoint = first & form.mask;
  for (let offset = 1; offset < form.length; offset += 1) {
    const next = bytes[at + offset];
    if (next === undefined) return 'incomplete';
    const [low, high] = offset === 1 ? form.second : [0x80, 0xbf];
    if (next < low || next > high) return { text: String.fromCharCode(first), length: 1 };
    codePoint = (codePoint << 6) | (next & 0x3f);
  }
  return { text: String.fromCodePoint(codePoint), length: form.length };
}

/** False for controls: C0, DEL and C1. */
export function isText(character: string): boolean {
  const codePoint = character.codePointAt(0) ?? 0;
  return codePoint >= 0x20 && !(codePoint >= 0x7f && codePoint <= 0x9f);
}

type Form = { readonly length: number; readonly mask: number; readonly second: readonly [number, number] };

/** Unicode 16, table 3-7: well-formed UTF-8. Undefined: the byte stands alone. */
function formOf(first: number): Form | undefined {
  if (first >= 0xc2 && first <= 0xdf) return { length: 2, mask: 0x1f, second: [0x80, 0xbf] };
  if (first === 0xe0) return { length: 3, mask: 0x0f, second: [0xa0, 0xbf] };
  if (first === 0xed) return { length: 3, mask: 0x0f, second: [0x80, 0x9f] };
  if (first >= 0xe1 && first <= 0xef) return { length: 3, mask: 0x0f, second: [0x80, 0xbf] };
  if (first === 0xf0) return { length: 4, mask: 0x07, second: [0x90, 0xbf] };
  if (first >= 0xf1 && first <= 0xf3) return { length: 4, mask: 0x07, second: [0x80, 0xbf] };
  if (first === 0xf4) return { length: 4, mask: 0x07, second: [0x80, 0x8f] };
  return undefined;
}
