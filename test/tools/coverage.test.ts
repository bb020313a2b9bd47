/** The table of `npm run coverage`. */
import { expect, it } from 'vitest';
import { coverageTable } from '../../tools/coverage.ts';

const lines = (total: number, covered: number) => ({ lines: { total, covered } });

it('adds up the files of a folder, without those of its folders', () => {
  const summary = {
    total: lines(1115, 1110),
    '/work/src/core/user.ts': lines(10, 10),
    '/work/src/core/roles.ts': lines(5, 0),
    '/work/src/core/login/state.ts': lines(100, 100),
    '/work/src/cli/main.ts': lines(1000, 999),
  };
  expect(coverageTable(summary, '/work').split('\n')).toEqual([
    'folder           lines     run',
    'src/cli           1000     999   99.9 %',
    'src/core            15      10   66.6 %',
    'src/core/login     100     100  100.0 %',
    'all               1115    1109   99.4 %',
  ]);
});
