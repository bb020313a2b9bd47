/**
 * Changes config.ini as an announced change. Invariant: under the lock of config.ini the change is first recorded in
 * the facility's database, in one transaction with a row of `config_changes`, and then made; so each change has its
 * record, also where the process is killed. The row lets the next one find out whether it was made (config-settle.ts).
 *
 * Where it is recorded: in the facility that config.ini names before the change. Where that one cannot be opened, or
 * config.ini has problems, in the one that it names afterwards: that is how an administrator corrects a wrong path.
 * Before `init` (neither key file nor database) there is nothing to record. Where no facility can be opened the change
 * is refused, unless it was asked for as `offline`: then it is recorded aside where that can be done, and the caller
 * says which.
 */
import { randomUUID } from 'node:crypto';
import { lstatSync } from 'node:fs';
import type { AuditEvent } from '../audit-event.ts';
import type { Edited } from '../config/edit.ts';
import type { Config } from '../config/model.ts';
import { type ConfigSource, parseConfig } from '../config/parse.ts';
import { Fault, toFault } from '../errors.ts';
import type { Actor } from '../roles.ts';
import { migrate } from '../store/migrations.ts';
import { type RecordingEngine, recordingEngine } from '../store/recording-engine.ts';
import type { SqlEngine } from '../store/sql-engine.ts';
import { openAuditTrail } from './audit-trail.ts';
import { type ConfigReplacement, editConfigFile } from './config-file-edit.ts';
import { changeDetail, configDigest, configPlace, settleUnderLock } from './config-settle.ts';
import type { FileCalls } from './durable-write.ts';
import { readKeyRing } from './key-file.ts';
import { openEngine } from './open-engine.ts';
import { systemClock } from './system-clock.ts';

/** `before-init`: there was no facility. `aside` and `nowhere` only where `offline` was asked for. */
export type Recorded = 'in-database' | 'before-init' | 'aside' | 'nowhere';

export type ConfigChange = {
  readonly actor: Actor;
  /** The settings that change, `2FA` or `Section.Key`: their names are recorded, their values never. */
  readonly settings: readonly string[];
  readonly edit: (source: ConfigSource) => Edited;
  /** Make the change also where the database cannot record it. */
  readonly offline?: Offline;
  /** What to do where the change is refused because it cannot be recorded. */
  readonly wayOut?: string;
  /** Tests put failing ones in their place. */
  readonly calls?: FileCalls;
};

export type Offline = {
  /** Records it outside of the database, in the audit folder of that facility. Rejects where it cannot. */
  readonly recordAside?: (config: Config, event: AuditEvent) => Promise<void>;
};

/** Faults: those of `editConfigFile`, and those of key file, database and trail; then config.ini is not changed. */
export async function changeConfigFile(
  path: string,
  { actor, settings, edit, offline, wayOut, calls }: ConfigChange,
): Promise<{ readonly edited: Edited; readonly recorded: Recorded }> {
  let recorded: Recorded = 'in-database';
  const edited = await editConfigFile(path, edit, {
    ...(calls === undefined ? {} : { calls }),
    async announce(replacement) {
      try {
        const facility = await openRecorder(replacement);
        if (facility !== undefined) return await announceConfigChange(facility, { ...replacement, actor, settings });
        recorded = 'before-init';
      } catch (thrown) {
        if (offline === undefined) throw notChanged(thrown, wayOut);
        recorded = await recordedAside(offline, eventsOf({ ...replacement, actor, settings }), replacement);
      }
      return async () => undefined;
    },
  });
  return { edited, recorded };
}

/** A database that records changes, and which of them it is. */
export type Recorder = {
  readonly config: Config;
  /** Records without an actor of its own: each event names who did it. */
  readonly engine: RecordingEngine;
  close(): Promise<void>;
};

/** Over an engine that is open; closing the recorder closes it. */
export async function recorderOf(config: Config, engine: SqlEngine): Promise<Recorder> {
  const trail = await openAuditTrail({
    config,
    key: readKeyRing(config.store.keyFile).auditKey,
    clock: systemClock,
    engine,
  });
  const close = async () => {
    await trail.close();
    await engine.close();
  };
  return { config, engine: recordingEngine(engine, trail.journal, {}), close };
}

export type Announcement = ConfigReplacement & {
  readonly actor: Actor;
  readonly settings: readonly string[];
  /** What is recorded in the same transaction. */
  readonly besides?: readonly AuditEvent[];
};

