/**
 * A backup is the database as one SQLite file, without the key: whoever has it alone can open no secret. In it stands
 * where the audit trail ended, and the trail notes its digest, so that a restore knows what happened since.
 */
import { createHash } from 'node:crypto';
import type { Actor } from '../roles.ts';
import type { Facility } from './facility.ts';
import { writeNewFile } from './new-file.ts';

export type Backup = { readonly bytes: number; readonly sha256: string };

/** Faults: `exists`, and those of the store. */
export async function backUp(facility: Facility, actor: Actor, file: string): Promise<Backup> {
  // A trail that cannot be drained is no reason to have no backup.
  await facility.trail.drain().catch(() => undefined);
  const copy = await facility.store.snapshot();
  const sha256 = digestOf(copy);
  await writeNewFile(file, copy);
  await facility.audit.append({ event: 'store.backup', actor: actor.name, detail: backupDetail(sha256) });
  // A restore without the database knows the backup by the files.
  await facility.trail.drain().catch(() => undefined);
  return { bytes: copy.length, sha256 };
}

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** How the trail names a backup. */
export function backupDetail(sha256: string): string {
  return `sha256=${sha256}`;
}
