/** Cells that a damaged or strange database may hold: none of them becomes a value. */
import { expect, it } from 'vitest';
import { integer, nullableInteger, nullableText, oneOf, text, truth } from '../../src/core/store/row-cells.ts';
import type { SqlRow, SqlValue } from '../../src/core/store/sql-engine.ts';

const BLOB = new Uint8Array([1]) as unknown as SqlValue;
const ROW: SqlRow = {
  ...{ text: 'a', empty: '', zero: 0, one: 1, two: 2, minus: -1, half: 0.5, big: 2 ** 53, nothing: null, blob: BLOB },
};
const ALL = [...Object.keys(ROW), 'missing'];

/** The columns that are read, with their values; all others are damage. */
function readable(read: (row: SqlRow, column: string) => unknown): Record<string, unknown> {
  const values = ALL.flatMap((column) => {
    try {
      return [[column, read(ROW, column)]];
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'unavailable', message: expect.stringContaining(`(${column})`) });
      return [];
    }
  });
  return Object.fromEntries(values);
}

it('reads texts, whole numbers, nothing, and 0 or 1, each where it is asked for, and nothing else', () => {
  const [texts, numbers] = [
    { text: 'a', empty: '' },
    { zero: 0, one: 1, two: 2, minus: -1 },
  ];
  expect(readable(text)).toEqual(texts);
  expect(readable(nullableText)).toEqual({ ...texts, nothing: null });
  expect(readable(integer)).toEqual(numbers);
  expect(readable(nullableInteger)).toEqual({ ...numbers, nothing: null });
  expect(readable(truth)).toEqual({ zero: false, one: true });
  expect(readable((row, column) => oneOf(row, column, ['a', 'b']))).toEqual({ text: 'a' });
});
