/**
 * Loaded before the program whose pictures are taken: its clock stands still and its dice fall the same way each time, so that a
 * picture changes only where the screen does. For throw-away facilities alone: nothing is secret here.
 */
import { createHash } from 'node:crypto';
import { createRequire, syncBuiltinESMExports } from 'node:module';

/** A Tuesday morning. */
export const STILL_MS = Date.parse('2027-03-02T09:41:12Z');

/** The same bytes in the same order for the same seed. */
export function seededBytes(seed: string): (count: number) => Buffer {
  let drawn = 0;
  return (count) => {
    const blocks: Buffer[] = [];
    for (let length = 0; length < count; length += 32) {
      blocks.push(createHash('sha256').update(`${seed} ${drawn}`).digest());
      drawn += 1;
    }
    return Buffer.concat(blocks).subarray(0, count);
  };
}

if (process.env.GATEHOUSE_PICTURE !== undefined) {
  const LiveDate = Date;
  class StillDate extends LiveDate {
    constructor(...given: readonly unknown[]) {
      super(...((given.length === 0 ? [STILL_MS] : given) as [number]));
    }
    static override now(): number {
      return STILL_MS;
    }
  }
  Reflect.set(globalThis, 'Date', StillDate);
  Reflect.set(createRequire(import.meta.url)('node:crypto'), 'randomBytes', seededBytes(process.env.GATEHOUSE_PICTURE));
  syncBuiltinESMExports();
}
