/**
 * Text that came from outside is drawn only through `inert`: nothing in it can move the cursor, change colours, write the
 * clipboard (OSC 52), make a link (OSC 8) or turn the reading direction around.
 */

/** C0, DEL, C1, direction and zero-width characters, line and paragraph separators, tags, variation selectors, private use. */
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;

/** True where text has a character that a person cannot see on the screen, or that steers the terminal. */
export function visibleProblem(text: string): boolean {
  INVISIBLE.lastIndex = 0;
  return INVISIBLE.test(text);
}

/** The same text with every such character spelled out as <U+XXXX>. */
export function inert(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    return `<U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}
