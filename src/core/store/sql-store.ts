/** The store of `ports.ts` over any SQL engine. Opening makes the schema of a new database and refuses another version's. */
import type { AuditContext, Store, StoreReads, StoreWrites } from '../ports.ts';
import { directoryReads, directoryWrites } from './directory.ts';
import { editWrites } from './directory-edit.ts';
import { maintenanceReads, maintenanceWrites } from './keeping.ts';
import { loginReads, loginWrites } from './login.ts';
import { migrate } from './migrations.ts';
import { type Journal, type RecordingEngine, recordingEngine } from './recording-engine.ts';
import { codeWrites } from './second-codes.ts';
import { claimWrites } from './settle-code.ts';
import { passwordWrites } from './settle-password.ts';
import type { SqlEngine } from './sql-engine.ts';
import { twoFactorWrites } from './two-factor-admin.ts';

/** The store owns the engine from here on: it is closed with it, and also when opening fails. */
export async function openSqlStore(engine: SqlEngine, journal: Journal): Promise<Store> {
  try {
    await migrate(engine);
  } catch (thrown) {
    await engine.close();
    throw thrown;
  }
  const reads = storeReads(engine);
  return {
    ...reads,
    by: (who: AuditContext) => ({ ...reads, ...writesOf(recordingEngine(engine, journal, who)) }),
    close: () => engine.close(),
  };
}

/** For whoever only reads: a copy that is not in use. */
export function storeReads(engine: SqlEngine): StoreReads {
  return { ...loginReads(engine), ...directoryReads(engine), ...maintenanceReads(engine) };
}

function writesOf(engine: RecordingEngine): StoreWrites {
  return {
    ...loginWrites(engine),
    ...passwordWrites(engine),
    ...claimWrites(engine),
    ...directoryWrites(engine),
    ...editWrites(engine),
    ...codeWrites(engine),
    ...twoFactorWrites(engine),
    ...maintenanceWrites(engine),
  };
}
