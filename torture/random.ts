/** Chance that can be had again: the same seed, the same choices (mulberry32, public domain). */
export type Random = {
  /** At least 0 and below 1. */
  fraction(): number;
  /** A whole number from 0, below `limit`. */
  below(limit: number): number;
  pick<T>(choice: readonly T[]): T;
  chance(probability: number): boolean;
  bytes(count: number): Buffer;
};

export function seededRandom(seed: number): Random {
  let state = seed | 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(fraction() * limit);
  return {
    fraction,
    below,
    pick(choice) {
      const picked = choice[below(choice.length)];
      if (picked === undefined) throw new Error('nothing to choose from');
      return picked;
    },
    chance: (probability) => fraction() < probability,
    bytes(count) {
      const bytes = Buffer.alloc(count);
      for (let index = 0; index < count; index += 1) bytes[index] = below(256);
      return bytes;
    },
  };
}

/** Seeds of a run's rounds lie side by side; those of two runs may not overlap for many thousand rounds. */
export function freshSeed(): number {
  return Math.floor(Math.random() * 1e6) * 1000;
}
