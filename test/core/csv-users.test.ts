import { describe, expect, it } from 'vitest';
import { readUsersCsv, writeUsersCsv } from '../../src/core/csv-users.ts';
import fc from '../support/properties.ts';

function rowsOf(text: string) {
  const reading = readUsersCsv(text);
  if (reading.kind !== 'read') throw new Error(JSON.stringify(reading.problems));
  return reading.rows;
}

function problemsOf(text: string) {
  const reading = readUsersCsv(text);
  return reading.kind === 'read' ? [] : reading.problems;
}

describe('users as CSV', () => {
  it('reads columns in any order, without those that are missing, behind a byte order mark', () => {
    expect(rowsOf('\ufeffgroup,Name\r\nward-3,alice\r\n')).toEqual([
      { line: 2, fields: { name: 'alice', display: '', group: 'ward-3', role: '', password: '' } },
    ]);
  });

  it('takes a password to the letter, white space and apostrophes too', () => {
    expect(rowsOf(`name,password\nalice," '=1+1 "\n`)[0]?.fields.password).toBe(" '=1+1 ");
  });

  it('counts lines as an editor does, over blank lines and line breaks in quotes', () => {
    const rows = rowsOf('name,display\n\nalice,"one\ntwo"\n\nbob,x\n');
    expect(rows.map(({ line }) => line)).toEqual([3, 6]);
  });

  it.each([
    ['an empty file', '', 1, 'empty'],
    ['a heading without name', 'display,group\nx,y\n', 1, 'name is missing'],
    ['no heading at all', 'alice,Alice,ward-3,user,\n', 1, 'no column "alice"'],
    ['an unknown column', 'name,phone\nalice,1\n', 1, 'no column "phone"'],
    ['a column twice', 'name,name\nalice,alice\n', 1, 'twice'],
    ['a line with a field too many', 'name,group\nalice,a\nbob,b,c\n', 3, '3 fields'],
    ['a quote that is never closed', 'name\nalice\n"bob\n', 3, 'quotes'],
    ['a quote in the middle', 'name\nal"ice\n', 2, 'quotes'],
  ])('names the line of %s', (_, text, line, words) => {
    const [problem] = problemsOf(text);
    expect(problem?.line).toBe(line);
    expect(problem?.text).toContain(words);
  });

  it('draws the characters of a bad heading inert', () => {
    expect(problemsOf('name,\u001b[31mred\n')[0]?.text).not.toContain('\u001b');
  });

  it('does not repeat a secret where a file of secrets is taken for CSV', () => {
    for (const text of [
      'otpauth://totp/a?secret=JBSWY3DPEHPK3PXP',
      'JBSWY3DPEHPK3PXP\n" TOTP_AUTH\n',
      '\nJBSWY3DPEHPK3PXP\n',
    ]) {
      const problems = problemsOf(text);
      expect(problems.length).toBe(1);
      expect(JSON.stringify(problems)).not.toContain('JBSW');
    }
  });

  it('writes no cell that a spreadsheet would run as a formula', () => {
    const row = { name: '=cmd', display: '+1', group: '@SUM(A1)', role: 'user', password: '' };
    expect(writeUsersCsv([row])).toBe("name,display,group,role,password\r\n'=cmd,'+1,'@SUM(A1),user,\r\n");
  });

  it('reads back what it wrote, whatever is in it', () => {
    const cell = fc.string({ unit: 'grapheme' });
    const row = fc.record({ name: cell, display: cell, group: cell, role: cell, password: fc.constant('') });
    let tried = 0;
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
        tried += rows.length;
        // A row of nothing but commas is not blank, so none is passed over.
        expect(rowsOf(writeUsersCsv(rows)).map(({ fields }) => fields)).toEqual(rows);
      }),
    );
    console.log(`CSV: ${tried} rows written and read back`);
  });

  it('takes any text without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const reading = readUsersCsv(`name,display\n${text}`);
        if (reading.kind === 'bad-lines') expect(reading.problems.length).toBeGreaterThan(0);
      }),
    );
  });
});
