import { describe, expect, it } from 'vitest';
import { pooledRandom } from '../../../src/core/directory/pooled-random.ts';
import { systemRandom } from '../../../src/core/node/random.ts';

describe('random bytes out of a pool', () => {
  it('are never handed out twice, and come in few portions', () => {
    let calls = 0;
    const pool = pooledRandom({
      bytes(count) {
        calls += 1;
        return systemRandom.bytes(count);
      },
    });
    const taken = Array.from({ length: 3000 }, () => Buffer.from(pool.bytes(16)).toString('hex'));
    expect(new Set(taken).size).toBe(3000);
    expect(taken.every((text) => text.length === 32)).toBe(true);
    expect(calls).toBe(3);
  });

  it('come whole where more are asked for than a portion has', () => {
    expect(pooledRandom(systemRandom).bytes(100_000)).toHaveLength(100_000);
  });
});
