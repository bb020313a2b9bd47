/** One form for the spellings of a password that a guesser tries together: `P@ssw0rd`, `password`, `PASSWORD`. */

/** Lower case, without spaces and punctuation between words, look-alike characters as letters. Only for comparison. */
export function foldPassword(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s._-]/gu, '')
    .replaceAll(/[013457@$!|l]/g, (character) => LETTER_OF[character] ?? character);
}

/** `l` goes with `1` and `i`, so that both readings of `1` meet. */
const LETTER_OF: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
  '|': 'i',
  l: 'i',
};
