/**
 * The audit trail of a facility, wherever it is: in files of this host, or, where several hosts share a database, in a table there with one chain a host
 * (`audit-table.ts`). Whoever writes, reads or verifies it asks here. What a gate does not need is loaded when it is asked for.
 */
import type { AuditFilter } from '../audit-filter.ts';
import type { Config } from '../config/model.ts';
import type { AuditLog, Clock } from '../ports.ts';
import type { SqlEngine } from '../store/sql-engine.ts';
import { createAuditFile } from './audit-file.ts';
import type { AuditPlace as FilePlace } from './audit-pages.ts';
import type { AuditQuery, AuditCursor as FileCursor } from './audit-read.ts';
import type { AuditRecord } from './audit-record.ts';
import type { AuditVerification as FileVerification } from './audit-verify.ts';
import { openEngine } from './open-engine.ts';

/** Where reading is to go on; each means something to the kind of trail alone that it comes from. */
export type AuditPlace = FilePlace | { readonly at: number; readonly host: string; readonly seq: number };
/** In a table: how far each host's chain was read. */
export type AuditCursor = FileCursor | { readonly read: ReadonlyMap<string, number> };

/** `host`: whose chain the broken record is in, where there are several. */
export type AuditVerification = FileVerification & { readonly host?: string };

export type AuditPortion = {
  /** Newest first. */
  readonly records: readonly AuditRecord[];
  /** Where to go on; undefined: that was the beginning of the trail. */
  readonly next: AuditPlace | undefined;
};

export type AuditTrail = AuditLog & {
  /** Oldest first. */
  read(query?: AuditQuery): AsyncGenerator<AuditRecord, unknown, undefined>;
  /** The same, and then each new record as it comes, until `signal` ends it. */
  follow(query: AuditQuery & { readonly signal: AbortSignal }): AsyncGenerator<AuditRecord, unknown, undefined>;
  /** Where the trail ends now: the place to go back from, and the cursor to go on from. */
  end(): Promise<{ readonly place: AuditPlace; readonly cursor: AuditCursor }>;
  /** At most `limit` records before a place. */
  before(from: {
    readonly place: AuditPlace;
    readonly limit: number;
    readonly filter: AuditFilter | undefined;
  }): Promise<AuditPortion>;
  /** What was written since, oldest first. */
  since(cursor: AuditCursor): Promise<{ readonly records: readonly AuditRecord[]; readonly cursor: AuditCursor }>;
  verify(): Promise<AuditVerification>;
  /** A number that stands for now; every record that is not there yet is after it, and some that are. */
  mark(): Promise<number>;
  /** That of a record `store.backup`, whose `count` it is. */
  markOf(record: AuditRecord): number | undefined;
  isAfter(record: AuditRecord, mark: number): boolean;
  close(): Promise<void>;
};

export type TrailRequest = {
  readonly config: Pick<Config, 'audit' | 'store'>;
  /** The key file's audit key. */
  readonly key: Uint8Array;
  readonly clock: Clock;
  /** Of a facility that is open; else one is opened when it is needed, and closed with the trail. */
  readonly engine?: SqlEngine;
};

export async function openAuditTrail({ config, key, clock, engine }: TrailRequest): Promise<AuditTrail> {
  const files = fileTrail({ folder: config.audit.path, key, clock });
  if (config.store.engine !== 'postgres') return files;
  const { createTableTrail } = await import('./audit-table.ts');
  let own: Promise<SqlEngine> | undefined;
  const table = createTableTrail({
    key,
    // What cannot be noted there is noted here: a database that is away is when somebody will want to know.
    otherwise: files,
    engine: async () => {
      if (engine !== undefined) return engine;
      own ??= openEngine(config.store, { database: 'existing', clock });
      return own;
    },
  });
  return { ...table, close: async () => (await own)?.close() };
}

type FileTrail = { readonly folder: string; readonly key: Uint8Array; readonly clock: Clock };

function fileTrail({ folder, key, clock }: FileTrail): AuditTrail {
  const pages = () => import('./audit-pages.ts');
  return {
    ...createAuditFile({ folder, key, clock }),
    async *read(query) {
      yield* (await import('./audit-read.ts')).readAuditTrail(folder, query);
    },
    async *follow(query) {
      yield* (await import('./audit-read.ts')).followAuditTrail(folder, query);
    },
    end: async () => (await pages()).auditEnd(folder),
    before: async ({ place, ...asked }) =>
      (await pages()).auditBefore(folder, { ...asked, place: 'segment' in place ? place : { segment: 1, lines: 0 } }),
    since: async (cursor) => (await pages()).auditSince(folder, 'segment' in cursor ? cursor : { segment: 1, byte: 0 }),
    verify: async () => (await import('./audit-verify.ts')).verifyAuditTrail(folder, key),
    async mark() {
      let last = 0;
      for await (const { seq } of this.read({ limit: 1 })) last = seq;
      return last;
    },
    markOf: ({ count }) => count,
    isAfter: ({ seq }, mark) => seq > mark,
    close: async () => undefined,
  };
}
