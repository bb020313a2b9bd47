import type { Random } from '../ports.ts';

/**
 * Random bytes for many ids out of few calls: a hundred thousand calls of the operating system's generator take most of a second.
 * For ids alone: what is left of a portion stays in memory, where no secret is to lie.
 */
export function pooledRandom(random: Random): Random {
  let pool = new Uint8Array(0);
  return {
    bytes(count) {
      if (count > PORTION_BYTES) return random.bytes(count);
      if (pool.length < count) pool = Uint8Array.from(random.bytes(PORTION_BYTES));
      const taken = pool.subarray(0, count);
      pool = pool.subarray(count);
      return taken;
    },
  };
}

const PORTION_BYTES = 16 * 1024;
