/** Times as the console shows them: ISO 8601 in UTC, so that two admins in two places read the same. PURE. */
import type { EpochMs } from '../core/user.ts';

/** `2026-11-24`, or `never`. */
export function dateText(at: EpochMs | null): string {
  return at === null ? 'never' : new Date(at).toISOString().slice(0, 10);
}

/** `2026-11-24 09:30 UTC`, or `never`. */
export function timeText(at: EpochMs | null): string {
  return at === null ? 'never' : `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** The start of that day in UTC; undefined where it is no day of the calendar. `typed`: YYYY-MM-DD. */
export function dayOf(typed: string): EpochMs | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(typed)) return undefined;
  const at = Date.parse(`${typed}T00:00:00Z`);
  return Number.isNaN(at) || dateText(at) !== typed ? undefined : at;
}

/** `in 3 minutes`, rounded up: for how long something lasts yet. */
export function inText(until: EpochMs, now: EpochMs): string {
  const seconds = Math.max(0, Math.ceil((until - now) / 1000));
  if (seconds < 90) return `in ${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 90) return `in ${minutes} minutes`;
  const hours = Math.ceil(minutes / 60);
  return hours < 48 ? `in ${hours} hours` : `in ${Math.ceil(hours / 24)} days`;
}
