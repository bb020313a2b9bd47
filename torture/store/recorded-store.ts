/**
 * A store in a folder of its own, with an audit trail as a facility has it: rows in the database, files beside it. The key and the clock are always
 * the same, so that the same writes make the same lines, byte for byte.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../src/core/config/parse.ts';
import type { AuditCalls } from '../../src/core/node/audit-drain.ts';
import { FILE_CHAIN, readEnd, rowsOf } from '../../src/core/node/audit-rows.ts';
import { type AuditTrail, openAuditTrail } from '../../src/core/node/audit-trail.ts';
import type { SqlEngine } from '../../src/core/store/sql-engine.ts';
import { openSqlStore } from '../../src/core/store/sql-store.ts';
import { type PlainStore, plainStore } from '../../test/support/plain-store.ts';
import { settle } from './any-write.ts';
import { CLOCK, type FileEngine, openFileEngine } from './engines.ts';

export type RecordedPlace = { readonly engine: FileEngine; readonly folder: string };

export type RecordedStore = {
  readonly engine: SqlEngine;
  readonly trail: AuditTrail;
  readonly store: PlainStore;
  close(): Promise<void>;
};

export const TRAIL_KEY = Buffer.alloc(32, 9);

type Opening = RecordedPlace & {
  readonly absent?: 'create';
  /** Between the store and the engine. */
  readonly watched?: (engine: SqlEngine) => SqlEngine;
  /** Less than what config.ini takes. */
  readonly queueMax?: number;
  /** Of the trail. */
  readonly calls?: AuditCalls;
};

export async function openRecorded(place: Opening): Promise<RecordedStore> {
  const { folder, absent, watched = (engine) => engine, calls } = place;
  const text = `2FA=Off\n[Store]\nEngine=${place.engine}\nPath=gatehouse.db\n[Audit]\nPath=audit\n`;
  const parsed = parseConfig({ text, file: 'config.ini', folder });
  if (parsed.kind !== 'config') throw new Error('no configuration');
  const path = databaseIn(folder);
  const engine = watched(await openFileEngine({ engine: place.engine, path, ...(absent ? { absent } : {}) }));
  const { queueMax = parsed.config.audit.queueMax } = place;
  const config = { ...parsed.config, audit: { ...parsed.config.audit, queueMax } };
  const request = { config, key: TRAIL_KEY, clock: CLOCK, engine };
  const trail = await openAuditTrail({ ...request, ...(calls ? { calls } : {}) });
  const store = plainStore(await openSqlStore(engine, trail.journal));
  return {
    ...{ engine, trail, store },
    async close() {
      await trail.close();
      await store.close();
    },
  };
}

/** A new one with people in it. */
export async function beginRecorded(place: RecordedPlace): Promise<void> {
  mkdirSync(place.folder, { mode: 0o700 });
  const begun = await openRecorded({ ...place, absent: 'create' });
  await settle(begun.store);
  await begun.close();
}

export function databaseIn(folder: string): string {
  return join(folder, 'gatehouse.db');
}

/** Nobody may be at work on it. */
export function copyRecorded(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  // Not by cpSync for folders: it gives them other modes.
  mkdirSync(to, { mode: 0o700 });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyRecorded(source, target);
    else copyFileSync(source, target);
  }
}

/** Records by their numbers, as the database has them: those that wait, and up to where the trail goes. */
export function rowsIn(
  engine: SqlEngine,
): Promise<{ readonly lines: ReadonlyMap<number, string>; readonly end: number }> {
  return engine.read(async (tx) => {
    const rows = await rowsOf(tx, FILE_CHAIN);
    const end = await readEnd(tx, { key: TRAIL_KEY, chain: FILE_CHAIN });
    return { lines: new Map(rows.map(({ seq, line }) => [seq, line])), end: end?.seq ?? 0 };
  });
}

/** Whole lines of the files in their order; what a killed drain did not finish is none. Throws where one stands twice or is missing. */
export function linesInFiles(folder: string): readonly string[] {
  const audit = join(folder, 'audit');
  const segments = readdirSync(audit, { withFileTypes: true })
    .filter(({ name }) => name.endsWith('.jsonl'))
    .map(({ name }) => readFileSync(join(audit, name), 'latin1').split('\n').slice(0, -1));
  const lines = segments.flat();
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith(`{"seq":${index + 1},`)) throw new Error(`line ${index + 1} of the files is ${line}`);
  }
  return lines;
}
