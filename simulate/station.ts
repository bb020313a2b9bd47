/** Something that a few can use at a time, the others waiting in the order in which they came: the cores that hash, the store. */
import type { Agenda } from './agenda.ts';

export type Station = {
  /** Takes a place in the line. Known at once, since nobody overtakes: how long it will be waited, and when the work is done. */
  enter(serviceMs: number): { readonly waitMs: number; readonly doneAt: number };
  /** Milliseconds of work between two moments, over all places. */
  busyMs(from: number, to: number): number;
  readonly places: number;
  /** Everybody is sent away; what they were waiting for is not done. */
  clear(): void;
};

export function createStation(agenda: Agenda, places: number): Station {
  let freeAt = Array.from({ length: places }, () => Number.NEGATIVE_INFINITY);
  const busyByMinute = new Map<number, number>();

  function note(from: number, to: number, sign: 1 | -1): void {
    for (let minute = Math.floor(from / MINUTE_MS); minute * MINUTE_MS < to; minute += 1) {
      const within = Math.min(to, (minute + 1) * MINUTE_MS) - Math.max(from, minute * MINUTE_MS);
      busyByMinute.set(minute, (busyByMinute.get(minute) ?? 0) + sign * within);
    }
  }

  return {
    places,
    enter(serviceMs) {
      const now = agenda.now();
      const earliest = Math.min(...freeAt);
      const begins = Math.max(now, earliest);
      freeAt[freeAt.indexOf(earliest)] = begins + serviceMs;
      note(begins, begins + serviceMs, 1);
      return { waitMs: begins - now, doneAt: begins + serviceMs };
    },
    busyMs(from, to) {
      let busy = 0;
      for (let minute = Math.floor(from / MINUTE_MS); minute * MINUTE_MS < to; minute += 1) {
        busy += busyByMinute.get(minute) ?? 0;
      }
      return busy;
    },
    clear() {
      const now = agenda.now();
      for (const until of freeAt) if (until > now) note(now, until, -1);
      freeAt = freeAt.map(() => Number.NEGATIVE_INFINITY);
    },
  };
}

/** Work is told by the minute: asked for whole minutes, the answer is exact. */
const MINUTE_MS = 60_000;
