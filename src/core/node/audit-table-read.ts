/**
 * Reading the audit table: the chains of all hosts as one, by the time of the database. Whether the records are authentic is `audit-table.ts`'s
 * affair. Some at a time: a trail may be longer than memory.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { integer, text } from '../store/row-cells.ts';
import type { SqlEngine, SqlReader, SqlRow } from '../store/sql-engine.ts';
import { type AuditQuery, FOLLOW_MS, matcherOf } from './audit-read.ts';
import { type AuditRecord, decodeRecord } from './audit-record.ts';
import type { AuditTrail } from './audit-trail.ts';

type Reading = Pick<AuditTrail, 'read' | 'follow' | 'end' | 'before' | 'since' | 'mark' | 'markOf' | 'isAfter'>;

/** `read` and `follow` have what is in this host's files as well. */
export function tableReading(engine: () => Promise<SqlEngine>, files: AuditTrail): Reading {
  const ask = async (sql: string, params: readonly (string | number)[] = []) =>
    (await engine()).read((tx) => tx.all(sql, params));

  /** How far each chain goes now. */
  async function ends(): Promise<ReadonlyMap<string, number>> {
    const rows = await ask('SELECT host, MAX(seq) AS seq FROM audit_records GROUP BY host');
    return new Map(rows.map((row) => [text(row, 'host'), integer(row, 'seq')]));
  }

  async function since(read: ReadonlyMap<string, number>) {
    const now = await ends();
    const rows: SqlRow[] = [];
    for (const [host, seq] of now) {
      const from = read.get(host) ?? 0;
      if (seq <= from) continue;
      const sql = `SELECT ${COLUMNS} FROM audit_records WHERE host = ? AND seq > ? AND seq <= ? ORDER BY seq`;
      rows.push(...(await ask(sql, [host, from, seq])));
    }
    return { records: recordsOf(rows.toSorted(byTime)), cursor: { read: now } };
  }

  async function* forward(query: AuditQuery): AsyncGenerator<AuditRecord, void, undefined> {
    const matches = matcherOf(query);
    let last = { at: query.since ?? 0, host: '', seq: 0 };
    for (;;) {
      const sql = `SELECT ${COLUMNS} FROM audit_records WHERE (at, host, seq) > (?, ?, ?) ORDER BY at, host, seq LIMIT ?`;
      const rows = await ask(sql, [last.at, last.host, last.seq, PORTION]);
      yield* recordsOf(rows).filter(matches);
      const end = rows.at(-1);
      if (end === undefined || rows.length < PORTION) return;
      last = placeOf(end);
    }
  }

  async function newest(query: AuditQuery, limit: number): Promise<readonly AuditRecord[]> {
    const matches = matcherOf(query);
    const filter = { matches, mayMatch: () => true };
    let found: readonly AuditRecord[] = [];
    let place: Place | undefined = END;
    while (place !== undefined && found.length < limit) {
      const portion: BackPortion = await back(place, limit - found.length, filter);
      found = [...found, ...portion.records];
      place = portion.next;
    }
    return found.toReversed();
  }

  async function back(place: Place, limit: number, filter: BackFilter): Promise<BackPortion> {
    const sql = `SELECT ${COLUMNS} FROM audit_records WHERE (at, host, seq) < (?, ?, ?) ORDER BY at DESC, host DESC, seq DESC LIMIT ?`;
    const rows = await ask(sql, [place.at, place.host, place.seq, PORTION]);
    const records: AuditRecord[] = [];
    for (const row of rows) {
      const line = text(row, 'line');
      const record = (filter?.mayMatch(line) ?? true) ? decodeRecord(line) : undefined;
      if (record !== undefined && (filter?.matches(record) ?? true)) records.push(record);
      if (records.length >= limit) return { records, next: placeOf(row) };
    }
    const oldest = rows.at(-1);
    return { records, next: oldest === undefined || rows.length < PORTION ? undefined : placeOf(oldest) };
  }

  return {
    async *read(query = {}) {
      if (query.limit === undefined) return yield* merged(files.read(query), forward(query));
      const both = merged(files.read(query), values(await newest(query, query.limit)));
      const records: AuditRecord[] = [];
      for await (const record of both) records.push(record);
      yield* records.slice(Math.max(0, records.length - query.limit));
    },
    async *follow({ signal, ...query }) {
      let read = await ends();
      yield* this.read(query);
      const matches = matcherOf(query);
      while (!signal.aborted) {
        const { records, cursor } = await since(read);
        read = cursor.read;
        yield* records.filter(matches);
        await pause(FOLLOW_MS, undefined, { signal }).catch(() => undefined);
      }
    },
    end: async () => ({ place: END, cursor: { read: await ends() } }),
    before: ({ place, limit, filter }) => back('at' in place ? place : END, limit, filter),
    since: (cursor) => since('read' in cursor ? cursor.read : new Map()),
    mark: async () => (await (await engine()).now()) - SLACK_MS,
    // Made before the facility was in the database, it has the number of a record in a file.
    markOf: ({ count, at }) => Math.max(count ?? 0, Date.parse(at) - LONGEST_BACKUP_MS),
    isAfter: ({ at }, mark) => Date.parse(at) > mark,
  };
}

/** Rows of a long answer, one by one. */
export function readTable(tx: SqlReader, sql: string, visit: (host: string, line: string) => void): Promise<void> {
  return tx.each(sql, [], (row) => visit(text(row, 'host'), text(row, 'line')));
}

type Place = { readonly at: number; readonly host: string; readonly seq: number };
type BackFilter = Parameters<AuditTrail['before']>[0]['filter'];
type BackPortion = { readonly records: readonly AuditRecord[]; readonly next: Place | undefined };

const COLUMNS = 'at, host, seq, line';
const PORTION = 2000;
/** After every record: the last moment that a Date can say. */
const END: Place = { at: 8_640_000_000_000_000, host: '', seq: 0 };
/** A record has its time from the beginning of its transaction, and is there when that is over. */
const SLACK_MS = 60_000;
const LONGEST_BACKUP_MS = 3_600_000;

function placeOf(row: SqlRow): Place {
  return { at: integer(row, 'at'), host: text(row, 'host'), seq: integer(row, 'seq') };
}

function recordsOf(rows: readonly SqlRow[]): readonly AuditRecord[] {
  return rows.flatMap((row) => decodeRecord(text(row, 'line')) ?? []);
}

function byTime(one: SqlRow, other: SqlRow): number {
  return integer(one, 'at') - integer(other, 'at');
}

async function* values<T>(list: readonly T[]): AsyncGenerator<T, void, undefined> {
  yield* list;
}

/** Two that are each in the order of time, as one. */
async function* merged(
  one: AsyncGenerator<AuditRecord, unknown, undefined>,
  other: AsyncGenerator<AuditRecord, unknown, undefined>,
): AsyncGenerator<AuditRecord, void, undefined> {
  let [left, right] = [await one.next(), await other.next()];
  while (left.done !== true || right.done !== true) {
    const isLeft = right.done === true || (left.done !== true && left.value.at <= right.value.at);
    if (isLeft && left.done !== true) {
      yield left.value;
      left = await one.next();
    } else if (right.done !== true) {
      yield right.value;
      right = await other.next();
    }
  }
}
