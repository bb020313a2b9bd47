/** The faults that `npm run mutation` plants, and that a source with all of them asleep does what it did. */
import { expect, it } from 'vitest';
import { instrument } from '../../tools/mutation/instrument.ts';
import { mutantsOf } from '../../tools/mutation/mutators.ts';
import { sampleOf } from '../../tools/mutation/sample.ts';

/** What is computed when a module is loaded is left alone: the faults in a function with these statements. */
function changes(statements: string): readonly string[] {
  const source = `function all() {${statements}}`;
  const mutants = mutantsOf(source, 'a.ts').filter(({ start, end }) => source.slice(start, end) !== statements);
  return mutants.map(({ how, start, end, replacement }) => {
    const before = source.slice(start, end);
    return how === 'skip' ? `- ${before}` : `${before} → ${replacement}`;
  });
}

/** What `check(a, b)` of this source gives with one mutant awake, or with none. */
function given(source: string, args: readonly unknown[], awake?: number): unknown {
  const check = new Function('__mutant', `${instrument(source, 'a.js', 0)}; return check;`);
  return check((id: number) => id === awake)(...args);
}

it('changes conditions, operators and statements, one at a time', () => {
  expect(changes('if (a < b && c) run(); return 1;')).toEqual([
    'a < b && c → (a < b) || (c)',
    'a < b && c → false',
    'a < b && c → true',
    'a < b → a <= b',
    'a < b → a >= b',
    '- run();',
  ]);
  expect(changes('const a = (b ?? c) === 1;')).toEqual(['(b ?? c) === 1 → (b ?? c) !== 1', 'b ?? c → b']);
  expect(changes('const sorted = list.filter(isFine).sort();')).toEqual([
    'list.filter(isFine).sort() → list.filter(isFine)',
    'list.filter(isFine) → list',
  ]);
});

it('changes SQL, each place of a statement on its own, and no other text', () => {
  const sql = 'UPDATE users SET step = ? WHERE id = ? AND (step IS NULL OR step < ?)';
  expect(changes(`run('${sql}'); say('a < b AND c');`).filter((change) => !change.startsWith('-'))).toEqual(
    [
      sql.replace(' < ', ' <= '),
      sql.replace('id =', 'id <>'),
      sql.replace('AND', 'OR'),
      sql.replace(' OR ', ' AND '),
      sql.replace('IS NULL', 'IS NOT NULL'),
    ]
      .sort((a, b) => a.localeCompare(b))
      .map((changed) => `'${sql}' → '${changed}'`),
  );
});

it('leaves types, imports, constants of a module and halves of an optional chain alone', () => {
  expect(changes('type B = true | false; const c = d?.trim().length;')).toEqual([]);
  expect(
    mutantsOf("import { a } from 'a'; const LIMIT = a * 60; export const all = a.filter(Boolean);", 'a.ts'),
  ).toEqual([]);
});

it('keeps what a source does while all mutants are asleep, and wakes one', () => {
  const source = `function check(a, b) {
    if (a) if (b) { return 'both'; } else return 'one';
    const list = [3, 1, 2].filter((each) => each > 1).sort();
    return !(a ?? b) || list[0] + list[1] === 5;
  }`;
  for (const args of [
    [true, true],
    [true, false],
    [false, true],
  ]) {
    expect(given(source, args)).toBe(new Function(`${source}; return check;`)()(...args));
  }
  const never = mutantsOf(source, 'a.js').findIndex(({ replacement }) => replacement === 'false');
  expect(given(source, [true, true], never)).toBe(true);
});

it('draws the same sample again when other lines were added, from every file', () => {
  const targets = (file: string, source: string) =>
    mutantsOf(source, file).map((mutant, id) => ({ ...mutant, id, file, source }));
  const source = `function all() {${Array.from({ length: 39 }, (_, index) => `call${index}(); `).join('')}}`;
  const small = targets('b.ts', 'const f = () => { one(); };');
  const drawn = (text: string) =>
    sampleOf([...targets('a.ts', text), ...small], 5, 1).map(({ file, source: all, start, end }) =>
      [file, all.slice(start, end)].join(' '),
    );
  expect(drawn(source).length).toBe(6);
  expect(drawn(source)).toContain('b.ts one();');
  expect(drawn(`${' '.repeat(7)}${source}`)).toEqual(drawn(source));
});
