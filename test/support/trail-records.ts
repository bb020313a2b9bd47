/** What the audit trail of a facility says, files and database together. */
import type { AuditQuery } from '../../src/core/node/audit-read.ts';
import type { AuditRecord } from '../../src/core/node/audit-record.ts';
import { type AuditTrail, openAuditTrail } from '../../src/core/node/audit-trail.ts';
import { readConfigFile } from '../../src/core/node/config-file.ts';
import { readKeyRing } from '../../src/core/node/key-file.ts';
import { systemClock } from '../../src/core/node/system-clock.ts';

export async function recordsOf(trail: Pick<AuditTrail, 'read'>, query?: AuditQuery): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const record of trail.read(query)) records.push(record);
  return records;
}

/** Of the facility that a config.ini names, as another process has it. */
export async function recordsBy(configFile: string, query?: AuditQuery): Promise<AuditRecord[]> {
  const { config } = readConfigFile(configFile);
  const { auditKey: key } = readKeyRing(config.store.keyFile);
  const trail = await openAuditTrail({ config, key, clock: systemClock });
  return recordsOf(trail, query).finally(() => trail.close());
}
