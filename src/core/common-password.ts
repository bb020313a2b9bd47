/**
 * Whether a password is a common one or a simple variant of one: other case, look-alike characters, digits or signs put at the
 * end, the same piece over and over, a straight run of characters. NIST SP 800-63B-4 §3.1.1.2: compare the whole password
 * with a list of common, expected and compromised ones; a longer list than guessing under a limit could reach gains nothing.
 */
import { foldPassword } from './password-fold.ts';

/** `words`: common passwords, in any order; folded here once. */
export function commonPasswordCheck(words: readonly string[]): (password: string) => boolean {
  const folded = new Set(words.map(foldPassword));
  const isCommon = (text: string) => folded.has(text);
  return (password) => {
    const text = foldPassword(password);
    const stem = foldPassword(password.replace(/[^\p{L}]{1,6}$/u, ''));
    if (isCommon(text) || (stem !== '' && isCommon(stem))) return true;
    const piece = repeatedPiece(text);
    if (piece !== undefined && ([...piece].length <= SHORT_PIECE || isCommon(piece))) return true;
    return isStraightRun(password.toLowerCase());
  };
}

/** `abcabcabc` and `aaaaaaaa` hold no more than their piece. */
const SHORT_PIECE = 5;

/** The shortest piece that makes the whole text when repeated, the last time perhaps in part; undefined where there is none. */
function repeatedPiece(text: string): string | undefined {
  for (let length = 1; length <= text.length / 2; length += 1) {
    const piece = text.slice(0, length);
    if (piece.repeat(Math.ceil(text.length / length)).startsWith(text)) return piece;
  }
  return undefined;
}

/** What a finger does without a thought: along the alphabet, the digits or a row of keys, either way. */
const ROWS = ['abcdefghijklmnopqrstuvwxyz', '0123456789', 'qwertyuiopasdfghjklzxcvbnm', 'qwertzuiopasdfghjklyxcvbnm'];

function isStraightRun(text: string): boolean {
  return ROWS.some((row) => {
    const around = row + row;
    return around.includes(text) || [...around].reverse().join('').includes(text);
  });
}
