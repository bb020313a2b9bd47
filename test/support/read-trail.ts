/** The audit trail of a facility as `gatehouse audit list` reads it, for tests: with a database of its own, beside whoever has it open. */
import { join } from 'node:path';
import type { Config } from '../../src/core/config/model.ts';
import type { AuditQuery } from '../../src/core/node/audit-read.ts';
import type { AuditRecord } from '../../src/core/node/audit-record.ts';
import { openAuditTrail } from '../../src/core/node/audit-trail.ts';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { readKeyRing } from '../../src/core/node/key-file.ts';
import { systemClock } from '../../src/core/node/system-clock.ts';

/** `place`: the folder of config.ini, or what was read from it. Oldest first. */
export async function recordsIn(place: string | Config, query: AuditQuery = {}): Promise<readonly AuditRecord[]> {
  const config = typeof place === 'string' ? readConfigFile(join(place, 'config.ini')).config : place;
  const trail = await openAuditTrail({ config, key: readKeyRing(config.store.keyFile).auditKey, clock: systemClock });
  const records: AuditRecord[] = [];
  try {
    for await (const record of trail.read(query)) records.push(record);
  } finally {
    await trail.close();
  }
  return records;
}
