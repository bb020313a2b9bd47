/** Which records of the audit trail a search means: all of its words, each somewhere in a record, whatever their case. PURE. */
import type { AuditEvent } from './audit-event.ts';

/** What a search looks at; `at` is ISO 8601 in UTC. */
export type SearchedRecord = AuditEvent & { readonly at: string };

export type AuditFilter = {
  matches(record: SearchedRecord): boolean;
  /**
   * False where the line that the record stands in surely does not match: most lines need not be decoded. A line is 7-bit JSON,
   * so a word of other characters is looked for in the record alone.
   */
  mayMatch(line: string): boolean;
};

/** K (Kelvin sign) and İ, as a line writes them: the two characters beyond ASCII whose lower case has an ASCII letter. */
const LOWER_TO_ASCII = /\\u(?:212a|0130)/;

/** Undefined: everything matches. */
export function auditFilter(search: string): AuditFilter | undefined {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return undefined;
  const plain = words.filter((word) => /^[\x21-\x7e]+$/.test(word) && !/["\\]/.test(word));
  return {
    matches(record) {
      const text = searchedText(record);
      return words.every((word) => text.includes(word));
    },
    mayMatch(line) {
      const text = line.toLowerCase();
      return LOWER_TO_ASCII.test(text) || plain.every((word) => text.includes(word));
    },
  };
}

/** A word never reaches from one field into the next. */
function searchedText({ at, event, user, actor, terminal, detail }: SearchedRecord): string {
  return [at, event, user, actor, terminal, detail].join('\n').toLowerCase();
}
