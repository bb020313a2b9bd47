/**
 * Text that came from outside is drawn only through `inert`: nothing in it can move the cursor, change colours, write the
 * clipboard (OSC 52), make a link (OSC 8) or turn the reading direction around.
 */

/**
 * What Unicode says to draw nothing for (zero-width, fillers, variation selectors, tags), C0, DEL, C1, direction characters,
 * separators of lines, lone surrogates, private use, unassigned, and the blank braille cell.
 */
const INVISIBLE = String.raw`\p{Default_Ignorable_Code_Point}|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\u2800]`;

/** True where text has a character that a person cannot see on the screen, or that steers the terminal. */
export function visibleProblem(text: string): boolean {
  return !PLAIN.test(text) && invisible().test(text);
}

/** The same text with every such character spelled out as <U+XXXX>. */
export function inert(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(invisible(), (character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    return `<U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}

/** Most names, labels and sentences are printable ASCII. */
const PLAIN = /^[\x20-\x7e]*$/;

let compiled: RegExp | undefined;

/** Compiled at the first need: as a literal its Unicode tables cost each start of the gate a millisecond. */
function invisible(): RegExp {
  compiled ??= new RegExp(INVISIBLE, 'gu');
  compiled.lastIndex = 0;
  return compiled;
}
