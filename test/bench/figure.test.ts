import { describe, expect, it } from 'vitest';
import {
  atLeastTimesTheLimit,
  atMost,
  type Figure,
  figureJson,
  figureOf,
  holds,
  timesTheLimit,
} from '../../bench/figure.ts';

function prompt(ms: number, bareMs: number): Figure {
  const limit = { name: 'node -e 0', samples: [bareMs] };
  return figureOf({ name: 'first prompt', unit: 'ms', samples: [ms], limit, goal: timesTheLimit(1.2) });
}

describe('a figure of the bench', () => {
  it('holds up to its goal and not beyond, measured in the limit', () => {
    expect(holds(prompt(120, 100))).toBe(true);
    expect(holds(prompt(121, 100))).toBe(false);
    expect(holds(prompt(1200, 1000))).toBe(true);
  });

  it('misses a goal that wants at least so much of the limit when it does less', () => {
    const served = (perSecond: number) =>
      figureOf({
        name: 'served',
        unit: '/s',
        samples: [perSecond],
        limit: { name: 'argon2id', samples: [30] },
        goal: atLeastTimesTheLimit(0.9),
      });
    expect(holds(served(27))).toBe(true);
    expect(holds(served(26))).toBe(false);
  });

  it('is judged by its median', () => {
    const figure = figureOf({ name: 'memory', unit: 'MB', samples: [80, 84, 300], goal: atMost(85) });
    expect(figure.value).toBe(84);
    expect(holds(figure)).toBe(true);
  });

  it('does not hold where what it is compared with is missing or nothing', () => {
    const alone = figureOf({ name: 'alone', unit: 'ms', samples: [1], goal: timesTheLimit(1.2) });
    expect(holds(alone)).toBe(false);
    expect(holds(prompt(1, 0))).toBe(false);
  });

  it('gives name, value, unit, limit, ratio, goal and holds as JSON, and nothing else', () => {
    expect(figureJson(prompt(110.12345, 100))).toEqual({
      name: 'first prompt',
      value: 110.123,
      unit: 'ms',
      limit: 100,
      ratio: 1.101,
      goal: '≤ 1.2 × limit',
      holds: true,
    });
  });

  it('gives null where there is no limit or no goal', () => {
    const figure = figureOf({ name: 'memory', unit: 'MB', samples: [84], goal: atMost(85) });
    expect(figureJson(figure)).toMatchObject({ limit: null, ratio: null, goal: '≤ 85 MB' });
    expect(figureJson(figureOf({ name: 'told', unit: 'ms', samples: [1] }))).toMatchObject({ goal: null, holds: true });
  });
});
