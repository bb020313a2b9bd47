import { describe, expect, it } from 'vitest';
import { sideBySide } from '../../bench/side-by-side.ts';

const ROUNDS = { full: 4, quick: 2, seconds: { full: 60, quick: 60 } };

describe('things measured side by side', () => {
  it('take turns in being the first, after a round that is not counted', async () => {
    const order: string[] = [];
    const run = (name: string) => async () => order.push(name);
    await sideBySide('quick', ROUNDS, { a: run('a'), b: run('b') });
    expect(order.join(' ')).toBe('a b a b b a');
  });

  it('give as many samples each as there are rounds', async () => {
    let count = 0;
    const samples = await sideBySide('full', ROUNDS, {
      a: async () => {
        count += 1;
        return count;
      },
      b: async () => 0,
    });
    expect(samples).toEqual({ a: [2, 3, 4, 5], b: [0, 0, 0, 0] });
  });

  it('make fewer rounds when time has run out, but enough for a median', async () => {
    const rounds = { full: 1000, quick: 1000, seconds: { full: 0, quick: 0 } };
    const samples = await sideBySide('quick', rounds, { a: async () => 1 });
    expect(samples.a).toHaveLength(3);
  });

  it('fail when one of them does', async () => {
    const broken = async () => Promise.reject(new Error('no prompt'));
    await expect(sideBySide('quick', ROUNDS, { broken })).rejects.toThrow('no prompt');
  });
});
