import { Resvg } from '@resvg/resvg-js';
import { describe, expect, it } from 'vitest';
import { chartSvg } from '../../../bench/chart/chart-svg.ts';
import { curvesOf } from '../../../bench/chart/curves.ts';
import { atMost, type Figure, figureOf } from '../../../bench/figure.ts';

function importOf(line: string, x: number, ms: number): Figure {
  const goal = x === 100_000 ? { goal: atMost(6000) } : {};
  return figureOf({ name: `${line} ${x}`, unit: 'ms', samples: [ms], point: { curve: 'import', line, x }, ...goal });
}

const RUN = [
  importOf('sqljs', 100_000, 4000),
  importOf('sqljs', 1000, 90),
  importOf('sqlite', 1000, 60),
  importOf('sqlite', 100_000, 3000),
  figureOf({ name: 'elsewhere', unit: 'ms', samples: [1] }),
];

describe('the growth curves of the report', () => {
  it('have a line an engine, its figures in the order of size, and the goals', () => {
    const chart = curvesOf(RUN).get('import');
    expect(chart?.lines).toEqual([
      {
        name: 'sqljs',
        kind: 'measured',
        points: [
          { x: 1000, y: 90 },
          { x: 100_000, y: 4000 },
        ],
      },
      {
        name: 'sqlite',
        kind: 'measured',
        points: [
          { x: 1000, y: 60 },
          { x: 100_000, y: 3000 },
        ],
      },
    ]);
    expect(chart?.goals).toEqual([
      { x: 100_000, y: 6000 },
      { x: 100_000, y: 6000 },
    ]);
  });

  it('have the limit as a line of its own, in the middle of what was measured of it', () => {
    const served = (line: string, x: number, limit: number) => {
      const limited = { name: `argon2id, ${x} at once`, samples: [limit] };
      const point = { curve: 'served-a-second', line, x } as const;
      return figureOf({ name: line, unit: '/s', samples: [20], limit: limited, point });
    };
    const run = [served('served', 1, 14), served('served', 32, 26), served('again', 32, 28)];
    expect(curvesOf(run).get('served-a-second')?.lines.at(-1)).toEqual({
      name: 'argon2id',
      kind: 'limit',
      points: [
        { x: 1, y: 14 },
        { x: 32, y: 27 },
      ],
    });
  });

  it('are left out where a run has measured one size alone', () => {
    expect([...curvesOf(RUN.slice(0, 1)).keys()]).toEqual([]);
    expect([...curvesOf(RUN).keys()]).toEqual(['import']);
  });
});

describe('a curve as SVG', () => {
  it('is a picture that a renderer takes, with a name at each line and units at both axes', () => {
    const chart = curvesOf(RUN).get('import');
    const svg = chart === undefined ? '' : chartSvg(chart);
    expect(new Resvg(svg).render().width).toBe(760);
    for (const text of ['sqljs', 'sqlite', '1,000', '100,000', 'users', '100 ms', '1 s'])
      expect(svg).toContain(`>${text}</text>`);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('takes a name with any characters', () => {
    const strange = [importOf('<a&"b">', 1, 5), importOf('<a&"b">', 10, 6)];
    const [chart] = [...curvesOf(strange).values()];
    expect(chart && chartSvg(chart)).toContain('&lt;a&amp;&quot;b&quot;>');
  });
});
