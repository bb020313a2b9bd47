/** Chance that is the same each time: numbers out of a seed, and what people do with them. No secret of a real facility comes from here. */
import { createHash } from 'node:crypto';
import type { Random } from '../src/core/ports.ts';

export type Chance = Random & {
  /** From 0 on, below 1. */
  next(): number;
  between(low: number, high: number): number;
  happens(probability: number): boolean;
  /** Around the mean, like a bell; about two thirds of them at most one deviation away. */
  bell(mean: number, deviation: number): number;
  /** Throws a RangeError where there is nothing to pick from. */
  pick<T>(from: readonly T[]): T;
  shuffled<T>(list: readonly T[]): readonly T[];
};

/** One row of numbers a purpose, so that a change in one does not shift all others. */
export function chanceOf(seed: number, purpose: string): Chance {
  let state = createHash('sha256').update(`${seed}:${purpose}`).digest().readUInt32LE(0);

  /** mulberry32: 32 bits of state, good enough for a play. */
  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  const below = (count: number) => Math.floor(next() * count);
  return {
    next,
    between: (low, high) => low + next() * (high - low),
    happens: (probability) => next() < probability,
    // Box and Muller; 1 - next() is never 0.
    bell: (mean, deviation) => mean + deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    pick(from) {
      const picked = from[below(from.length)];
      if (picked === undefined) throw new RangeError('There is nothing to pick from.');
      return picked;
    },
    shuffled(list) {
      const mixed = [...list];
      for (let last = mixed.length - 1; last > 0; last -= 1) {
        const other = below(last + 1);
        mixed.splice(last, 1, ...mixed.splice(other, 1, ...mixed.slice(last, last + 1)));
      }
      return mixed;
    },
    bytes: (count) => Uint8Array.from({ length: count }, () => below(256)),
  };
}
