/**
 * What became of changes of config.ini that were announced in the database (config-change.ts): the file says it.
 * Invariants: settling never touches the file; a change that is being made now is left alone (its maker holds the
 * lock of config.ini); a row belongs to one config.ini of one host, and is settled there alone and once.
 */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { AuditEvent } from '../audit-event.ts';
import type { Config } from '../config/model.ts';
import type { RecordingEngine } from '../store/recording-engine.ts';
import { text } from '../store/row-cells.ts';
import type { SqlReader, SqlRow, SqlWriter } from '../store/sql-engine.ts';
import { readOpenConfig } from './config-file.ts';
import { type HeldConfig, shareConfig } from './config-lock.ts';

/** Whose rows: `host` is empty where the database is a file of this host, whatever the host is called. */
export type ConfigPlace = { readonly host: string; readonly path: string };

/** One config.ini has one path, by whatever folder link it was named. */
export function configPlace(store: Pick<Config['store'], 'engine'>, file: string, host = hostname()): ConfigPlace {
  return { host: store.engine === 'postgres' ? host : '', path: canonical(resolve(file)) };
}

/** SHA-256 of the file as `sha256sum` prints it. */
export function configDigest(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** Whether a change of this config.ini is announced and not settled. */
export async function hasPendingChanges(tx: SqlReader, { host, path }: ConfigPlace): Promise<boolean> {
  return (await tx.all('SELECT id FROM config_changes WHERE host = ? AND path = ? LIMIT 1', [host, path])).length > 0;
}

/**
 * Settles what can be settled now, in the course of a write. Answers the events to record in the same transaction;
 * who they name is who announced the change, not whose transaction this is. One SELECT where no change is pending.
 */
export async function settleConfigChanges(tx: SqlWriter, place: ConfigPlace): Promise<readonly AuditEvent[]> {
  const rows = await pendingRows(tx, place);
  if (rows.length === 0) return [];
  const digest = await digestWhereStill(place.path);
  return digest === undefined ? [] : settleRows(tx, rows, digest);
}

/** A transaction of its own, made only where a change is pending. For `serve` at its start, `doctor` and `audit`. */
export async function settlePendingChanges(engine: RecordingEngine, place: ConfigPlace): Promise<void> {
  if (!(await engine.read((tx) => hasPendingChanges(tx, place)))) return;
  await engine.write(async (tx) => {
    for (const event of await settleConfigChanges(tx, place)) tx.record(event);
  });
}

/** For a process that holds the lock of config.ini: `digest` is that of the file now. `id`: that row alone. */
export async function settleUnderLock(
  tx: SqlWriter,
  { place, digest, id }: { readonly place: ConfigPlace; readonly digest: string; readonly id?: string },
): Promise<readonly AuditEvent[]> {
  const rows = await pendingRows(tx, place);
  return settleRows(tx, id === undefined ? rows : rows.filter((row) => text(row, 'id') === id), digest);
}

/** `Login.Attempts before=... after=...`: never the value, which may hold the password of a database. */
export function changeDetail(setting: string, digests: Readonly<Record<string, string>>): string {
  return [setting, ...Object.entries(digests).map(([name, digest]) => `${name}=${digest}`)].join(' ');
}

function pendingRows(tx: SqlReader, { host, path }: ConfigPlace): Promise<readonly SqlRow[]> {
  const columns = 'id, setting, actor, digest_before, digest_after';
  return tx.all(`SELECT ${columns} FROM config_changes WHERE host = ? AND path = ? ORDER BY at, id`, [host, path]);
}

async function settleRows(tx: SqlWriter, rows: readonly SqlRow[], digest: string): Promise<readonly AuditEvent[]> {
  const events: AuditEvent[] = [];
  for (const row of rows) {
    // Where two settle it at once, one of them finds it gone.
    if ((await tx.run('DELETE FROM config_changes WHERE id = ?', [text(row, 'id')])) === 1) {
      events.push(...outcomeOf(row, digest));
    }
  }
  return events;
}

function outcomeOf(row: SqlRow, found: string): readonly AuditEvent[] {
  const [before, after] = [text(row, 'digest_before'), text(row, 'digest_after')];
  if (found === after) return [];
  return text(row, 'setting')
    .split(',')
    .map((setting) =>
      found === before
        ? { event: 'config.not-changed', actor: text(row, 'actor'), detail: changeDetail(setting, { before, after }) }
        : { event: 'config.edited-outside', detail: changeDetail(setting, { after, found }) },
    );
}

/** Undefined where the file is being changed, or cannot be read: a later look will do. */
async function digestWhereStill(path: string): Promise<string | undefined> {
  let held: HeldConfig | undefined;
  try {
    held = await shareConfig(path);
    return held === undefined ? undefined : configDigest(readOpenConfig(path, held.fd).text);
  } catch {
    return undefined;
  } finally {
    held?.release();
  }
}

function canonical(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}
