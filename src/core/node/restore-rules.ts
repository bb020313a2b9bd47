/**
 * What restoring a file and restoring a server have in common: what tells what happened since the backup, and what is
 * made of it.
 */
import { hostname } from 'node:os';
import type { Config } from '../config/model.ts';
import { Fault } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { Actor } from '../roles.ts';
import { idsByName } from '../store/facility-rows.ts';
import { type SinceRecord, sinceEffects } from '../store/since-effects.ts';
import type { SqlWriter } from '../store/sql-engine.ts';
import {
  type Affected,
  type RestoreSources,
  type Stricter,
  stricterFacility,
  usableAdmins,
} from '../store/stricter.ts';
import { timeStepAt } from '../time-step.ts';
import type { EpochMs } from '../user.ts';
import { isVoidPassword, voidPasswordHash } from '../void-password.ts';
import { createJournal } from './audit-journal.ts';
import { backupDetail } from './backup.ts';
import type { OpenedBackup } from './restore-source.ts';
import type { TrailSince } from './since-backup.ts';

export type RestoreRequest = {
  readonly config: Config;
  readonly actor: Actor;
  readonly file: string;
  /**
   * Where nobody knows what happened since the backup. `void-passwords`: all of them are void until they are set again,
   * also where it is known; `trust`: users are as they were then.
   */
  readonly unknown: 'refuse' | 'void-passwords' | 'trust';
  /** Also where the audit folder belongs to another database, which cannot go on then. */
  readonly takeTrail?: boolean;
  /** Tests step it. A server has its own. */
  readonly clock?: Clock;
};

/** What tells what happened since the backup. */
export type RestoreBasis = 'database' | 'trail' | 'void-passwords' | 'trusted';

export type Restored = {
  readonly users: number;
  readonly basis: RestoreBasis;
  readonly affected: readonly Affected[];
  /** Administrators who are enabled and have a password that is not void. */
  readonly admins: number;
  readonly trail: TrailAfter;
};

/**
 * `kept`: the end that the replaced database knew; `files`: it was not known, and the end of the files counts; `short`:
 * the files have fewer records than there were when the backup was made.
 */
export type TrailAfter = {
  readonly end: 'kept' | 'files' | 'short';
  readonly records: number;
  readonly expected: number;
};

export type Restoring = RestoreRequest & { readonly backup: OpenedBackup; readonly key: Uint8Array };

export function restored(merged: Stricter, more: Pick<Restored, 'basis' | 'trail'>): Restored {
  const { users, affected } = merged;
  return { users: users.length, affected, admins: usableAdmins(users, isVoidPassword), ...more };
}

/** Where the database is not known to be current and the trail does not tell either, somebody has to decide. */
export function basisOf(
  { unknown }: RestoreRequest,
  { isCurrent, since }: { readonly isCurrent: boolean; readonly since: TrailSince['since'] },
): RestoreBasis {
  if (isCurrent) return 'database';
  if (since.kind === 'known') return 'trail';
  if (unknown === 'void-passwords') return 'void-passwords';
  if (unknown === 'trust') return 'trusted';
  throw new Fault(
    'bad-data',
    `${WHY[since.why]}, so nobody knows what changed since this backup; nothing was changed.`,
    {
      hint: 'Put the audit folder back, or repeat with --void-passwords (each password has to be set again) or with --trust-backup.',
    },
  );
}

const WHY: Readonly<Record<'missing' | 'broken' | 'other', string>> = {
  missing: 'The database cannot be read and there is no audit trail',
  broken: 'The database cannot be read or is an old one, and the audit trail does not verify',
  other: 'The database cannot be read or is an old one, and the audit trail does not know this backup',
};

export type Known = {
  readonly now: EpochMs;
  readonly replaced: RestoreSources['replaced'];
  readonly records: Iterable<SinceRecord> | undefined;
  readonly basis: RestoreBasis;
};

export function stricter({ config, backup, unknown }: Restoring, { now, replaced, records, basis }: Known): Stricter {
  const ids = idsByName(backup.rows);
  const known = new Set(ids.values());
  const { argon2MemoryMiB: memoryMiB, argon2Passes: passes } = config.password;
  const merged = stricterFacility(
    {
      backup: backup.rows,
      backupCountsPasswords: backup.countsPasswords,
      replaced,
      since:
        records === undefined
          ? undefined
          : sinceEffects(records, ({ id, key = '' }) =>
              id === undefined ? ids.get(key) : known.has(id) ? id : undefined,
            ),
    },
    {
      lockout: config.lockout,
      now,
      lastStep: timeStepAt(now) + config.login.codeWindow + DRIFT_STEPS,
      voidPasswords: unknown === 'void-passwords',
      voidHash: voidPasswordHash({ memoryMiB, passes }),
    },
  );
  // Which of them were used is as little known as the rest.
  return basis === 'void-passwords' ? { ...merged, recoveryCodes: [] } : merged;
}

/**
 * A code may have been accepted by a clock that was so much ahead of the one that decides now: of another host, or
 * before it was set.
 */
const DRIFT_STEPS = 2;

type RestoreNote = {
  readonly basis: RestoreBasis;
  readonly users: number;
  readonly end: TrailAfter['end'];
  /** Failures that the replaced database alone had recorded. */
  readonly lost?: number;
};

export async function recordRestore(
  tx: SqlWriter,
  { config, actor, key, backup }: Restoring,
  { basis, users, end, lost = 0 }: RestoreNote,
): Promise<void> {
  const place =
    config.store.engine === 'postgres'
      ? ({ kind: 'table', folder: config.audit.path, host: hostname() } as const)
      : ({ kind: 'files', folder: config.audit.path, queueMax: Number.POSITIVE_INFINITY } as const);
  const detail = `${backupDetail(backup.sha256)} by=${basis}${end === 'kept' ? '' : ` trail=${end}`}`;
  await createJournal({ key, trail: place }).append(tx, {
    kind: 'change',
    events: [
      ...(lost > 0 ? [{ event: 'audit.skipped', count: lost } as const] : []),
      { event: 'store.restored', actor: actor.name, detail, count: users },
    ],
  });
}
