import { describe, expect, it } from 'vitest';
import { nonsense } from '../../torture/fuzz/mutation.ts';
import { seededRandom } from '../../torture/random.ts';

const GRAMMAR = { examples: ['2FA=Off\n[Login]\n'], words: ['[', ']', '='] };

describe('chance with a seed', () => {
  it('makes the same nonsense again, so that a failure can be brought back', () => {
    const made = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 200 }, () => nonsense(random, GRAMMAR));
    };
    expect(made(7)).toEqual(made(7));
    expect(made(7)).not.toEqual(made(8));
    expect(new Set(made(7)).size).toBeGreaterThan(150);
  });

  it('stays in its bounds', () => {
    const random = seededRandom(1);
    const drawn = Array.from({ length: 1000 }, () => random.below(6));
    expect([...new Set(drawn)].toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(() => random.pick([])).toThrow();
  });
});
