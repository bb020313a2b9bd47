/** What happened since a backup was made, by the audit trail, which is no part of the backup. */
import type { AuditEventName } from '../audit-event.ts';
import type { Config } from '../config/model.ts';
import type { SinceBackup } from '../store/restored.ts';
import { timeStepAt } from '../time-step.ts';
import { type NameKey, nameKey } from '../user.ts';
import { type AuditTrail, openAuditTrail } from './audit-trail.ts';
import { backupDetail } from './backup.ts';
import { systemClock } from './system-clock.ts';

/** `unknown`: the trail does not know this backup. */
export type KnownSince = 'known' | 'unknown';

/** For the backup with that digest. Every time step up to now counts as used, whatever the trail says. */
export async function sinceBackup(
  config: Config,
  auditKey: Uint8Array,
  sha256: string,
): Promise<SinceBackup & { readonly known: KnownSince }> {
  const trail = await openAuditTrail({ config, key: auditKey, clock: systemClock });
  try {
    return await sinceRecord(config, trail, backupDetail(sha256));
  } finally {
    await trail.close();
  }
}

async function sinceRecord(
  config: Config,
  trail: AuditTrail,
  detail: string,
): Promise<SinceBackup & { readonly known: KnownSince }> {
  const lastStep = timeStepAt(systemClock.now()) + config.login.codeWindow;
  const after = await markOfBackup(trail, detail);
  const names: Record<Aftermath, Set<NameKey>> = {
    deactivated: new Set(),
    recovery: new Set(),
    ended: new Set(),
  };
  if (after === undefined) return { lastStep, deactivated: [], recovery: [], ended: [], known: 'unknown' };
  for await (const record of trail.read()) {
    const { event, user } = record;
    if (!trail.isAfter(record, after) || user === undefined) continue;
    const key = nameKey(user);
    for (const what of AFTERMATH[event] ?? []) names[what].add(key);
    if (event === 'user.enabled' || event === 'user.added') names.ended.delete(key);
  }
  const { deactivated, recovery, ended } = names;
  return { lastStep, deactivated: [...deactivated], recovery: [...recovery], ended: [...ended], known: 'known' };
}

type Aftermath = 'deactivated' | 'recovery' | 'ended';

const AFTERMATH: { readonly [Event in AuditEventName]?: readonly Aftermath[] } = {
  'two-factor.deactivated': ['deactivated'],
  'recovery.used': ['recovery'],
  'recovery.made': ['recovery'],
  'user.disabled': ['ended'],
  // Whoever has the name now is somebody else.
  'user.removed': ['ended', 'deactivated'],
};

async function markOfBackup(trail: AuditTrail, detail: string): Promise<number | undefined> {
  let after: number | undefined;
  for await (const record of trail.read()) {
    if (record.event === 'store.backup' && record.detail === detail) after ??= trail.markOf(record);
  }
  return after;
}
