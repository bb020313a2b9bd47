import { describe, expect, it } from 'vitest';
import { atMost, figureOf, timesTheLimit } from '../../bench/figure.ts';
import { MEASUREMENTS } from '../../bench/measurements.ts';
import { tableMarkdown, tableText } from '../../bench/report.ts';

describe('the report of the bench', () => {
  it('says NO beside a goal that is missed, and nothing where there is no goal', () => {
    const table = tableText([
      figureOf({ name: 'kept', unit: 'ms', samples: [10], goal: atMost(20) }),
      figureOf({ name: 'missed', unit: 'ms', samples: [30], goal: atMost(20) }),
      figureOf({ name: 'told', unit: 'ms', samples: [30] }),
    ]);
    const [, kept = '', missed = '', told = ''] = table.split('\n');
    expect(kept).toMatch(/≤ 20 ms +yes$/);
    expect(missed).toMatch(/≤ 20 ms +NO$/);
    expect(told).not.toMatch(/yes|NO/);
  });

  it('shows what a value is compared with, and the ratio', () => {
    const limit = { name: 'node -e 0', samples: [80] };
    const [, row = ''] = tableText([figureOf({ name: 'prompt', unit: 'ms', samples: [100], limit })]).split('\n');
    expect(row.split(/ {2,}/)).toEqual(['prompt', '100 ms', '100-100', '1', '80.0 ms', 'node -e 0', '1.25']);
  });

  it('is a table of Markdown for the documents, in which a missed goal stands out', () => {
    const limit = { name: 'node -e 0', samples: [80] };
    const table = tableMarkdown([
      figureOf({ name: 'prompt', unit: 'ms', samples: [100], limit, goal: timesTheLimit(1.2) }),
      figureOf({ name: 'told', unit: 'MB', samples: [30] }),
    ]);
    expect(table.split('\n').slice(2)).toEqual([
      '| prompt | 100 ms | 100-100 | 80.0 ms node -e 0 | 1.25 | ≤ 1.2 × limit | **no** |',
      '| told | 30.0 MB | 30.0-30.0 |  |  |  |  |',
      '',
    ]);
  });

  it('has one measurement of each name', () => {
    const names = MEASUREMENTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
