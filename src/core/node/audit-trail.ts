/**
 * The audit trail of a facility: one, whatever it is made of. With an engine of a file, records go into the database
 * in the transactions that make them and are copied to files of this host; where several hosts share a database, they
 * stay in its table. Whoever writes, reads or verifies it asks here. What a gate does not need is loaded when it is
 * asked for.
 */
import { hostname } from 'node:os';
import { type AuditEvent, isFailure } from '../audit-event.ts';
import type { AuditFilter } from '../audit-filter.ts';
import type { Config } from '../config/model.ts';
import { toFault } from '../errors.ts';
import type { AuditLog, Clock } from '../ports.ts';
import type { Actor } from '../roles.ts';
import { type Journal, recordingEngine } from '../store/recording-engine.ts';
import type { SqlEngine } from '../store/sql-engine.ts';
import type { Archived, ArchiveRequest } from './audit-archive.ts';
import type { AuditCalls } from './audit-drain.ts';
import { createDraining } from './audit-draining.ts';
import type { GapAccepted } from './audit-gap.ts';
import { createJournal } from './audit-journal.ts';
import type { AuditQuery, FileCursor, FilePlace } from './audit-read.ts';
import type { AuditRecord } from './audit-record.ts';
import { appendToSide } from './audit-side.ts';
import type { TrailState } from './audit-state.ts';
import type { TableCursor, TablePlace } from './audit-table-read.ts';
import type { AuditVerification, Expected } from './audit-verify.ts';

export type { AuditVerification } from './audit-verify.ts';
/** Where reading is to go on; each means something to the kind of trail alone that it comes from. */
export type AuditPlace = FilePlace | TablePlace;
export type AuditCursor = FileCursor | TableCursor;

export type AuditPortion = {
  /** Newest first. */
  readonly records: readonly AuditRecord[];
  /** Where to go on; undefined: that was the beginning of the trail. */
  readonly next: AuditPlace | undefined;
};

export type TrailReading = {
  /** Oldest first. Where the database is away: what the files have, and then the Fault. */
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
};

export type AuditTrail = AuditLog &
  TrailReading & {
    /** What the store's transactions record with. */
    readonly journal: Journal;
    /** Copies to the files what waits in the database. Rejects with a Fault that says why it cannot. */
    drain(): Promise<void>;
    /** For a process that stays: drains without anybody waiting for it, soon after each write. */
    drainInBackground(): void;
    /**
     * Faults: `busy` where the database cannot be read, those of the files, `not-found` where an expected record was
     * archived.
     */
    verify(expected?: readonly Expected[]): Promise<AuditVerification>;
    /** Where the trail (of this host) ends, to be noted elsewhere: what `verify` compares with. */
    noteOfEnd(): Promise<string>;
    archive(request: ArchiveRequest): Promise<Archived>;
    /** From there on the trail is whole again, behind records that were lost or changed. */
    acceptGap(request: { readonly actor: Actor }): Promise<GapAccepted>;
    /** Records what became of announced changes of that config.ini (config-settle.ts). Never rejects: another process will do it. */
    settleConfig(file: string): Promise<void>;
    state(): Promise<TrailState>;
    /** Not the engine, unless it was opened for this alone. */
    close(): Promise<void>;
  };

export type TrailRequest = {
  readonly config: Pick<Config, 'audit' | 'store'>;
  /** The key file's audit key. */
  readonly key: Uint8Array;
  readonly clock: Clock;
  /** Of a facility that is open; else one is opened when it is needed, and closed with the trail. */
  readonly engine?: SqlEngine;
  /** The name of this host, for tests with several. */
  readonly host?: string;
  /** Tests put failing ones in their place. */
  readonly calls?: AuditCalls;
};

/** What the parts of a trail share. */
export type TrailParts = {
  readonly config: Pick<Config, 'audit' | 'store'>;
  readonly folder: string;
  readonly key: Uint8Array;
  readonly clock: Clock;
  readonly host: string;
  readonly calls?: AuditCalls;
  readonly engine: () => Promise<SqlEngine>;
};

