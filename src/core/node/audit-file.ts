/**
 * The audit trail as files that are only ever appended to. When `append` resolves, the record is on the disk, chained by a
 * keyed hash to all before it; when it rejects, whoever asked must not go on as if it were. Writers of all processes take
 * turns under one kernel lock.
 */
import type { AuditLog } from '../ports.ts';
import { type AuditFolder, appendTogether } from './audit-append.ts';
import { createAuditQueue } from './audit-queue.ts';

export function createAuditFile(trail: AuditFolder): AuditLog {
  return createAuditQueue((events) => appendTogether(trail, events));
}