/**
 * Announces a change while its maker holds the lock of config.ini; for `announce` of `editConfigFile`. The answer
 * settles it, closes the recorder, and never rejects: what it cannot do is left to the next process.
 */
export async function announceConfigChange(
  { config, engine, close }: Recorder,
  announcement: Announcement,
): Promise<(text: string | undefined) => Promise<void>> {
  const { source, edited, actor, settings, besides = [] } = announcement;
  const place = configPlace(config.store, source.file);
  const id = randomUUID();
  const before = configDigest(source.text);
  const row = [id, place.host, place.path, settings.join(','), actor.name, before, configDigest(edited.text)];
  try {
    await engine.write(async (tx) => {
      const earlier = await settleUnderLock(tx, { place, digest: before });
      for (const event of [...earlier, ...besides, ...eventsOf(announcement)]) tx.record(event);
      await tx.run(INSERT, [...row, await tx.now()]);
    });
  } catch (thrown) {
    await close().catch(() => undefined);
    throw thrown;
  }
  return async (text) => {
    try {
      if (text === undefined) return;
      const digest = configDigest(text);
      await engine.write(async (tx) => {
        for (const event of await settleUnderLock(tx, { place, digest, id })) tx.record(event);
      });
    } catch {
      // It is made or not made all the same; the row is still there.
    } finally {
      await close().catch(() => undefined);
    }
  };
}

const INSERT = `INSERT INTO config_changes (id, host, path, setting, actor, digest_before, digest_after, at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

function eventsOf({ source, edited, actor, settings }: Announcement): readonly AuditEvent[] {
  const digests = { before: configDigest(source.text), after: configDigest(edited.text) };
  return settings.map((setting) => ({
    event: 'config.changed',
    actor: actor.name,
    detail: changeDetail(setting, digests),
  }));
}

/** The facility that records the change; undefined before `init`. Throws what is wrong with the first that should. */
async function openRecorder({ source, edited }: ConfigReplacement): Promise<Recorder | undefined> {
  const faults: Fault[] = [];
  for (const config of facilitiesOf(parseConfig(source), edited.parsed.config)) {
    try {
      const recorder = await openFacilityRecorder(config);
      if (recorder !== undefined) return recorder;
    } catch (thrown) {
      const fault = toFault(thrown);
      // It is there, and somebody is at work on it. A server that is away says the same, and may have another address.
      if (fault.code === 'busy' && config.store.engine !== 'postgres') throw fault;
      faults.push(fault);
    }
  }
  if (faults[0] !== undefined) throw faults[0];
  return undefined;
}

/** As config.ini was, and as it will be where that names another facility. */
function facilitiesOf(before: ReturnType<typeof parseConfig>, after: Config): readonly Config[] {
  if (before.kind === 'problems') return [after];
  const same = JSON.stringify(placesOf(before.config)) === JSON.stringify(placesOf(after));
  return same ? [before.config] : [before.config, after];
}

function placesOf({ store, audit }: Config) {
  return { store, audit: audit.path };
}

async function openFacilityRecorder(config: Config): Promise<Recorder | undefined> {
  const { keyFile, engine: kind, path } = config.store;
  if (!isThere(keyFile) && (kind === 'postgres' || !isThere(path))) return undefined;
  const engine = await openEngine(config.store, { database: 'existing', clock: systemClock });
  try {
    await migrate(engine);
    return recorderOf(config, engine);
  } catch (thrown) {
    await engine.close();
    throw thrown;
  }
}

async function recordedAside(
  { recordAside }: Offline,
  events: readonly AuditEvent[],
  { source, edited }: ConfigReplacement,
): Promise<Recorded> {
  if (recordAside === undefined) return 'nowhere';
  for (const config of facilitiesOf(parseConfig(source), edited.parsed.config)) {
    try {
      for (const event of events) await recordAside(config, event);
      return 'aside';
    } catch {
      // The other one, if there is one.
    }
  }
  return 'nowhere';
}

function notChanged(thrown: unknown, wayOut: string | undefined): Fault {
  const { code, message, hint } = toFault(thrown);
  // The hint may end with a command.
  const hints = ['config.ini was not changed.', wayOut, hint].filter((one) => one !== undefined);
  return new Fault(code, message, { hint: hints.join(' '), cause: thrown });
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
