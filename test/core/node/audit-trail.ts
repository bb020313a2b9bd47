/** Audit trails with a real database in temporary folders, for tests. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { AuditEvent } from '../../../src/core/audit-event.ts';
import type { Config } from '../../../src/core/config/model.ts';
import { parseConfig } from '../../../src/core/config/parse.ts';
import type { AuditCalls } from '../../../src/core/node/audit-drain.ts';
import { END_BYTES, END_FILE, encodeEnd } from '../../../src/core/node/audit-file-end.ts';
import type { AuditQuery } from '../../../src/core/node/audit-read.ts';
import type { AuditRecord } from '../../../src/core/node/audit-record.ts';
import { baseOf, FILE_CHAIN, moveEnd } from '../../../src/core/node/audit-rows.ts';
import { type AuditTrail, openAuditTrail } from '../../../src/core/node/audit-trail.ts';
import { openEngine } from '../../../src/core/node/open-engine.ts';
import { migrate } from '../../../src/core/store/migrations.ts';
import { recordingEngine } from '../../../src/core/store/recording-engine.ts';
import { integer } from '../../../src/core/store/row-cells.ts';
import type { SqlEngine } from '../../../src/core/store/sql-engine.ts';

export const AUDIT_KEY = new Uint8Array(32).fill(7);
export const START = Date.UTC(2026, 10, 24, 3, 0, 0);
export const FILE_ENGINES = ['sqljs', 'sqlite'] as const;

export type TrailBench = {
  readonly config: Config;
  readonly engine: SqlEngine;
  readonly trail: AuditTrail;
  /** Of the audit files. */
  readonly folder: string;
  /** Another process at the same facility: its own engine, closed with the test. */
  another(): Promise<SqlEngine>;
  /** The trail as another process has it. */
  open(more?: { readonly calls?: AuditCalls; readonly engine?: SqlEngine }): Promise<AuditTrail>;
  setNow(epochMs: number): void;
  /** So many records in one transaction. */
  record(count: number): Promise<void>;
  /** The same, and drained; nothing of them is left in the database but their end. */
  drained(count: number): Promise<void>;
  /** Numbers of the rows that wait. */
  queued(): Promise<readonly number[]>;
  /** What nobody but an attacker does. */
  sql(...statements: readonly string[]): Promise<void>;
};

export type BenchSettings = {
  readonly queueMax?: number;
  readonly keepDays?: number;
  /** So many records are in an archive already: the end of a file is near, and no test has to write ten thousand. */
  readonly archived?: number;
};

/** The clock goes on by a second with each transaction. */
export async function auditBench(
  engineName: (typeof FILE_ENGINES)[number] = 'sqlite',
  { archived = 0, ...audit }: BenchSettings = {},
): Promise<TrailBench> {
  const place = mkdtempSync(join(tmpdir(), 'gatehouse-audit-'));
  mkdirSync(join(place, 'db'), { mode: 0o700 });
  const parsed = parseConfig({
    text: `2FA=Off\n[Store]\nEngine=${engineName}\nPath=db/g.db\n`,
    file: 'config.ini',
    folder: place,
  });
  if (parsed.kind !== 'config') throw new Error('no configuration');
  const config = { ...parsed.config, audit: { ...parsed.config.audit, ...audit, path: join(place, 'audit') } };
  let now = START;
  const clock = {
    now: () => {
      now += 1000;
      return now;
    },
  };
  const engines: SqlEngine[] = [];
  const openOne = async (database: 'create' | 'existing') => {
    const opened = await openEngine(config.store, { database, clock });
    engines.push(opened);
    return opened;
  };
  onTestFinished(async () => {
    chmodSync(place, 0o700);
    for (const one of engines) await one.close();
    rmSync(place, { recursive: true, force: true });
  });
  const engine = await openOne('create');
  await migrate(engine);
  if (archived > 0) await beginBehind(archived, { engine, folder: config.audit.path });
  const open: TrailBench['open'] = (more = {}) => openAuditTrail({ config, key: AUDIT_KEY, clock, engine, ...more });
  const trail = await open();
  let number = archived;
  const record = (count: number) =>
    recordingEngine(engine, trail.journal, {}).write(async (tx) => {
      for (let left = count; left > 0; left -= 1) {
        number += 1;
        tx.record(numbered(number));
      }
    });
  const sql: TrailBench['sql'] = (...statements) =>
    engine.write(async (tx) => {
      for (const statement of statements) await tx.run(statement);
    });
  return {
    ...{ config, engine, trail, folder: config.audit.path, open, record, sql },
    another: () => openOne('existing'),
    setNow: (epochMs) => {
      now = epochMs;
    },
    async drained(count) {
      await record(count);
      await trail.drain();
      await sql("DELETE FROM audit_records WHERE chain = ''");
    },
    queued: () =>
      engine.read(async (tx) =>
        (await tx.all("SELECT seq FROM audit_records WHERE chain = '' ORDER BY seq")).map((row) => integer(row, 'seq')),
      ),
  };
}

async function beginBehind(seq: number, { engine, folder }: Pick<TrailBench, 'engine' | 'folder'>): Promise<void> {
  const end = { seq, mac: 'm'.repeat(43) };
  await engine.write(async (tx) => {
    for (const chain of [FILE_CHAIN, baseOf(FILE_CHAIN)]) {
      await moveEnd(tx, { key: AUDIT_KEY, chain, end, exists: false });
    }
  });
  mkdirSync(folder, { mode: 0o700 });
  const { position, bytes } = encodeEnd({ ...end, end: 0 }, AUDIT_KEY);
  const slots = Buffer.alloc(END_BYTES);
  slots.set(bytes, position);
  writeFileSync(join(folder, END_FILE), slots, { mode: 0o600 });
}

export function numbered(count: number): AuditEvent {
  return { event: 'user.edited', user: 'alice', terminal: 'ward-3', detail: 'display', count };
}

export function denied(user: string): AuditEvent {
  return { event: 'login.denied', user };
}

export async function recordsOf(trail: Pick<AuditTrail, 'read'>, query?: AuditQuery): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const record of trail.read(query)) records.push(record);
  return records;
}

export async function numbersOf(trail: Pick<AuditTrail, 'read'>, query?: AuditQuery): Promise<readonly number[]> {
  return (await recordsOf(trail, query)).map(({ seq }) => seq);
}

/** 1, 2, ... */
export function upTo(last: number, first = 1): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

export function firstSegment(folder: string): string {
  return join(folder, 'audit-000000000001.jsonl');
}

export function linesIn(folder: string): readonly string[] {
  return readFileSync(firstSegment(folder), 'latin1').split('\n').slice(0, -1);
}

export function putLines(folder: string, lines: readonly string[]): void {
  writeFileSync(firstSegment(folder), lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
}

export function filesIn(folder: string): readonly string[] {
  return readdirSync(folder).sort();
}
