/**
 * How many columns text takes on most terminals, so that Backspace wipes as many: Unicode Standard Annex 11 wide characters
 * take two, combining marks none. Terminals disagree about emoji sequences; a wrong guess leaves a stray cell, no more.
 */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += MARK.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return columns;
}

const MARK = /^\p{M}$/u;
const WIDE =
  /^[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]$/u;
