/** What key rotation, back-up and `doctor` need. */
import { assertNever } from '../assert-never.ts';
import type { MaintenanceReads, MaintenanceWrites, SealedCell } from '../ports.ts';
import type { RecordingEngine } from './recording-engine.ts';
import { text } from './row-cells.ts';
import type { SqlEngine, SqlReader, SqlRow } from './sql-engine.ts';
import { userIdOf } from './user-row.ts';

export function maintenanceReads(engine: SqlEngine): MaintenanceReads {
  return {
    sealedNotUnder: (keyId, limit) => engine.read((tx) => sealedNotUnder(tx, keyId, limit)),
    integrity: () => engine.integrity(),
    snapshot: () => engine.snapshot(),
  };
}

export function maintenanceWrites(engine: RecordingEngine): MaintenanceWrites {
  return {
    reseal: (cells) =>
      engine.write(async (tx) => {
        let resealed = 0;
        for (const { cell, to } of cells) {
          resealed += await tx.run(RESEAL[cell.table], [to, cell.rowId, cell.userId, cell.envelope]);
        }
        return resealed;
      }),
    record: engine.record,
  };
}

type SealedTable = SealedCell['table'];
const TABLES: readonly SealedTable[] = ['pairing', 'recovery', 'one-time'];

const RESEAL: Readonly<Record<SealedTable, string>> = {
  pairing: 'UPDATE users SET sealed_secret = ? WHERE pairing_id = ? AND id = ? AND sealed_secret = ?',
  recovery: 'UPDATE recovery_codes SET sealed_hash = ? WHERE code_id = ? AND user_id = ? AND sealed_hash = ?',
  'one-time': 'UPDATE one_time_codes SET sealed_hash = ? WHERE code_id = ? AND user_id = ? AND sealed_hash = ?',
};

/** Compared as text from the beginning, not by LIKE: a key id may hold `_`. */
function selectSealed(table: SealedTable): string {
  const under = (column: string) => `SUBSTR(${column}, 1, ?) <> ? ORDER BY 2, 1 LIMIT ?`;
  switch (table) {
    case 'pairing':
      return `SELECT pairing_id AS row_id, id AS user_id, sealed_secret AS envelope FROM users
        WHERE sealed_secret IS NOT NULL AND ${under('sealed_secret')}`;
    case 'recovery':
      return `SELECT code_id AS row_id, user_id, sealed_hash AS envelope FROM recovery_codes WHERE ${under('sealed_hash')}`;
    case 'one-time':
      return `SELECT code_id AS row_id, user_id, sealed_hash AS envelope FROM one_time_codes WHERE ${under('sealed_hash')}`;
    default:
      return assertNever(table);
  }
}

async function sealedNotUnder(tx: SqlReader, keyId: string, limit: number): Promise<readonly SealedCell[]> {
  const beginning = `${ENVELOPE_VERSION}.${keyId}.`;
  const cells: SealedCell[] = [];
  for (const table of TABLES) {
    if (cells.length >= limit) break;
    const rows = await tx.all(selectSealed(table), [beginning.length, beginning, limit - cells.length]);
    cells.push(...rows.map((row) => sealedCellOf(table, row)));
  }
  return cells;
}

/** SecretBox writes `v1.<key id>.…`; another version than this one is to be sealed again as well. */
const ENVELOPE_VERSION = 'v1';

function sealedCellOf(table: SealedTable, row: SqlRow): SealedCell {
  return { table, rowId: text(row, 'row_id'), userId: userIdOf(row, 'user_id'), envelope: text(row, 'envelope') };
}
