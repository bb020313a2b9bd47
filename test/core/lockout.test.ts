import { describe, expect, it } from 'vitest';
import {
  countFailure,
  type FailureCount,
  LOCKED_FOR_GOOD,
  type LockoutRules,
  NO_FAILURES,
  secondsLocked,
} from '../../src/core/lockout.ts';
import fc from '../support/properties.ts';

const rules: LockoutRules = {
  passwordFailures: 5,
  codeFailures: 3,
  firstDelaySeconds: 30,
  longestDelaySeconds: 900,
  hardLimit: 100,
};
const NOW = Date.parse('2026-01-01T00:00:00Z');

function countAfter(failures: number, factor: 'password' | 'code' = 'password'): FailureCount {
  let count = NO_FAILURES;
  for (let made = 0; made < failures; made += 1) count = countFailure(count, factor, rules, NOW);
  return count;
}

describe('lockout', () => {
  it('locks at the budget of each factor, not before', () => {
    expect(countAfter(4).lockedUntil).toBeNull();
    expect(secondsLocked(countAfter(5), NOW)).toBe(30);
    expect(secondsLocked(countAfter(2, 'code'), NOW)).toBe(0);
    expect(secondsLocked(countAfter(3, 'code'), NOW)).toBe(30);
  });

  it('doubles the delay up to the longest', () => {
    expect([5, 6, 7, 8, 9, 10, 11, 50].map((failures) => secondsLocked(countAfter(failures), NOW))).toEqual([
      30, 60, 120, 240, 480, 900, 900, 900,
    ]);
  });

  it('stops for good at the hard limit', () => {
    expect(countAfter(99).lockedUntil).toBe(NOW + 900_000);
    expect(countAfter(100).lockedUntil).toBe(LOCKED_FOR_GOOD);
  });

  it('is over when its time has come, to the millisecond', () => {
    const { lockedUntil } = countAfter(5);
    expect(lockedUntil).toBe(NOW + 30_000);
    expect(secondsLocked(countAfter(5), NOW + 29_999)).toBe(1);
    expect(secondsLocked(countAfter(5), NOW + 30_000)).toBe(0);
  });

  it('never gets shorter with more failures', () => {
    fc.assert(
      fc.property(fc.nat({ max: 120 }), fc.constantFrom('password' as const, 'code' as const), (failures, factor) => {
        const [less, more] = [countAfter(failures, factor), countAfter(failures + 1, factor)];
        expect(secondsLocked(more, NOW)).toBeGreaterThanOrEqual(secondsLocked(less, NOW));
      }),
    );
  });
});