export async function openAuditTrail(request: TrailRequest): Promise<AuditTrail> {
  const { config, key, clock, engine, calls, host = hostname() } = request;
  const own = ownEngine(config.store, clock);
  const parts: TrailParts = {
    ...{ config, folder: config.audit.path, key, clock, host, ...(calls ? { calls } : {}) },
    engine: async () => engine ?? own.open(),
  };
  const isTable = config.store.engine === 'postgres';
  const draining = createDraining(parts, isTable ? 'table' : 'files');
  const journal = createJournal({
    key,
    trail: isTable
      ? { kind: 'table', folder: parts.folder, host }
      : { kind: 'files', folder: parts.folder, queueMax: config.audit.queueMax },
    removedSides: draining.removedSides,
    sidesTaken: draining.sidesTaken,
    full: draining.start,
    committed: draining.committed,
    aside: (event, thrown) => holdAside(parts, event, thrown),
  });
  return {
    journal,
    append: (event) => appendAlone(parts, journal, event),
    drain: draining.drain,
    drainInBackground: draining.inBackground,
    ...(isTable ? await tableReadingOf(parts) : fileReadingOf(parts)),
    verify: async (expected = []) => (await import('./audit-verdict.ts')).verifyTrail(parts, expected),
    noteOfEnd: async () => (await import('./audit-state.ts')).noteOfEnd(parts),
    archive: async (asked) => (await import('./audit-archive.ts')).archiveTrail(parts, asked),
    async acceptGap(asked) {
      await draining.drain();
      return (await import('./audit-gap.ts')).acceptGap(parts, asked);
    },
    settleConfig: (file) => settleConfig(parts, journal, file).catch(() => undefined),
    state: async () => (await import('./audit-state.ts')).trailState(parts),
    async close() {
      await draining.end();
      await own.close();
    },
  };
}

function ownEngine(store: Config['store'], clock: Clock) {
  let own: Promise<SqlEngine> | undefined;
  return {
    async open() {
      const { openEngine } = await import('./open-engine.ts');
      own ??= openEngine(store, { database: 'existing', clock }).catch((thrown: unknown) => {
        own = undefined;
        throw thrown;
      });
      return own;
    },
    close: async () => (await own)?.close(),
  };
}

/** What cannot be recorded there is held in a file: a database that is away is when somebody will want to know. */
async function appendAlone(parts: TrailParts, journal: Journal, event: AuditEvent): Promise<void> {
  let engine: SqlEngine;
  try {
    engine = await parts.engine();
  } catch (thrown) {
    if (!isFailure(event)) throw thrown;
    return journal.aside(event, thrown);
  }
  await recordingEngine(engine, journal, {}).record(event);
}

/** Rejects with what was thrown where the event is not for a side chain, or cannot be held there either. */
async function holdAside(parts: TrailParts, event: AuditEvent, thrown: unknown): Promise<void> {
  const { code } = toFault(thrown);
  if (code !== 'busy' && code !== 'unavailable') throw thrown;
  await appendToSide(parts, event).catch(() => {
    throw thrown;
  });
}

async function settleConfig({ config, host, engine }: TrailParts, journal: Journal, file: string): Promise<void> {
  const { configPlace, settlePendingChanges } = await import('./config-settle.ts');
  const recording = recordingEngine(await engine(), journal, {});
  await settlePendingChanges(recording, configPlace(config.store, file, host));
}

function fileReadingOf(parts: TrailParts): TrailReading {
  const reading = () => import('./audit-read.ts');
  const files = async () => {
    const { queuedLines, untakenSides } = await import('./audit-state.ts');
    return { folder: parts.folder, rows: () => queuedLines(parts), sides: () => untakenSides(parts) };
  };
  return {
    async *read(query) {
      yield* (await reading()).readFiles(await files(), query);
    },
    async *follow(query) {
      yield* (await reading()).followFiles(await files(), query);
    },
    end: async () => (await reading()).endOfFiles(await files()),
    before: async ({ place, ...asked }) =>
      (await reading()).beforePlace(parts.folder, {
        ...asked,
        place: 'segment' in place ? place : { segment: 1, lines: 0 },
      }),
    since: async (cursor) =>
      (await reading()).sinceCursor(await files(), 'segment' in cursor ? cursor : { segment: 1, byte: 0 }),
  };
}

async function tableReadingOf(parts: TrailParts): Promise<TrailReading> {
  const { tableReading, TABLE_END } = await import('./audit-table-read.ts');
  const table = tableReading(parts.engine, async function* (query) {
    const { readFiles } = await import('./audit-read.ts');
    const { untakenSides } = await import('./audit-state.ts');
    yield* readFiles({ folder: parts.folder, rows: async () => [], sides: () => untakenSides(parts) }, query);
  });
  return {
    ...table,
    before: ({ place, ...asked }) => table.before({ ...asked, place: 'at' in place ? place : TABLE_END }),
    since: (cursor) => table.since('read' in cursor ? cursor : { read: new Map() }),
  };
}
