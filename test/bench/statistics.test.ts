import { describe, expect, it } from 'vitest';
import { median, quantile, spreadOf } from '../../bench/statistics.ts';

describe('the statistics of the bench', () => {
  it('takes the middle of an odd number of samples, whatever their order', () => {
    expect(median([30, 10, 20])).toBe(20);
  });

  it('takes the mean of the two middle ones of an even number', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('is not moved by one run that a busy machine spoilt', () => {
    expect(median([10, 11, 12, 11, 9000])).toBe(11);
  });

  it('places quantiles between two samples in proportion', () => {
    expect(quantile([0, 10], 0.25)).toBe(2.5);
    expect(quantile([1, 2, 3, 4, 5], 0.95)).toBeCloseTo(4.8);
  });

  it('tells how many runs there were and where the middle half of them lies', () => {
    expect(spreadOf([5, 1, 3, 2, 4])).toEqual({ runs: 5, lowQuartile: 2, highQuartile: 4 });
  });

  it('says nothing of no samples', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});
