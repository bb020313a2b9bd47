/** Log-ons and failures of the last 24 hours, counted by five minutes: what the Overview's chart is drawn from. PURE. */
import type { SearchedRecord } from '../core/audit-filter.ts';
import type { EpochMs } from '../core/user.ts';

export const DAY_MS = 24 * 60 * 60 * 1000;

export type LogOnCount = { readonly granted: number; readonly failed: number };

/** By the number of the five minutes since 1970. */
export type LogOnTally = ReadonlyMap<number, LogOnCount>;

/** The tally with these records; what is older than a day at `now` goes. */
export function withRecords(tally: LogOnTally, records: readonly SearchedRecord[], now: EpochMs): LogOnTally {
  const oldest = slotAt(now - DAY_MS);
  const next = new Map([...tally].filter(([slot]) => slot > oldest));
  for (const record of records) {
    const slot = slotAt(Date.parse(record.at));
    const kind = kindOf(record);
    if (kind === undefined || !(slot > oldest)) continue;
    const { granted, failed } = next.get(slot) ?? { granted: 0, failed: 0 };
    next.set(slot, kind === 'granted' ? { granted: granted + 1, failed } : { granted, failed: failed + 1 });
  }
  return next;
}

/** The 24 hours up to `now` in so many parts, oldest first. `parts` divides 288. */
export function partsOf(tally: LogOnTally, now: EpochMs, parts: number): readonly LogOnCount[] {
  const slotsInPart = SLOTS / parts;
  const first = slotAt(now) - SLOTS + 1;
  return Array.from({ length: parts }, (_, part) => {
    const slots = Array.from({ length: slotsInPart }, (__, slot) => tally.get(first + part * slotsInPart + slot));
    return {
      granted: slots.reduce((sum, count) => sum + (count?.granted ?? 0), 0),
      failed: slots.reduce((sum, count) => sum + (count?.failed ?? 0), 0),
    };
  });
}

/** The most parts that fit so many columns; there are always 24. */
export function partsIn(columns: number): number {
  return [288, 144, 96, 72, 48].find((parts) => parts <= columns) ?? 24;
}

const SLOT_MS = 5 * 60 * 1000;
const SLOTS = DAY_MS / SLOT_MS;

function slotAt(at: EpochMs): number {
  return Math.floor(at / SLOT_MS);
}

/** A log-on that was given up is none. */
function kindOf({ event }: SearchedRecord): keyof LogOnCount | undefined {
  if (event === 'login.granted') return 'granted';
  return event === 'login.denied' || event === 'login.unavailable' ? 'failed' : undefined;
}
