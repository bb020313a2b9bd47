/**
 * What a setting is, and the kinds there are. A kind says how its text is read and what is allowed, in words; the table in
 * `settings.ts` says the rest. `read` gets text that is trimmed, visible and decoded already (`read-value.ts`).
 */
import { MODE_FORMS, readMode } from './mode.ts';
import type { Mode } from './model.ts';
import { parsePostgresUrl } from './postgres-url.ts';
import { quoted, type Reading } from './problem.ts';

export type SectionName = 'Login' | 'Lockout' | 'Password' | 'Store' | 'Audit' | 'Server' | 'Terminal';

export type Unit = 'seconds' | 'days' | 'MiB' | 'steps' | 'characters';

export type Setting<T> = {
  /** Null: above the first section. */
  readonly section: SectionName | null;
  readonly key: string;
  readonly kind: 'mode' | 'whole' | 'choice' | 'path' | 'url';
  /** One sentence. */
  readonly help: string;
  /** In words: `1 to 10`, `auto or never`. */
  readonly allowed: string;
  readonly unit?: Unit;
  /** For a form that offers them; empty but for choices. */
  readonly choices: readonly string[];
  /** What holds where the file has no such key, and how that would be written. */
  readonly fallback: T;
  readonly fallbackText: string;
  /** A value worth showing where the fallback is empty. */
  readonly example: string;
  readonly read: (text: string) => Reading<T>;
};

type Words = {
  readonly section: SectionName | null;
  readonly key: string;
  readonly help: string;
};

export function modeSetting(words: Words & { readonly example: string }): Setting<Mode | undefined> {
  return {
    ...words,
    kind: 'mode',
    allowed: MODE_FORMS,
    choices: [],
    fallback: undefined,
    fallbackText: '',
    read: readMode,
  };
}

export function wholeNumber(
  words: Words & { readonly least: number; readonly most: number; readonly fallback: number; readonly unit?: Unit },
): Setting<number> {
  const { least, most, ...rest } = words;
  const allowed = `${least} to ${most}`;
  return {
    ...rest,
    kind: 'whole',
    allowed,
    choices: [],
    fallbackText: String(words.fallback),
    example: String(words.fallback),
    read: (text) => {
      const right = `write a number from ${allowed}`;
      // Digits alone: no sign, fraction, exponent, hexadecimal or leading zero, which readers take differently.
      if (!/^(0|[1-9][0-9]*)$/.test(text)) return { ok: false, wrong: `${quoted(text)} is not a whole number`, right };
      const value = Number(text);
      if (value < least) return { ok: false, wrong: `${quoted(text)} is too low`, right };
      if (value > most) return { ok: false, wrong: `${quoted(text)} is too high`, right };
      return { ok: true, value };
    },
  };
}

export function choice<const C extends string>(words: Words & { readonly choices: readonly [C, ...C[]] }): Setting<C> {
  const [fallback] = words.choices;
  const allowed = `${words.choices.slice(0, -1).join(', ')} or ${words.choices.at(-1)}`;
  return {
    ...words,
    kind: 'choice',
    allowed,
    fallback,
    fallbackText: fallback,
    example: fallback,
    read: (text) => {
      const value = words.choices.find((name) => name === text.toLowerCase());
      if (value === undefined)
        return { ok: false, wrong: `${quoted(text)} is none of them`, right: `write ${allowed}` };
      return { ok: true, value };
    },
  };
}

/** A place in the file system, as written; `parse.ts` resolves it. An empty fallback makes it optional. */
export function path(
  words: Words & { readonly names: 'file' | 'folder' | 'socket'; readonly fallback: string; readonly example?: string },
): Setting<string> {
  const { names, fallback } = words;
  const allowed = fallback === '' ? `path of a ${names}, or nothing` : `path of a ${names}`;
  const right = `write the ${allowed}`;
  return {
    section: words.section,
    key: words.key,
    help: words.help,
    kind: 'path',
    allowed,
    choices: [],
    fallback,
    fallbackText: fallback,
    example: words.example ?? fallback,
    read: (text) => {
      if (text === '' && fallback !== '') return { ok: false, wrong: 'the path is missing', right };
      if (text.startsWith('~')) return { ok: false, wrong: '~ is not expanded here', right: 'write the whole path' };
      if (names !== 'folder' && /(^|\/)\.{0,2}$/.test(text) && text !== '') {
        return { ok: false, wrong: `${quoted(text)} is a folder`, right };
      }
      return { ok: true, value: text };
    },
  };
}

/** Where a PostgreSQL server is. May hold a password, so no sentence repeats it. */
export function postgresUrl(words: Words & { readonly example: string }): Setting<string> {
  return {
    ...words,
    kind: 'url',
    allowed: 'postgres://user@host/database, or nothing',
    choices: [],
    fallback: '',
    fallbackText: '',
    read: (text) => {
      if (text === '') return { ok: true, value: text };
      const address = parsePostgresUrl(text);
      return address.ok ? { ok: true, value: text } : address;
    },
  };
}
