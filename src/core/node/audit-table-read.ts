/**
 * Reading the audit table: the chains of all hosts as one, by the time of the database. Whether the records are
 * authentic is the affair of audit-verify.ts. Some at a time: a trail may be longer than memory.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { AuditFilter } from '../audit-filter.ts';
import { integer, text } from '../store/row-cells.ts';
import type { SqlEngine, SqlRow } from '../store/sql-engine.ts';
import { type AuditQuery, FOLLOW_MS, matcherOf } from './audit-read.ts';
import { type AuditRecord, decodeRecord } from './audit-record.ts';

export type TablePlace = { readonly at: number; readonly chain: string; readonly seq: number };
/** How far each chain was read. */
export type TableCursor = { readonly read: ReadonlyMap<string, number> };
export type TablePortion = { readonly records: readonly AuditRecord[]; readonly next: TablePlace | undefined };

/** `older`: what is in this host's files, which `read` and `follow` have as well. */
export function tableReading(
  engine: () => Promise<SqlEngine>,
  older: (query: AuditQuery) => AsyncGenerator<AuditRecord, unknown, undefined>,
) {
  const ask = async (sql: string, params: readonly (string | number)[] = []) =>
    (await engine()).read((tx) => tx.all(sql, params));

  /** How far each chain goes now. */
  async function ends(): Promise<ReadonlyMap<string, number>> {
    const rows = await ask("SELECT chain, MAX(seq) AS seq FROM audit_records WHERE chain <> '' GROUP BY chain");
    return new Map(rows.map((row) => [text(row, 'chain'), integer(row, 'seq')]));
  }

  async function since({ read }: TableCursor) {
    const now = await ends();
    const rows: SqlRow[] = [];
    for (const [chain, seq] of now) {
      const from = read.get(chain) ?? 0;
      if (seq <= from) continue;
      const sql = `SELECT ${COLUMNS} FROM audit_records WHERE chain = ? AND seq > ? AND seq <= ? ORDER BY seq`;
      rows.push(...(await ask(sql, [chain, from, seq])));
    }
    // A chain whose rows were archived meanwhile is read no second time.
    return { records: recordsOf(rows.toSorted(byTime)), cursor: { read: new Map([...read, ...now]) } };
  }

  /** `upTo`: no further than that, by chain. */
  async function* forward(
    query: AuditQuery,
    upTo?: ReadonlyMap<string, number>,
  ): AsyncGenerator<AuditRecord, void, undefined> {
    const isWanted = (row: SqlRow) => upTo === undefined || integer(row, 'seq') <= (upTo.get(text(row, 'chain')) ?? 0);
    const matches = matcherOf(query);
    let last = { at: query.since ?? 0, chain: '', seq: 0 };
    for (;;) {
      const sql = `SELECT ${COLUMNS} FROM audit_records WHERE (at, chain, seq) > (?, ?, ?) ORDER BY at, chain, seq LIMIT ?`;
      const rows = await ask(sql, [last.at, last.chain, last.seq, PORTION]);
      yield* recordsOf(rows.filter(isWanted)).filter(matches);
      const end = rows.at(-1);
      if (end === undefined || rows.length < PORTION) return;
      last = placeOf(end);
    }
  }

  async function newest(query: AuditQuery, limit: number): Promise<readonly AuditRecord[]> {
    const matches = matcherOf(query);
    const filter = { matches, mayMatch: () => true };
    let found: readonly AuditRecord[] = [];
    let place: TablePlace | undefined = TABLE_END;
    while (place !== undefined && found.length < limit) {
      const portion: TablePortion = await before({ place, limit: limit - found.length, filter });
      found = [...found, ...portion.records];
      place = portion.next;
    }
    return found.toReversed();
  }

  async function before({
    place,
    limit,
    filter,
  }: {
    readonly place: TablePlace;
    readonly limit: number;
    readonly filter: AuditFilter | undefined;
  }): Promise<TablePortion> {
    const sql = `SELECT ${COLUMNS} FROM audit_records WHERE (at, chain, seq) < (?, ?, ?) ORDER BY at DESC, chain DESC, seq DESC LIMIT ?`;
    const rows = await ask(sql, [place.at, place.chain, place.seq, PORTION]);
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

  async function* read(query: AuditQuery = {}): AsyncGenerator<AuditRecord, void, undefined> {
    if (query.limit === undefined) return yield* merged(older(query), forward(query));
    const both = merged(older(query), values(await newest(query, query.limit)));
    const records: AuditRecord[] = [];
    for await (const record of both) records.push(record);
    yield* records.slice(Math.max(0, records.length - query.limit));
  }

  return {
    read,
    async *follow({ signal, ...query }: AuditQuery & { readonly signal: AbortSignal }) {
      let cursor: TableCursor = { read: await ends() };
      yield* merged(older(query), forward(query, cursor.read));
      const matches = matcherOf(query);
      while (!signal.aborted) {
        const news = await since(cursor);
        cursor = news.cursor;
        yield* news.records.filter(matches);
        await pause(FOLLOW_MS, undefined, { signal }).catch(() => undefined);
      }
    },
    end: async () => ({ place: TABLE_END, cursor: { read: await ends() } }),
    before,
    since,
  };
}

const COLUMNS = 'at, chain, seq, line';
const PORTION = 2000;
/** After every record: the last moment that a Date can say. */
export const TABLE_END: TablePlace = { at: 8_640_000_000_000_000, chain: '', seq: 0 };

function placeOf(row: SqlRow): TablePlace {
  return { at: integer(row, 'at'), chain: text(row, 'chain'), seq: integer(row, 'seq') };
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
