/** A changed config.ini goes into the audit trail, by the key file and folder that were in force before the change. */
import { lstatSync } from 'node:fs';
import type { Config } from '../config/model.ts';
import type { Actor } from '../roles.ts';
import { createAuditFile } from './audit-file.ts';
import { readKeyRing } from './key-file.ts';
import { systemClock } from './system-clock.ts';

/** The value is not noted: it may hold the password of a database. Before `init` there is no trail, and nothing to note. */
export async function noteConfigChange(change: {
  readonly before: Config;
  readonly actor: Actor;
  readonly key: string;
}): Promise<void> {
  const { before, actor, key } = change;
  const { keyFile } = before.store;
  if (lstatSync(keyFile, { throwIfNoEntry: false }) === undefined) return;
  const audit = createAuditFile({ folder: before.audit.path, key: readKeyRing(keyFile).auditKey, clock: systemClock });
  await audit.append({ event: 'config.changed', actor: actor.name, detail: key });
}
