/** A changed config.ini goes into the audit trail, by the key file and folder that were in force before the change. */
import { lstatSync } from 'node:fs';
import type { Config } from '../config/model.ts';
import type { Actor } from '../roles.ts';
import { createAuditFile } from './audit-file.ts';
import { readKeyRing } from './key-file.ts';
import { systemClock } from './system-clock.ts';

/**
 * To be called before the change, so that one which cannot be noted is not made; what it gives is called after. The value is not noted: it may hold the
 * password of a database. Before `init` there is no trail, and nothing to note. Faults: those of key file and audit trail.
 */
export function configChangeNote(
  before: Config,
): (change: { readonly actor: Actor; readonly key: string }) => Promise<void> {
  const { keyFile } = before.store;
  if (lstatSync(keyFile, { throwIfNoEntry: false }) === undefined) return async () => undefined;
  const audit = createAuditFile({ folder: before.audit.path, key: readKeyRing(keyFile).auditKey, clock: systemClock });
  return ({ actor, key }) => audit.append({ event: 'config.changed', actor: actor.name, detail: key });
}
