/** Dates and times on the command line, in ISO 8601. Without an offset they are those of this host's time zone. */
import { Fault } from '../core/errors.ts';
import type { EpochMs } from '../core/user.ts';

/** `2027-01-31` (its first moment) or `2027-01-31T08:00`, with or without seconds and offset. Fault: `usage`. */
export function readMoment(option: string, typed: string): EpochMs {
  const at = momentOf(typed.trim());
  if (at === undefined) {
    throw new Fault('usage', `${option} is not a date or time.`, {
      hint: 'Write 2027-01-31, 2027-01-31T08:00, or 2027-01-31T08:00Z.',
    });
  }
  return at;
}

/** The same, or how long ago: `30m`, `24h`, `7d`. */
export function readSince(option: string, typed: string, now: EpochMs): EpochMs {
  const ago = /^(\d{1,6})([mhd])$/.exec(typed.trim());
  if (!ago) return readMoment(option, typed);
  const unit = ago[2] === 'm' ? 60_000 : ago[2] === 'h' ? 3_600_000 : 86_400_000;
  return now - Number(ago[1]) * unit;
}

const FORM = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

function momentOf(text: string): EpochMs | undefined {
  const parts = FORM.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', offset = ''] = parts;
  // Date rolls 31 February over into March: a date that is none is refused instead.
  if (Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) return undefined;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  return Number.isNaN(at) ? undefined : at;
}
