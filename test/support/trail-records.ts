/** What the audit trail of a facility says, files and database together. */
import { join } from 'node:path';
import type { Config } from '../../src/core/config/model.ts';
import type { AuditQuery } from '../../src/core/node/audit-read.ts';
import type { AuditRecord } from '../../src/core/node/audit-record.ts';
import { type AuditTrail, openAuditTrail } from '../../src/core/node/audit-trail.ts';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { readKeyRing } from '../../src/core/node/key-file.ts';
import { systemClock } from '../../src/core/node/system-clock.ts';

/** Oldest first. */
export async function recordsOf(trail: Pick<AuditTrail, 'read'>, query?: AuditQuery): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const record of trail.read(query)) records.push(record);
  return records;
}

/** As another process has it. `place`: the folder of config.ini, or what was read from it. */
export async function recordsIn(place: string | Config, query?: AuditQuery): Promise<AuditRecord[]> {
  const config = typeof place === 'string' ? readConfigFile(join(place, 'config.ini')).config : place;
  const trail = await openAuditTrail({ config, key: readKeyRing(config.store.keyFile).auditKey, clock: systemClock });
  return recordsOf(trail, query).finally(() => trail.close());
}
