/**
 * What the fonts that every PDF reader brings along can print: Windows-1252, and by a second encoding the accented letters of
 * Adobe's Latin set (Polish, Czech, Hungarian, Turkish, Baltic, Maori ...). Anything else is spelled out as <U+XXXX>, so no
 * font has to be shipped or embedded and no name can break the letter.
 */
import { inert } from '../core/visible-text.ts';

/** Text of one encoding: as it is for Windows-1252, as bytes for the other. */
export type TextRun =
  | { readonly kind: 'windows-1252'; readonly text: string }
  | { readonly kind: 'latin'; readonly text: string; readonly bytes: Uint8Array };

/** The text with everything visible and printable. */
export function printable(text: string): string {
  return [...inert(text.normalize('NFC'))]
    .map((character) => (isPrintable(character) ? character : `<U+${hexOf(character)}>`))
    .join('');
}

/** True where `printable` has to spell something out. */
export function isAllPrintable(text: string): boolean {
  return printable(text) === text.normalize('NFC');
}

/** Printable text cut where the encoding changes. */
export function runsOf(text: string): readonly TextRun[] {
  const runs: TextRun[] = [];
  for (const [piece] of text.matchAll(PIECES)) {
    const codes = [...piece].map((character) => LATIN_LETTERS.indexOf(character));
    runs.push(
      codes.includes(-1)
        ? { kind: 'windows-1252', text: piece }
        : { kind: 'latin', text: piece, bytes: Uint8Array.from(codes, (code) => LATIN_FIRST_CODE + code) },
    );
  }
  return runs;
}

export const LATIN_FIRST_CODE = 128;

/** Letters of Adobe's Latin character set that Windows-1252 lacks; their place is their code above LATIN_FIRST_CODE. */
export const LATIN_LETTERS: readonly string[] = [
  ...'ĂĀĄĆČĎĒĖĘĚĞĢĪĮĶĹĽĻŃŇŅŐŌŔŘŖŚŞȘŤŢŰŪŲŮŹŻ',
  ...'ăāąćčďēėęěğģīįķĺľļńňņőōŕřŗśşșťţűūųůźż',
  ...'ĐđŁłİı',
];

/** PostScript name of a letter of LATIN_LETTERS (Adobe Glyph List): the plain letter and the name of its accent. */
export function glyphName(letter: string): string {
  const [plain = '', accent = ''] = letter.normalize('NFD');
  if (accent === '') return UNACCENTED[letter] ?? '.notdef';
  return `${plain}${/^[Şş]$/.test(letter) ? 'cedilla' : (ACCENTS[accent] ?? '')}`;
}

/** A letter of Windows-1252 that is at least as wide in Helvetica and hardly wider; the letter itself where it is one. */
export function asWideAs(letter: string): string {
  if (!isLatin(letter)) return letter;
  const [plain = ''] = letter.normalize('NFD');
  return WIDTHS_LIKE[letter] ?? plain;
}

/** Where the plain letter is narrower, or is none of Windows-1252. */
const WIDTHS_LIKE: Readonly<Record<string, string>> = {
  ď: 'K',
  ľ: 'r',
  ť: 'r',
  ī: 'I',
  ı: 'I',
  Đ: 'D',
  đ: 'd',
  Ł: 'L',
  ł: 'l',
};

const UNACCENTED: Readonly<Record<string, string>> = {
  Đ: 'Dcroat',
  đ: 'dcroat',
  Ł: 'Lslash',
  ł: 'lslash',
  ı: 'dotlessi',
};

const ACCENTS: Readonly<Record<string, string>> = {
  '\u0301': 'acute',
  '\u0304': 'macron',
  '\u0306': 'breve',
  '\u0307': 'dotaccent',
  '\u030a': 'ring',
  '\u030b': 'hungarumlaut',
  '\u030c': 'caron',
  '\u0326': 'commaaccent',
  '\u0327': 'commaaccent',
  '\u0328': 'ogonek',
};

/** Windows-1252 above Latin-1. */
const WINDOWS_1252_MORE = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ';

function isPrintable(character: string): boolean {
  return (
    /^[ -~\u00a0-\u00ac\u00ae-\u00ff]$/.test(character) || WINDOWS_1252_MORE.includes(character) || isLatin(character)
  );
}

function isLatin(character: string): boolean {
  return LATIN_LETTERS.includes(character);
}

const LATIN_CLASS = LATIN_LETTERS.join('');
const PIECES = new RegExp(`[${LATIN_CLASS}]+|[^${LATIN_CLASS}]+`, 'gu');

function hexOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}
