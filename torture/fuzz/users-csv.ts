/** A CSV of users out of anything: no fall; what was read is written and read again as it was, and nothing in it is a formula. */
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'csv-parse/sync';
import { readUsersCsv, writeUsersCsv } from '../../src/core/csv-users.ts';
import { nonsense } from './mutation.ts';
import { parserTorment } from './parser-torment.ts';

const grammar = {
  examples: [
    'name,display,group,role,password\r\nalice,Alice Adler,Ward 1,user,correct horse battery\r\n',
    '\ufeffname,role\nbob,helpdesk\n\ncarol,auditor\n',
    'group,name,display\n"Ward ""1""","d,e","two\nlines"\n',
    'name,display,group,role,password\nd,=1+1,+x,user,@y\ne,-z,"\tq",admin,"\r"\n',
  ],
  words: [
    'name',
    'display',
    'group',
    'role',
    'password',
    ',',
    '""',
    '"\n',
    ',,,,',
    '=HYPERLINK("x")',
    '+',
    '-',
    '@',
    ';',
  ],
};

export const usersCsvFuzz = parserTorment({
  name: 'csv-fuzz',
  about: 'a CSV of users out of anything: refused by line, or read; what was read comes back as it was',
  open: () => ({
    input: (random) => nonsense(random, grammar),
    judge(text) {
      const reading = readUsersCsv(text);
      if (reading.kind === 'bad-lines') {
        if (reading.problems.some(({ line }) => !Number.isInteger(line) || line < 1))
          throw new Error('a line without number');
        return 'refused';
      }
      // An export has no passwords, and an import takes them to the letter.
      const rows = reading.rows.map(({ fields }) => ({ ...fields, password: '' }));
      const written = writeUsersCsv(rows);
      const formula = cellsOf(written).find((cell) => /^[=+\-@\t\r]/.test(cell));
      if (formula !== undefined) throw new Error(`a spreadsheet would run ${JSON.stringify(formula)}`);
      const again = readUsersCsv(written);
      const same =
        again.kind === 'read' &&
        isDeepStrictEqual(
          again.rows.map(({ fields }) => fields),
          rows,
        );
      if (!same) throw new Error(`it comes back otherwise from ${JSON.stringify(written)}`);
      return 'taken';
    },
  }),
});

/** As a spreadsheet takes them. */
function cellsOf(csv: string): readonly string[] {
  const records: string[][] = parse(csv);
  return records.flat();
}
