/**
 * The audit trail from its end back, a portion at a time, and on from its end: for a screen that shows the newest records and goes as far
 * back as somebody scrolls or searches. Reads only, takes no lock, and holds one segment at a time, however long the trail is.
 * Places are counted in lines, not in the numbers that records bear: a number that was tampered with leads nowhere.
 */
import { closeSync } from 'node:fs';
import type { AuditFilter } from '../audit-filter.ts';
import type { AuditCursor } from './audit-read.ts';
import { type AuditRecord, decodeRecord } from './audit-record.ts';
import { linesOf, openSegment, SEGMENT_RECORDS, segmentStarts } from './audit-segment.ts';

/** The lines of a segment that were not looked at yet, counted from its beginning. */
export type AuditPlace = { readonly segment: number; readonly lines: number };

export type AuditPortion = {
  /** Newest first. */
  readonly records: readonly AuditRecord[];
  /** Where to go on; undefined: that was the beginning of the trail. */
  readonly next: AuditPlace | undefined;
};

/** Where the trail ends now: the place to go back from, and the cursor to go on from. Faults: those of reading. */
export async function auditEnd(folder: string): Promise<{ readonly place: AuditPlace; readonly cursor: AuditCursor }> {
  const segment = (await segmentStarts(folder)).at(-1) ?? 1;
  const { lines, byte } = await readLines(folder, { segment, byte: 0 });
  return { place: { segment, lines: lines.length }, cursor: { segment, byte } };
}

/** At most `limit` records before a place, from one segment: where few of its records match, there are few. Faults: those of reading. */
export async function auditBefore(
  folder: string,
  from: { readonly place: AuditPlace; readonly limit: number; readonly filter: AuditFilter | undefined },
): Promise<AuditPortion> {
  const { place, limit, filter } = from;
  const { lines } = await readLines(folder, { segment: place.segment, byte: 0 });
  const records: AuditRecord[] = [];
  let left = Math.min(place.lines, lines.length);
  while (left > 0 && records.length < limit) {
    left -= 1;
    const record = matching(lines[left] ?? '', filter);
    if (record !== undefined) records.push(record);
  }
  return {
    records,
    next: left > 0 ? { segment: place.segment, lines: left } : await segmentBefore(folder, place.segment),
  };
}

/** What was written since, oldest first, of one segment at a time; the cursor is where to go on. Faults: those of reading. */
export async function auditSince(
  folder: string,
  cursor: AuditCursor,
): Promise<{ readonly records: readonly AuditRecord[]; readonly cursor: AuditCursor }> {
  const next = cursor.segment + SEGMENT_RECORDS;
  // Asked before the present segment is read: once the next one is there, nothing is added to this one.
  const complete = (await segmentStarts(folder)).includes(next);
  const { lines, byte } = await readLines(folder, cursor);
  const records = lines.flatMap((line) => decodeRecord(line) ?? []);
  return { records, cursor: complete ? { segment: next, byte: 0 } : { segment: cursor.segment, byte } };
}

function matching(line: string, filter: AuditFilter | undefined): AuditRecord | undefined {
  if (filter !== undefined && !filter.mayMatch(line)) return undefined;
  const record = decodeRecord(line);
  return record !== undefined && (filter?.matches(record) ?? true) ? record : undefined;
}

/** Segments may have been moved to an archive: the next one that is there. */
async function segmentBefore(folder: string, segment: number): Promise<AuditPlace | undefined> {
  const before = (await segmentStarts(folder)).filter((start) => start < segment).at(-1);
  return before === undefined ? undefined : { segment: before, lines: Number.POSITIVE_INFINITY };
}

/** The whole lines from a cursor to the end of its segment, and where they end. */
async function readLines(
  folder: string,
  { segment, byte }: AuditCursor,
): Promise<{ readonly lines: readonly string[]; readonly byte: number }> {
  const fd = openSegment(folder, segment);
  if (fd === undefined) return { lines: [], byte };
  const lines: string[] = [];
  let end = byte;
  try {
    for await (const some of linesOf(fd, byte)) {
      for (const line of some) {
        if (!line.whole) continue;
        end = line.end;
        lines.push(line.text);
      }
    }
  } finally {
    closeSync(fd);
  }
  return { lines, byte: end };
}
