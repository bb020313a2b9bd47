/**
 * A restore into a database on a server: everything in one transaction there, with its clock. Its rows are read behind
 * their locks first, so a login that is under way ends before or after it. The audit trail in its tables stays, and
 * goes on.
 */
import { Fault } from '../errors.ts';
import {
  type FacilityRows,
  insertRows,
  readFacilityRows,
  refuseDamagedRows,
  replaceFacilityRows,
} from '../store/facility-rows.ts';
import { checkVersion, migrate } from '../store/migrations.ts';
import { integer, text } from '../store/row-cells.ts';
import type { SqlReader, SqlRow } from '../store/sql-engine.ts';
import { type AuditRecord, decodeRecord } from './audit-record.ts';
import { backupDetail } from './backup.ts';
import { openEngine } from './open-engine.ts';
import { basisOf, type Restored, type Restoring, recordRestore, restored, stricter } from './restore-rules.ts';
import type { OpenedBackup } from './restore-source.ts';
import { systemClock } from './system-clock.ts';

export async function restoreServer(restoring: Restoring): Promise<Restored> {
  const { config, backup } = restoring;
  let engine = await openEngine(config.store, { database: 'existing', clock: systemClock });
  try {
    const isNew = !(await engine.read((tx) => tx.hasTable('users')));
    if (isNew) {
      // Before anything is made there.
      basisOf(restoring, { isCurrent: false, since: UNKNOWN });
      await engine.close();
      engine = await openEngine(config.store, { database: 'create', clock: systemClock });
      await migrate(engine);
    }
    return await engine.write(async (tx) => {
      await checkVersion(tx);
      const now = await tx.now();
      const found = isNew ? undefined : whole(await readFacilityRows(tx, tx.dialect.lockRows));
      const basis = basisOf(restoring, { isCurrent: found !== undefined, since: UNKNOWN });
      const merged = stricter(restoring, {
        now,
        replaced: found === undefined ? undefined : { ...found, isCurrent: true },
        records: await recordsSince(tx, backup),
        basis,
      });
      await replaceFacilityRows(tx, merged);
      // A server that lost its tables has lost its trail: that there was one stays visible.
      if (isNew) await insertRows(tx, 'audit_heads', backup.heads);
      const end = isNew ? 'short' : 'kept';
      await recordRestore(tx, restoring, { basis, users: merged.users.length, end });
      const expected = recordsOf(backup.heads);
      const records = isNew ? 0 : recordsOf(await tx.all('SELECT seq FROM audit_heads'));
      return restored(merged, { basis, trail: { end, records, expected } });
    });
  } finally {
    await engine.close();
  }
}

/** Where its rows are gone or damaged, so are the records: they are in the same database. */
const UNKNOWN = { kind: 'unknown', why: 'missing' } as const;

function whole(rows: FacilityRows): FacilityRows | undefined {
  try {
    refuseDamagedRows(rows);
    return rows;
  } catch (thrown) {
    if (thrown instanceof Fault) return undefined;
    throw thrown;
  }
}

function recordsOf(heads: readonly SqlRow[]): number {
  return heads.reduce((sum, row) => sum + integer(row, 'seq'), 0);
}

/** Behind where each chain ended then, in the order of time. Undefined where that is not known. */
async function recordsSince(tx: SqlReader, backup: OpenedBackup): Promise<readonly AuditRecord[] | undefined> {
  if (!backup.countsPasswords) return recordsSinceTime(tx, backup);
  const ends = new Map(backup.heads.map((row) => [text(row, 'chain'), integer(row, 'seq')]));
  const found: AuditRecord[] = [];
  for (const row of await tx.all('SELECT chain FROM audit_heads')) {
    const chain = text(row, 'chain');
    const sql = 'SELECT line FROM audit_records WHERE chain = ? AND seq > ? ORDER BY seq';
    found.push(...linesOf(await tx.all(sql, [chain, ends.get(chain) ?? 0])));
  }
  return found.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

/** Version 1 noted the time before it made the copy. */
async function recordsSinceTime(tx: SqlReader, { sha256 }: OpenedBackup): Promise<readonly AuditRecord[] | undefined> {
  const rows = await tx.all('SELECT line FROM audit_records WHERE line LIKE \'%"store.backup"%\'');
  const noted = linesOf(rows).find(({ detail }) => detail === backupDetail(sha256));
  if (noted === undefined) return undefined;
  const sql = 'SELECT line FROM audit_records WHERE at >= ? ORDER BY at, chain, seq';
  return linesOf(await tx.all(sql, [noted.count ?? 0]));
}

function linesOf(rows: readonly SqlRow[]): readonly AuditRecord[] {
  return rows.flatMap((row) => decodeRecord(text(row, 'line')) ?? []);
}
