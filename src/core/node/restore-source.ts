/**
 * What a restore reads before it changes anything: the backup, checked, and the database file that it replaces, as far
 * as that can be read.
 */
import { readFile } from 'node:fs/promises';
import { Fault } from '../errors.ts';
import type { Clock, SecretBox } from '../ports.ts';
import { databaseExists, guardedDatabase, SIDE_FILES } from '../store/engines/database-file.ts';
import { openImageEngine } from '../store/engines/image-engine.ts';
import { mergeLog } from '../store/engines/sqlite-log.ts';
import { type FacilityRows, readFacilityRows, refuseDamagedRows, rowsOf } from '../store/facility-rows.ts';
import { isOfThisVersion, SCHEMA_VERSION, schemaVersion, upgradeSchema } from '../store/migrations.ts';
import type { SqlEngine, SqlRow } from '../store/sql-engine.ts';
import { storeReads } from '../store/sql-store.ts';
import { inert } from '../visible-text.ts';
import { baseOf, type ChainEnd, FILE_CHAIN, readEnd, type SealedEnd } from './audit-rows.ts';
import { digestOf } from './backup.ts';
import { errnoOf, fileFault } from './file-fault.ts';
import { readGuarded } from './file-safety.ts';
import { checkSeals } from './seal-check.ts';
import { linesIn } from './since-backup.ts';

export type OpenedBackup = {
  /** A copy in memory, of this version's schema; what it becomes is written down as a whole. */
  readonly engine: SqlEngine;
  readonly sha256: string;
  readonly rows: FacilityRows;
  readonly heads: readonly SqlRow[];
  /** Where the trail in the files ended; undefined of version 1. */
  readonly end: ChainEnd | undefined;
  /** False of version 1. */
  readonly countsPasswords: boolean;
};

export type BackupTools = { readonly key: Uint8Array; readonly box: SecretBox; readonly clock: Clock };

/** Faults: `not-found`, `bad-data` (no whole backup, or not sealed by this key file). */
export async function openBackup(file: string, tools: BackupTools): Promise<OpenedBackup> {
  const bytes = await readBackup(file);
  const sha256 = digestOf(bytes);
  try {
    const engine = await openImageEngine(bytes, tools.clock);
    if ((await engine.integrity()).join() !== 'ok') noBackup(undefined);
    const version = await engine.read(schemaVersion);
    if (version < SCHEMA_VERSION) await engine.write(upgradeSchema);
    await openEverySecret(engine, tools.box);
    const found = await engine.read(async (tx) => ({
      rows: await readFacilityRows(tx),
      heads: await rowsOf(tx, 'audit_heads'),
      end: await readEnd(tx, { key: tools.key, chain: FILE_CHAIN }),
    }));
    refuseDamagedRows(found.rows);
    const end = found.end?.authentic === true ? { seq: found.end.seq, mac: found.end.mac } : undefined;
    return { ...found, engine, sha256, end, countsPasswords: version > 1 };
  } catch (thrown) {
    return noBackup(thrown);
  }
}

export type ReplacedFile =
  | { readonly kind: 'missing' }
  /** `lines`: records of the audit trail that were found in what is left of it. */
  | { readonly kind: 'damaged'; readonly lines: readonly string[] }
  | {
      readonly kind: 'read';
      readonly rows: FacilityRows;
      /** Of the chain in the files. */
      readonly end: SealedEnd | undefined;
      /** Up to where that was archived. */
      readonly base: SealedEnd | undefined;
      readonly heads: readonly SqlRow[];
      readonly records: readonly SqlRow[];
      readonly configChanges: readonly SqlRow[];
    };

/**
 * The caller holds its lock alone. Throws a Fault for a database of another version, and for one that was moved to
 * another engine.
 */
export async function readReplaced(path: string, { key, clock }: Omit<BackupTools, 'box'>): Promise<ReplacedFile> {
  if (!databaseExists(path)) return { kind: 'missing' };
  const engine = await openWhole(path, clock);
  if (engine === undefined) return { kind: 'damaged', lines: rawLines(path) };
  try {
    if (!(await engine.read(isOfThisVersion))) return { kind: 'damaged', lines: rawLines(path) };
    return await engine
      .read(async (tx) => {
        const rows = await readFacilityRows(tx);
        refuseDamagedRows(rows);
        return {
          kind: 'read',
          rows,
          end: await readEnd(tx, { key, chain: FILE_CHAIN }),
          base: await readEnd(tx, { key, chain: baseOf(FILE_CHAIN) }),
          heads: await rowsOf(tx, 'audit_heads'),
          records: await tx.all('SELECT chain, seq, at, line FROM audit_records ORDER BY chain, seq'),
          configChanges: await tx.all('SELECT * FROM config_changes'),
        } as const;
      })
      .catch(() => ({ kind: 'damaged', lines: rawLines(path) }) as const);
  } finally {
    await engine.close();
  }
}

/** Undefined where it is not whole. */
async function openWhole(path: string, clock: Clock): Promise<SqlEngine | undefined> {
  try {
    mergeLog(path);
    const engine = await openImageEngine(readGuarded(guardedDatabase(path)), clock);
    if ((await engine.integrity()).join() === 'ok') return engine;
    await engine.close();
    return undefined;
  } catch (thrown) {
    // Not damage: somebody else is at it, or has laid something in its place.
    if (thrown instanceof Fault && (thrown.code === 'file-refused' || thrown.message.includes('another program'))) {
      throw thrown;
    }
    return undefined;
  }
}

function rawLines(path: string): readonly string[] {
  return ['', ...SIDE_FILES].flatMap((suffix) => {
    try {
      return linesIn(readGuarded(guardedDatabase(path + suffix)));
    } catch {
      return [];
    }
  });
}

/** A backup made before `key rotate`, or elsewhere, would leave users whose codes nobody can check. */
async function openEverySecret(engine: SqlEngine, secretBox: SecretBox): Promise<void> {
  const { broken } = await checkSeals({ store: storeReads(engine), secretBox });
  if (broken === 0) return;
  throw new Fault('bad-data', `The key file does not open ${broken} secrets of this backup; nothing was changed.`, {
    hint: 'Put the key file back that was in use when the backup was made.',
  });
}

async function readBackup(file: string): Promise<Buffer> {
  const bytes = await readFile(file).catch((thrown: unknown) => {
    if (errnoOf(thrown) === 'ENOENT') {
      throw new Fault('not-found', `There is no file ${inert(file)}.`, { cause: thrown });
    }
    throw fileFault(`The backup ${file} could not be read`, thrown);
  });
  if (bytes.toString('latin1', 0, 16) !== 'SQLite format 3\0') noBackup(undefined);
  return bytes;
}

/** What the store finds amiss is said of the backup, not of a database. */
function noBackup(cause: unknown): never {
  if (cause instanceof Fault && (cause.code !== 'unavailable' || errnoOf(cause.cause) !== undefined)) throw cause;
  const newer = cause instanceof Fault && cause.message.includes('newer') ? ` ${cause.message}` : '';
  throw new Fault(
    'bad-data',
    `The file is not a whole backup that this Gatehouse can use; nothing was changed.${newer}`,
    {
      hint: 'Take another copy of it, or an earlier backup.',
      cause,
    },
  );
}
