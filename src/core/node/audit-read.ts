/**
 * Reading the audit trail, for `audit list` and the console: what the records say, in their order. Whether they are authentic is
 * `verifyAuditTrail`'s affair. Takes no lock; no more than one segment is held at a time, but for what `limit` asks.
 */
import { closeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { type EpochMs, nameKey } from '../user.ts';
import { type AuditRecord, decodeRecord } from './audit-record.ts';
import { linesOf, openSegment, SEGMENT_RECORDS, segmentStarts } from './audit-segment.ts';

export type AuditQuery = {
  /** Only records from then on. */
  readonly since?: EpochMs;
  /** Only records of what this user did or had done to them. */
  readonly user?: string;
  /** Only the newest so many of those. */
  readonly limit?: number;
};

/** Up to where the trail was read. */
export type AuditCursor = { readonly segment: number; readonly byte: number };

/** Oldest first. Lines that are no records are passed over. Throws a Fault where the files may not or cannot be read. */
export async function* readAuditTrail(
  folder: string,
  query: AuditQuery = {},
): AsyncGenerator<AuditRecord, AuditCursor, undefined> {
  const starts = await segmentStarts(folder);
  if (query.limit !== undefined) return yield* readNewest(folder, starts, { ...query, limit: query.limit });
  let cursor: AuditCursor = { segment: starts[0] ?? 1, byte: 0 };
  for (const [index, segment] of starts.entries()) {
    if (await isAllBefore(folder, starts[index + 1], query.since)) continue;
    const part = await readSegment(folder, { segment, byte: 0 });
    cursor = part.cursor;
    yield* part.records.filter(matcherOf(query));
  }
  return cursor;
}

/** The same, and then each new record as it comes, until `signal` ends it. */
export async function* followAuditTrail(
  folder: string,
  query: AuditQuery & { readonly signal: AbortSignal },
): AsyncGenerator<AuditRecord, void, undefined> {
  const matches = matcherOf(query);
  let cursor = yield* readAuditTrail(folder, query);
  while (!query.signal.aborted) {
    const next = { segment: cursor.segment + SEGMENT_RECORDS, byte: 0 };
    // Asked before the present segment is read: once the next one is there, nothing is added to this one.
    const complete = exists(folder, next.segment);
    const part = await readSegment(folder, cursor);
    cursor = complete ? next : part.cursor;
    yield* part.records.filter(matches);
    if (!complete) await pause(FOLLOW_MS, undefined, { signal: query.signal }).catch(() => undefined);
  }
}

/** SPEC §5: what other processes change shows up within 2 s. */
export const FOLLOW_MS = 500;
/** A clock may have been set back; by more than this, `since` may pass over a record. */
const CLOCK_SLACK_MS = 24 * 60 * 60 * 1000;

async function* readNewest(
  folder: string,
  starts: readonly number[],
  query: AuditQuery & { readonly limit: number },
): AsyncGenerator<AuditRecord, AuditCursor, undefined> {
  const matches = matcherOf(query);
  let newest: readonly AuditRecord[] = [];
  let end: AuditCursor | undefined;
  for (const segment of starts.toReversed()) {
    const part = await readSegment(folder, { segment, byte: 0 });
    end ??= part.cursor;
    newest = [...part.records.filter(matches), ...newest];
    if (newest.length >= query.limit || (await isAllBefore(folder, segment, query.since))) break;
  }
  yield* query.limit === 0 ? [] : newest.slice(-query.limit);
  return end ?? { segment: 1, byte: 0 };
}

/** True where the segments before `start` cannot hold anything from `since` on. */
async function isAllBefore(folder: string, start: number | undefined, since: EpochMs | undefined): Promise<boolean> {
  if (start === undefined || since === undefined) return false;
  const fd = openSegment(folder, start);
  if (fd === undefined) return false;
  try {
    for await (const [first] of linesOf(fd, 0)) {
      const record = first?.whole ? decodeRecord(first.text) : undefined;
      return record !== undefined && Date.parse(record.at) + CLOCK_SLACK_MS < since;
    }
    return false;
  } finally {
    closeSync(fd);
  }
}

type Part = { readonly records: readonly AuditRecord[]; readonly cursor: AuditCursor };

/** The whole lines from the cursor to the end of its segment. */
async function readSegment(folder: string, { segment, byte }: AuditCursor): Promise<Part> {
  const fd = openSegment(folder, segment);
  if (fd === undefined) return { records: [], cursor: { segment, byte } };
  const records: AuditRecord[] = [];
  let end = byte;
  try {
    for await (const lines of linesOf(fd, byte)) {
      for (const line of lines) {
        if (!line.whole) continue;
        end = line.end;
        const record = decodeRecord(line.text);
        if (record) records.push(record);
      }
    }
  } finally {
    closeSync(fd);
  }
  return { records, cursor: { segment, byte: end } };
}

function exists(folder: string, segment: number): boolean {
  const fd = openSegment(folder, segment);
  if (fd === undefined) return false;
  closeSync(fd);
  return true;
}

/** For records in whatever order. */
export function matcherOf({ since, user }: AuditQuery): (record: AuditRecord) => boolean {
  const key = user === undefined ? undefined : nameKey(user);
  const isOf = (name: string | undefined) => name !== undefined && nameKey(name) === key;
  return (record) =>
    (since === undefined || Date.parse(record.at) >= since) &&
    (key === undefined || isOf(record.user) || isOf(record.actor));
}
