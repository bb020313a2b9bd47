import { describe, expect, it } from 'vitest';
import { auditFilter } from '../../src/core/audit-filter.ts';
import { encodeRecord } from '../../src/core/node/audit-record.ts';
import fc from '../support/properties.ts';

const AT = '2026-11-24T03:00:00.000Z';
const RECORD = { at: AT, event: 'code.wrong', user: 'Alice Zürich', terminal: 'ward-3', detail: 'code' } as const;

describe('a search of the audit trail', () => {
  it('matches everything where nothing was typed', () => {
    expect(auditFilter('')).toBeUndefined();
    expect(auditFilter('  ')).toBeUndefined();
  });

  it.each(['alice', 'ALICE code.', 'ward', 'zürich wrong', '2026-11-24t03', 'code alice'])('finds %j', (search) => {
    expect(auditFilter(search)?.matches(RECORD)).toBe(true);
  });

  it.each(['bob', 'alice bob', 'wrongalice', 'login'])('does not find %j', (search) => {
    expect(auditFilter(search)?.matches(RECORD)).toBe(false);
  });

  it('finds a name by the letter that its sign becomes in lower case, and there are no others like it', () => {
    const key = new Uint8Array(32);
    const folding = Array.from({ length: 0x110000 - 0x80 }, (_, index) => String.fromCodePoint(index + 0x80)).filter(
      (character) => /[\0-\x7f]/.test(character.toLowerCase()),
    );
    expect(folding).toEqual(['\u0130', '\u212a']);
    for (const character of folding) {
      const record = { ...RECORD, user: `Zaq${character}`, seq: 1 };
      const filter = auditFilter(`zaq${character.toLowerCase().charAt(0)}`);
      expect(filter?.matches(record)).toBe(true);
      expect(filter?.mayMatch(encodeRecord(record, '', key).line)).toBe(true);
    }
  });

  it('never passes over a line whose record matches, whatever the texts', () => {
    const key = new Uint8Array(32);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), fc.nat(), (user, from, length) => {
        const characters = [...user];
        const begin = from % Math.max(1, characters.length);
        const search = characters.slice(begin, begin + 1 + (length % 8)).join('');
        const record = { ...RECORD, user, seq: 1 };
        const filter = auditFilter(search);
        const { line } = encodeRecord(record, '', key);
        return filter === undefined || !filter.matches(record) || filter.mayMatch(line);
      }),
      { numRuns: 2000 },
    );
  });
});
