/**
 * The search of the table, as it is typed. With 100,000 rows a key must not cost a look at all columns of all of them: a longer search looks only through
 * what the shorter one found, and for the last word alone; a shorter one, by Backspace, finds again what it had found before.
 */
import type { UserRow } from './users-table.ts';

/** What one search, in small letters, found. */
export type Found = { readonly search: string; readonly rows: readonly UserRow[] };

/** What the search that is typed found, and before it those of its beginnings: `''` first, which finds all. */
export type Narrowing = readonly [Found, ...Found[]];

export function everyone(rows: readonly UserRow[]): Narrowing {
  return [{ search: '', rows }];
}

/** `text` with whatever of its beginnings was looked for already. */
export function narrowed(before: Narrowing, text: string): Narrowing {
  // First, for the beginning of a word in small letters can be another one (final sigma).
  const search = text.toLowerCase();
  const [all, ...later] = before;
  const kept: [Found, ...Found[]] = [all];
  for (const found of later) if (found.search !== '' && search.startsWith(found.search)) kept.push(found);
  const last = kept.at(-1) ?? all;
  if (last.search === search) return kept;
  const words = wordsOf(search);
  // All words but the last were there when `last` was looked for, whole or as their beginnings, which may have grown.
  const looked = wordsOf(last.search);
  const open = words.filter((word, at) => word !== looked[at]);
  kept.push({ search, rows: open.length === 0 ? last.rows : filtered(last.rows, (row) => hasAll(row, open)) });
  if (kept.length > MOST_KEPT) kept.splice(1, 1);
  return kept;
}

/** The rows of the search that is typed. */
export function foundRows(narrowing: Narrowing): readonly UserRow[] {
  return (narrowing.at(-1) ?? narrowing[0]).rows;
}

/** Those that fit; the very list that was given where all of them do, for a list of 100,000 costs 800 KB. */
export function filtered(rows: readonly UserRow[], fits: (row: UserRow) => boolean): readonly UserRow[] {
  const first = rows.findIndex((row) => !fits(row));
  if (first < 0) return rows;
  const kept = rows.slice(0, first);
  for (let at = first + 1; at < rows.length; at += 1) {
    const row = rows[at];
    if (row !== undefined && fits(row)) kept.push(row);
  }
  return kept;
}

/** Longer searches have few rows to look through. */
const MOST_KEPT = 12;

function wordsOf(search: string): readonly string[] {
  return search.split(/\s+/).filter((word) => word !== '');
}

/** Mostly one word: for that, no loop a row. */
function hasAll(row: UserRow, words: readonly string[]): boolean {
  const [first = ''] = words;
  return words.length === 1 ? row.searched.includes(first) : words.every((word) => row.searched.includes(word));
}
