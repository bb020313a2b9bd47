/**
 * Characters that have no place in a user name. Programs get the name of the user who logged in as GATEHOUSE_USER and put it into
 * command lines and paths. Invariant: a name without them means itself there: a shell runs nothing (CWE-78), and no path leads
 * elsewhere (CWE-22). New users cannot have one; users who do keep working, and `gatehouse doctor` lists them.
 */
import { inert } from './visible-text.ts';

/** True for a name that a shell would expand, or that is more than the name of a file. */
export function shellUnsafe(name: string): boolean {
  return unsafeReason(name) !== undefined;
}

/** The first such character of the name, as the end of the sentence "a user name ...", or undefined. */
export function unsafeReason(name: string): string | undefined {
  if (name === '.' || name === '..') return `cannot be "${name}": that is a folder`;
  const leading = WORD_BEGINNING.exec(name)?.[0];
  if (leading !== undefined) return `cannot have "${leading}" at the beginning of a word: ${NOT_LITERAL}`;
  if (/\p{Cc}/u.test(name)) return 'cannot contain control characters or line breaks';
  const special = SPECIAL.exec(name)?.[0];
  if (special !== undefined) return `cannot contain "${special}": ${NOT_LITERAL}`;
  if (name.includes('/')) return 'cannot contain "/": a program would take it for a path';
  if (name.includes('\\') && !DOMAIN_USER.test(name)) {
    return String.raw`can contain "\" only once, between a domain and a name, as in WARD\alice`;
  }
  return /(?<!\p{L})'|'(?!\p{L})/u.test(name) ? `can contain "'" only between two letters, as in o'brien` : undefined;
}

/** The first few of many names, for a sentence. */
export function someNames(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map(inert).join(', ');
  const more = names.length - NAMES_SHOWN;
  return more > 0 ? `${shown}, and ${more.toLocaleString('en')} more` : shown;
}

const NAMES_SHOWN = 5;

const NOT_LITERAL = 'a shell would not read it as part of a name';

/** An option, a home folder (bash looks for one behind "=" too), a comment. A dash between two words is none of them. */
const WORD_BEGINNING = /^-|(?<=^|\s)(?:#|-(?=\S))|(?<=^|[\s=])~/;

/** What sh, bash, zsh, fish and csh expand, quote or end a command at. */
const SPECIAL = /[$`"*?[\](){}<>|&;!]/;

/** As Windows writes the user of a domain. */
const DOMAIN_USER = /^[^\\]*[\p{L}\p{N}]\\[\p{L}\p{N}_][^\\]*$/u;
