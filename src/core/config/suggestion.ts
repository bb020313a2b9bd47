/** "Did you mean": what an unknown section or key was probably meant to be. */
import { clipped } from './problem.ts';
import { ALL_SETTINGS, fullKeyOf, SECTIONS } from './settings.ts';

/** What would be right instead of this unknown section. */
export function sectionAdvice(name: string): string {
  const near = nearest(name, SECTIONS);
  return near === undefined ? `the sections are ${SECTIONS.join(', ')}` : `did you mean [${near}]?`;
}

/** What would be right instead of this unknown key, which stands in `section` (null: above the first). */
export function keyAdvice(key: string, section: string | null): string {
  if (key.endsWith('[]')) return `there are no lists here: write ${clipped(key.slice(0, -2))}=`;
  const here = ALL_SETTINGS.filter((setting) => setting.section === section).map((setting) => setting.key);
  const near = nearest(key, here);
  if (near !== undefined) return `did you mean ${near}?`;
  const elsewhere = ALL_SETTINGS.filter((setting) => setting.key.toLowerCase() === key.toLowerCase());
  if (elsewhere.length > 0) return elsewhere.map((setting) => belongs(setting.key, setting.section)).join(' or ');
  return section === null
    ? `above the first section stands ${here.join(', ')} alone`
    : `the keys of [${section}] are ${here.join(', ')}`;
}

/** What would be right instead of this unknown `2FA` or `Section.Key`. */
export function fullKeyAdvice(fullKey: string): string {
  const keys = ALL_SETTINGS.map(fullKeyOf);
  const near = nearest(fullKey, keys) ?? keys.find((key) => key.split('.')[1]?.toLowerCase() === fullKey.toLowerCase());
  return near === undefined ? '`gatehouse config list` names them all' : `did you mean ${near}?`;
}

function belongs(key: string, section: string | null): string {
  return section === null ? `${key} belongs above the first section` : `${key} belongs under [${section}]`;
}

function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > 40) return undefined;
  // Quotes, brackets and invisible characters around a name are part of the slip.
  const typed = word.toLowerCase().replace(/[^a-z0-9.]/g, '');
  let best: { readonly name: string; readonly edits: number } | undefined;
  for (const name of candidates) {
    const edits = editDistance(typed, name.toLowerCase());
    if (edits <= Math.floor(name.length / 3) && (best === undefined || edits < best.edits)) best = { name, edits };
  }
  return best?.name;
}

/** Insertions, deletions, replacements (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
