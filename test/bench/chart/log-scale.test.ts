import { describe, expect, it } from 'vitest';
import { logScale } from '../../../bench/chart/log-scale.ts';

const PIXELS = { from: 0, to: 300 };

describe('a logarithmic axis', () => {
  it('gives each factor of ten the same room', () => {
    const { at } = logScale([1000, 1_000_000], PIXELS);
    expect([1000, 10_000, 100_000, 1_000_000].map(at).map(Math.round)).toEqual([0, 100, 200, 300]);
  });

  it('goes down to the side where `from` is, as the vertical axis of a picture does', () => {
    const { at } = logScale([1, 100], { from: 380, to: 80 });
    expect([at(1), Math.round(at(10)), Math.round(at(100))]).toEqual([380, 230, 80]);
  });

  it('labels powers of ten where there are many, and 2 and 5 between them where there are few', () => {
    expect(logScale([3, 4000], PIXELS).ticks).toEqual([10, 100, 1000]);
    expect(logScale([13, 180], PIXELS).ticks).toEqual([10, 20, 50, 100, 200]);
    expect(logScale([0.4, 3], PIXELS).ticks).toEqual([0.2, 0.5, 1, 2, 5]);
  });

  it('has room for all that it was made for, one lone number too', () => {
    for (const numbers of [[7], [0.013, 0.02], [999, 1001], [1, 12_345_678]]) {
      const { at } = logScale(numbers, PIXELS);
      for (const number of numbers) {
        expect(at(number)).toBeGreaterThanOrEqual(0);
        expect(at(number)).toBeLessThanOrEqual(300);
      }
    }
  });

  it('refuses what has no logarithm', () => {
    for (const numbers of [[0, 1], [-1], [Number.NaN], []]) expect(() => logScale(numbers, PIXELS)).toThrow(RangeError);
  });
});
