/**
 * Reading the audit files and the records that wait in the database as one trail, for `audit list` and the console:
 * what the records say, in their order. Whether they are authentic is the affair of audit-verify.ts. Takes no lock.
 * The rows are read first and the files second: whatever is deleted from the table meanwhile is in the files. No more
 * than one segment is held at a time, but for what `limit` asks. Places are counted in lines, not in the numbers that
 * records bear: a number that was tampered with leads nowhere.
 */
import { closeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { AuditFilter } from '../audit-filter.ts';
import { Fault, toFault } from '../errors.ts';
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

/**
 * Lines that were not looked at yet: of a segment, counted from its beginning, and behind them, those that are in no
 * file.
 */
export type FilePlace = { readonly segment: number; readonly lines: number; readonly queued?: readonly string[] };

/** Up to where the trail was read; `shown`: lines that may be met again, in the files or in the database. */
export type FileCursor = { readonly segment: number; readonly byte: number; readonly shown?: ReadonlySet<string> };

export type FilePortion = {
  /** Newest first. */
  readonly records: readonly AuditRecord[];
  /** Where to go on; undefined: that was the beginning of the trail. */
  readonly next: FilePlace | undefined;
};

export type ReadableFiles = {
  readonly folder: string;
  /** Lines of the rows in the database, in their order. */
  readonly rows: () => Promise<readonly string[]>;
  /** Records that no database has yet. */
  readonly sides: () => Promise<readonly AuditRecord[]>;
};

/**
 * Oldest first. Lines that are no records are passed over. Throws a Fault behind all that can be read, where the files
 * or the database may not or cannot be.
 */
export async function* readFiles(
  { folder, rows, sides }: ReadableFiles,
  query: AuditQuery = {},
): AsyncGenerator<AuditRecord, void, undefined> {
  const beside = await sides();
  const asked = await orFault(rows());
  const queue = queueOf('fault' in asked ? [] : asked.rows);
  const matches = matcherOf(query);
  const rest = () => [...decoded(queue.rest()), ...beside].filter(matches);
  const starts = await segmentStarts(folder).catch(toFault);
  if (starts instanceof Fault) {
    const all = rest();
    yield* all.slice(Math.max(0, all.length - (query.limit ?? all.length)));
    throw starts;
  }
  if (query.limit !== undefined) {
    const newest = await newestOf(folder, starts, { ...query, limit: query.limit, queue });
    const all = [...newest, ...rest()];
    yield* all.slice(Math.max(0, all.length - query.limit));
    if ('fault' in asked) throw asked.fault;
    return;
  }
  for (const [index, segment] of starts.entries()) {
    if (await isAllBefore(folder, starts[index + 1], query.since)) continue;
    const { lines } = await readLines(folder, { segment, byte: 0 });
    queue.meet(lines);
    yield* decoded(lines).filter(matches);
  }
  yield* rest();
  if ('fault' in asked) throw asked.fault;
}

/** The same, and then each new record as it comes, until `signal` ends it. */
export async function* followFiles(
  files: ReadableFiles,
  query: AuditQuery & { readonly signal: AbortSignal },
): AsyncGenerator<AuditRecord, void, undefined> {
  const matches = matcherOf(query);
  let { cursor, place } = await endOfFiles(files);
  yield* upTo(files.folder, place, query);
  while (!query.signal.aborted) {
    const from = cursor;
    // A database that is away for a moment is asked again.
    const news = await sinceCursor(files, from).catch((thrown: unknown) => {
      if (thrown instanceof Fault && thrown.code === 'busy') return { records: [], cursor: from };
      throw thrown;
    });
    const isMore = news.cursor.segment > from.segment;
    cursor = news.cursor;
    yield* news.records.filter(matches);
    if (!isMore) await pause(FOLLOW_MS, undefined, { signal: query.signal }).catch(() => undefined);
  }
}

/** Where the trail ends now: the place to go back from, and the cursor to go on from. */
export async function endOfFiles({
  folder,
  rows,
}: ReadableFiles): Promise<{ readonly place: FilePlace; readonly cursor: FileCursor }> {
  const queue = queueOf(await rows());
  const starts = await segmentStarts(folder);
  const segment = starts.at(-1) ?? 1;
  const { lines, byte } = await readLines(folder, { segment, byte: 0 });
  // A queue may reach back over the end of a segment.
  if (lines.length < queue.size && starts.length > 1) {
    queue.meet((await readLines(folder, { segment: starts.at(-2) ?? 1, byte: 0 })).lines);
  }
  queue.meet(lines);
  return {
    place: { segment, lines: lines.length, queued: queue.rest() },
    cursor: { segment, byte, shown: new Set([...queue.all, ...lines]) },
  };
}

/** At most `limit` records before a place, from one segment: where few of its records match, there are few. */
export async function beforePlace(
  folder: string,
  from: { readonly place: FilePlace; readonly limit: number; readonly filter: AuditFilter | undefined },
): Promise<FilePortion> {
  const { place, limit, filter } = from;
  const { segment, queued = [] } = place;
  const back = lastMatches(queued, limit, filter);
  if (back.left > 0) {
    return { records: back.records, next: { segment, lines: place.lines, queued: queued.slice(0, back.left) } };
  }
  const { lines } = await readLines(folder, { segment, byte: 0 });
  const older = lastMatches(lines.slice(0, Math.min(place.lines, lines.length)), limit - back.records.length, filter);
  return {
    records: [...back.records, ...older.records],
    next: older.left > 0 ? { segment, lines: older.left } : await segmentBefore(folder, segment),
  };
}

/** What was written since, oldest first, of one segment at a time; the cursor is where to go on. */
export async function sinceCursor(
  { folder, rows }: ReadableFiles,
  cursor: FileCursor,
): Promise<{ readonly records: readonly AuditRecord[]; readonly cursor: FileCursor }> {
  const queued = await rows();
  const next = cursor.segment + SEGMENT_RECORDS;
  // Asked before the present segment is read: once the next one is there, nothing is added to this one.
  const complete = (await segmentStarts(folder)).includes(next);
  const { lines, byte } = await readLines(folder, cursor);
  const before = cursor.shown ?? new Set();
  const inFiles = lines.filter((line) => !before.has(line));
  const met = new Set([...before, ...lines]);
  // What is in the next segment comes before the rows that are in none.
  const inRows = complete ? [] : queued.filter((line) => !met.has(line));
  const shown = new Set([...(complete ? before : []), ...lines, ...inRows, ...shownOf(queued, met)]);
  return {
    records: decoded([...inFiles, ...inRows]),
    cursor: complete ? { segment: next, byte: 0, shown } : { segment: cursor.segment, byte, shown },
  };
}

/** SPEC §5: what other processes change shows up within 2 s. */
export const FOLLOW_MS = 500;

/** For records in whatever order. */
export function matcherOf({ since, user }: AuditQuery): (record: AuditRecord) => boolean {
  const key = user === undefined ? undefined : nameKey(user);
  const isOf = (name: string | undefined) => name !== undefined && nameKey(name) === key;
  return (record) =>
    (since === undefined || Date.parse(record.at) >= since) &&
    (key === undefined || isOf(record.user) || isOf(record.actor));
}

/** A clock may have been set back; by more than this, `since` may pass over a record. */
const CLOCK_SLACK_MS = 24 * 60 * 60 * 1000;

async function orFault(rows: Promise<readonly string[]>) {
  try {
    return { rows: await rows };
  } catch (thrown) {
    return { fault: toFault(thrown) };
  }
}

type Queue = {
  readonly all: readonly string[];
  readonly size: number;
  /** Lines that are in the files. */
  meet(lines: readonly string[]): void;
  /** Those that are in no file: all behind the last one that was met. */
  rest(): readonly string[];
};

function queueOf(rows: readonly string[]): Queue {
  const places = new Map(rows.map((line, index) => [line, index]));
  let last = -1;
  return {
    all: rows,
    size: rows.length,
    meet(lines) {
      for (const line of places.size === 0 ? [] : lines) last = Math.max(last, places.get(line) ?? -1);
    },
    rest: () => rows.slice(last + 1),
  };
}

function shownOf(queued: readonly string[], met: ReadonlySet<string>): readonly string[] {
  return queued.filter((line) => met.has(line));
}

/** All records before a place, oldest first. */
async function* upTo(
  folder: string,
  place: FilePlace,
  query: AuditQuery,
): AsyncGenerator<AuditRecord, void, undefined> {
  const matches = matcherOf(query);
  const starts = await segmentStarts(folder);
  for (const [index, segment] of starts.entries()) {
    if (segment > place.segment || (await isAllBefore(folder, starts[index + 1], query.since))) continue;
    const { lines } = await readLines(folder, { segment, byte: 0 });
    yield* decoded(segment === place.segment ? lines.slice(0, place.lines) : lines).filter(matches);
  }
  yield* decoded(place.queued ?? []).filter(matches);
}

async function newestOf(
  folder: string,
  starts: readonly number[],
  query: AuditQuery & { readonly limit: number; readonly queue: Queue },
): Promise<readonly AuditRecord[]> {
  const matches = matcherOf(query);
  let newest: readonly AuditRecord[] = [];
  let read = 0;
  for (const segment of starts.toReversed()) {
    const { lines } = await readLines(folder, { segment, byte: 0 });
    query.queue.meet(lines);
    read += lines.length;
    newest = [...decoded(lines).filter(matches), ...newest];
    // A queue may reach back over the end of a segment.
    if (read < query.queue.size) continue;
    if (newest.length >= query.limit || (await isAllBefore(folder, segment, query.since))) break;
  }
  return newest;
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

function lastMatches(lines: readonly string[], limit: number, filter: AuditFilter | undefined) {
  const records: AuditRecord[] = [];
  let left = lines.length;
  while (left > 0 && records.length < limit) {
    left -= 1;
    const line = lines[left] ?? '';
    const record = (filter?.mayMatch(line) ?? true) ? decodeRecord(line) : undefined;
    if (record !== undefined && (filter?.matches(record) ?? true)) records.push(record);
  }
  return { records, left };
}

function decoded(lines: readonly string[]): readonly AuditRecord[] {
  return lines.flatMap((line) => decodeRecord(line) ?? []);
}

/** Segments may have been moved to an archive: the next one that is there. */
async function segmentBefore(folder: string, segment: number): Promise<FilePlace | undefined> {
  const before = (await segmentStarts(folder)).filter((start) => start < segment).at(-1);
  return before === undefined ? undefined : { segment: before, lines: Number.POSITIVE_INFINITY };
}

/** The whole lines from a cursor to the end of its segment, and where they end. */
async function readLines(
  folder: string,
  { segment, byte }: Pick<FileCursor, 'segment' | 'byte'>,
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
