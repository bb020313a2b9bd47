/** One fresh bench a test, disposed of afterwards. */
import { afterEach, beforeEach } from 'vitest';
import type { Bench } from './bench.ts';

export function withBench(openBench: () => Promise<Bench>): { readonly current: Bench } {
  let bench: Bench | undefined;
  beforeEach(async () => {
    bench = await openBench();
  });
  afterEach(async () => {
    await bench?.dispose();
    bench = undefined;
  });
  return {
    get current() {
      if (bench === undefined) throw new Error('no bench outside of a test');
      return bench;
    },
  };
}
