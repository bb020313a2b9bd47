/** What the console may know of the facility besides its people: config.ini, the audit trail, and what `doctor` finds. */
import type { AuditFilter } from '../core/audit-filter.ts';
import type { CodeMatch } from '../core/clock-drift.ts';
import type { Change } from '../core/config/edit-many.ts';
import type { ConfigSource, Parsed } from '../core/config/parse.ts';
import type { Refusal } from '../core/directory/refusal.ts';
import type { AuditRecord } from '../core/node/audit-record.ts';
import type { AuditCursor, AuditPlace, AuditPortion, AuditVerification } from '../core/node/audit-trail.ts';
import type { ConfigSaved } from '../core/node/config-save.ts';
import type { Check } from '../core/node/doctor-check.ts';
import type { Actor } from '../core/roles.ts';

export type AuditDesk = {
  /** Where the trail ends now. */
  end(): Promise<{ readonly place: AuditPlace; readonly cursor: AuditCursor }>;
  /** Newest first, from one portion of the trail. */
  before(from: {
    readonly place: AuditPlace;
    readonly limit: number;
    readonly filter: AuditFilter | undefined;
  }): Promise<AuditPortion>;
  /** Oldest first. */
  since(cursor: AuditCursor): Promise<{ readonly records: readonly AuditRecord[]; readonly cursor: AuditCursor }>;
  verify(): Promise<AuditVerification>;
  /** Newest first, of the last days: what the codes of users say about clocks. */
  codeMatches(): Promise<readonly CodeMatch[]>;
};

export type SeenConfig = { readonly source: ConfigSource; readonly parsed: Parsed };

export type ConfigDesk = {
  /** Absolute path of config.ini. */
  readonly file: string;
  /** As it is now, in order or not. Faults: those of `readConfigText`. */
  read(): SeenConfig;
  /** Audited; in force at once where it can be. Faults: those of `saveConfig`. */
  save(
    actor: Actor,
    asked: { readonly seen: ConfigSource; readonly changes: readonly Change[] },
  ): Promise<ConfigSaved | Refusal>;
  /** Why the file as it stands is not in force. */
  trouble(): string | undefined;
};

export type FacilityDesk = {
  readonly audit: AuditDesk;
  readonly configFile: ConfigDesk;
  /** All checks of `gatehouse doctor`, which leave a record in the audit trail. */
  examine(actor: Actor): Promise<readonly Check[]>;
};
