/** A changed config.ini goes into the audit trail, by the key file and folder that were in force before the change. */
import { lstatSync } from 'node:fs';
import type { Config } from '../config/model.ts';
import type { Actor } from '../roles.ts';
import { openAuditTrail } from './audit-trail.ts';
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
  const { auditKey } = readKeyRing(keyFile);
  return async ({ actor, key }) => {
    const trail = await openAuditTrail({ config: before, key: auditKey, clock: systemClock });
    try {
      await trail.append({ event: 'config.changed', actor: actor.name, detail: key });
    } finally {
      await trail.close();
    }
  };
}
