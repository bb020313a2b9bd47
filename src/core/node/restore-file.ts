/**
 * A restore into a database file. Invariant: users, the end of the audit trail, the record of the restore and a new
 * epoch are one file, which takes the place of the old one as a whole; the end of the trail never goes back.
 */
import type { Clock } from '../ports.ts';
import { dropLog } from '../store/engines/sqlite-log.ts';
import { insertRows, replaceFacilityRows } from '../store/facility-rows.ts';
import type { SqlRow, SqlWriter } from '../store/sql-engine.ts';
import { noteOwner, refuseOthersFolder } from './audit-owner.ts';
import { authenticMac, statedMac } from './audit-record.ts';
import { baseOf, type ChainEnd, FILE_CHAIN, moveEnd } from './audit-rows.ts';
import { writeDurably } from './durable-write.ts';
import { baseToRestore } from './restore-base.ts';
import { lostRecords } from './restore-lost.ts';
import {
  basisOf,
  type Restored,
  type Restoring,
  recordRestore,
  restored,
  stricter,
  type TrailAfter,
} from './restore-rules.ts';
import { type OpenedBackup, type ReplacedFile, readReplaced } from './restore-source.ts';
import { filesSince, type TrailSince } from './since-backup.ts';
import { fenceVersion1, hasMarkOfVersion1 } from './version-1-fence.ts';
import { noteEnd } from './version-1-trail.ts';

/** The caller holds the locks of database and trail. */
export async function restoreFile(restoring: Restoring & { readonly clock: Clock }): Promise<Restored> {
  const { config, backup, key, clock } = restoring;
  const { path } = config.store;
  const folder = config.audit.path;
  const owner = { folder, key, database: path };
  if (restoring.takeTrail !== true) refuseOthersFolder(owner);
  const replaced = await readReplaced(path, { key, clock });
  const trail = await filesSince({ folder, key, waiting: replaced.kind === 'damaged' ? replaced.lines : [] }, backup);
  const isCurrent = replaced.kind === 'read' && knowsAll(replaced, { trail, backup, key });
  const basis = basisOf(restoring, { isCurrent, since: trail.since });
  const after = trailAfter(backup, { trail, replaced, isCurrent });
  const merged = stricter(restoring, {
    now: clock.now(),
    replaced: replaced.kind === 'read' ? { ...replaced.rows, isCurrent } : undefined,
    records: trail.since.kind === 'known' ? trail.since.records : undefined,
    basis,
  });
  // The journal asks the files where they end, and version 1 noted that under another name.
  const ofVersion1 = hasMarkOfVersion1(folder);
  if (ofVersion1 && trail.files !== undefined) await noteEnd(folder, { end: trail.files, key });
  const base = isCurrent ? undefined : await baseToRestore({ folder, key, backup, replaced, behind: trail.behind });
  const lost = await lostRecords({ folder, replaced, isCurrent });
  await backup.engine.write(async (tx) => {
    await replaceFacilityRows(tx, merged);
    await replaceTrail(tx, { replaced, isCurrent, trail, backup, key, base });
    await recordRestore(tx, restoring, { basis, users: merged.users.length, end: after.end, lost });
  });
  const bytes = await backup.engine.snapshot();
  dropLog(path);
  await writeDurably({ path, temporary: `${path}.new`, bytes, what: 'database' });
  await noteOwner(owner);
  if (ofVersion1) fenceVersion1(folder);
  return restored(merged, { basis, trail: after });
}

type ReadFile = ReplacedFile & { readonly kind: 'read' };
type Ends = { readonly trail: TrailSince; readonly backup: OpenedBackup; readonly key: Uint8Array };

/**
 * False where the files have what the database does not know, or the backup is of a later time: somebody put an old
 * database back by hand.
 */
function knowsAll({ end, records }: ReadFile, { trail: { files }, backup, key }: Ends): boolean {
  const known = end?.authentic === true ? end.seq : 0;
  if ((backup.end?.seq ?? 0) > known) return false;
  if (files === undefined) return true;
  if (files.seq > known) return false;
  if (files.seq === known) return files.mac === end?.mac;
  const line = (seq: number) => records.find((row) => row.chain === FILE_CHAIN && row.seq === seq)?.line;
  const [same, next] = [line(files.seq), line(files.seq + 1)];
  if (typeof same === 'string') return statedMac(same) === files.mac;
  // Neither: records are missing in the files.
  return typeof next !== 'string' || authenticMac(next, files.mac, key) !== undefined;
}

type AfterTrail = { readonly trail: TrailSince; readonly replaced: ReplacedFile; readonly isCurrent: boolean };

function trailAfter(backup: OpenedBackup, { trail, replaced, isCurrent }: AfterTrail): TrailAfter {
  const expected = backup.end?.seq ?? 0;
  if (isCurrent && replaced.kind === 'read') return { end: 'kept', records: replaced.end?.seq ?? 0, expected };
  const records = trail.end?.seq ?? 0;
  return { end: records < expected ? 'short' : 'files', records, expected };
}

/**
 * The end of the trail is never that of the backup, unless there are fewer records than then: the gap stays visible.
 */
async function replaceTrail(
  tx: SqlWriter,
  { replaced, isCurrent, trail, backup, key, base }: AfterTrail & Ends & { readonly base: ChainEnd | undefined },
): Promise<void> {
  for (const table of ['audit_records', 'audit_heads', 'config_changes']) await tx.run(`DELETE FROM ${table}`);
  const isRead = replaced.kind === 'read';
  const heads = isRead ? replaced.heads : backup.heads;
  const ofFiles: readonly unknown[] = [FILE_CHAIN, baseOf(FILE_CHAIN)];
  const others = (rows: readonly SqlRow[]) => rows.filter(({ chain }) => !ofFiles.includes(chain));
  await insertRows(tx, 'audit_heads', isCurrent ? heads : others(heads));
  if (isRead) {
    await insertRecords(tx, isCurrent ? replaced.records : others(replaced.records));
    await insertConfigChanges(tx, replaced.configChanges);
  }
  if (isCurrent) return;
  const now = await tx.now();
  await insertRecords(
    tx,
    trail.behind.map(({ seq, line }) => ({ chain: FILE_CHAIN, seq, at: now, line })),
  );
  const end = later(trail.end, backup.end);
  if (end !== undefined) await moveEnd(tx, { key, chain: FILE_CHAIN, end, exists: false });
  if (base !== undefined) await moveEnd(tx, { key, chain: baseOf(FILE_CHAIN), end: base, exists: false });
}

function later(one: ChainEnd | undefined, other: ChainEnd | undefined): ChainEnd | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return other.seq > one.seq ? other : one;
}

async function insertRecords(tx: SqlWriter, rows: readonly SqlRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.runMany(
    'INSERT INTO audit_records (chain, seq, at, line) VALUES (?, ?, ?, ?)',
    rows.map(({ chain = null, seq = null, at = null, line = null }) => [chain, seq, at, line]),
  );
}

/** Announced and not yet settled: config.ini is not restored. */
async function insertConfigChanges(tx: SqlWriter, rows: readonly SqlRow[]): Promise<void> {
  for (const row of rows) {
    const columns = Object.keys(row);
    const places = columns.map(() => '?').join(', ');
    await tx.run(
      `INSERT INTO config_changes (${columns.join(', ')}) VALUES (${places})`,
      columns.map((column) => row[column] ?? null),
    );
  }
}
