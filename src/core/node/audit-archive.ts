/**
 * Archiving: the oldest part of the audit trail moves to another folder, with a note that is sealed with the audit
 * key. Invariants: the new beginning of the trail is sealed in the database in the transaction that records the
 * archiving; nothing is removed before its copy and its note are on the disk; killed in between, the same call
 * finishes. Nothing is archived by itself.
 */
import { closeSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Fault } from '../errors.ts';
import type { Actor } from '../roles.ts';
import { checkVersion } from '../store/migrations.ts';
import { inert } from '../visible-text.ts';
import { type ArchiveNote, noteName, sealNote } from './audit-archive-note.ts';
import { archiveChains } from './audit-archive-table.ts';
import { syncFolder } from './audit-drain.ts';
import { appendAlways } from './audit-journal.ts';
import { baseOf, beginningOf, type ChainEnd, FILE_CHAIN, moveEnd, readEnd, rowsOf, timeOf } from './audit-rows.ts';
import { linesOf, openSegment, SEGMENT_RECORDS, segmentOf, segmentStarts } from './audit-segment.ts';
import type { TrailParts } from './audit-trail.ts';
import { followerOf } from './audit-verify.ts';
import { writeDurably } from './durable-write.ts';
import { errnoOf, fileFault } from './file-fault.ts';
import { acquireFileLock } from './file-lock.ts';
import { readGuarded } from './file-safety.ts';

export type ArchiveRequest = {
  readonly actor: Actor;
  /** Only what is all older. */
  readonly before: number;
  /** Where it goes; made when it is missing. */
  readonly folder: string;
};

/** How many records went, and the last of them; of a table, without a number. */
export type Archived = { readonly records: number; readonly through: number | undefined };

/** Faults: `denied` below Audit.KeepDays, `bad-data` where the part is not whole, and those of files and database. */
export async function archiveTrail(parts: TrailParts, request: ArchiveRequest): Promise<Archived> {
  const asked = { ...request, folder: resolve(request.folder) };
  refuseTooYoung(parts, asked);
  if (asked.folder === resolve(parts.folder)) {
    throw new Fault('usage', 'The archive cannot be the audit folder itself.');
  }
  makeArchive(asked.folder);
  if (parts.config.store.engine === 'postgres') return archiveChains(parts, asked);
  if ((await segmentStarts(parts.folder)).length === 0) {
    await refuseLost(parts);
    return { records: 0, through: undefined };
  }
  const lock = await acquireFileLock({
    path: join(parts.folder, ARCHIVE_LOCK),
    what: 'audit archive',
    waitMs: LOCK_WAIT_MS,
  });
  try {
    return await archiveSegments(parts, asked);
  } finally {
    lock.release();
  }
}

/** A file of an archive, as durable as the trail was. One that is there already has to be the same. */
export async function putInArchive(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const path = join(folder, name);
  const there = inArchive(path);
  if (there === undefined) {
    await writeDurably({ path, temporary: `${path}.new`, bytes, what: 'archive file' });
  } else if (!there.equals(bytes)) {
    throw new Fault('exists', inert(`${path} is there already, and it is another file.`), {
      hint: 'Nothing was removed. Name another folder.',
    });
  }
}

const ARCHIVE_LOCK = 'archive.lock';
const LOCK_WAIT_MS = 2000;
const DAY_MS = 86_400_000;

function refuseTooYoung({ config, clock }: TrailParts, { before }: ArchiveRequest): void {
  const { keepDays } = config.audit;
  const latest = clock.now() - keepDays * DAY_MS;
  if (before <= latest) return;
  if (keepDays === 0) throw new Fault('usage', 'Only the past can be archived.');
  throw new Fault('denied', `Records of the last ${keepDays} days stay in the trail (Audit.KeepDays).`, {
    hint: `The latest date is ${new Date(latest).toISOString().slice(0, 10)}.`,
  });
}

function makeArchive(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw fileFault(`The archive ${folder} could not be made`, thrown);
  }
}

async function archiveSegments(parts: TrailParts, { before, folder, actor }: ArchiveRequest): Promise<Archived> {
  const { key } = parts;
  const base = await baseInDatabase(parts);
  await removeLeftOvers(parts, base, folder);
  const { last, segments } = await wholeSegments(parts, base, before);
  if (segments.length === 0) return { records: 0, through: undefined };
  for (const start of segments) {
    const name = nameOf(start);
    await putInArchive(folder, name, readGuarded({ path: join(parts.folder, name), what: 'audit file' }));
  }
  const note: ArchiveNote = { chain: FILE_CHAIN, before: base, last, files: segments.map(nameOf) };
  await putInArchive(folder, noteName(note), sealNote(note, key));
  const records = last.seq - base.seq;
  const engine = await parts.engine();
  await engine.write(async (tx) => {
    await checkVersion(tx);
    const chain = baseOf(FILE_CHAIN);
    const found = await readEnd(tx, { key, chain });
    if (beginningOf(FILE_CHAIN, found).seq !== base.seq) throw archivedMeanwhile();
    const event = {
      event: 'audit.archived',
      actor: actor.name,
      // With the MAC: the record is a second place that knows where the trail begins now (audit-resume.ts).
      detail: `through=${last.seq}:${last.mac}`,
      count: records,
    } as const;
    await appendAlways(tx, { events: [event], folder: parts.folder, key });
    await moveEnd(tx, { key, chain, end: last, exists: found !== undefined });
  });
  for (const start of segments) unlinkSync(segmentOf(parts.folder, start));
  syncFolder(parts.folder);
  return { records, through: last.seq };
}

async function baseInDatabase({ engine, key }: TrailParts): Promise<ChainEnd> {
  const found = await (await engine()).read((tx) => readEnd(tx, { key, chain: baseOf(FILE_CHAIN) }));
  return beginningOf(FILE_CHAIN, found);
}

/** No file is there: all records wait in the database, or some were lost. */
async function refuseLost({ engine, key }: TrailParts): Promise<void> {
  await (await engine()).read(async (tx) => {
    const base = beginningOf(FILE_CHAIN, await readEnd(tx, { key, chain: baseOf(FILE_CHAIN) }));
    const end = await readEnd(tx, { key, chain: FILE_CHAIN });
    const [first] = await rowsOf(tx, FILE_CHAIN);
    if ((end?.seq ?? 0) > base.seq && first?.seq !== base.seq + 1) throw notWhole(base.seq + 1);
  });
}

/** Of a call that was killed behind its transaction: what is in the archive goes. */
async function removeLeftOvers({ folder }: TrailParts, base: ChainEnd, archive: string): Promise<void> {
  for (const start of await segmentStarts(folder)) {
    if (start + SEGMENT_RECORDS - 1 > base.seq) break;
    const name = nameOf(start);
    const copy = inArchive(join(archive, name));
    if (copy === undefined || !copy.equals(readGuarded({ path: join(folder, name), what: 'audit file' }))) {
      throw new Fault(
        'exists',
        `Records up to ${base.seq} were archived in another folder, and ${name} is still here.`,
        {
          hint: 'Name the folder that they went to: this finishes it.',
        },
      );
    }
    unlinkSync(join(folder, name));
  }
}

/** From the base on, each of them whole and all before that time; never the newest one. */
async function wholeSegments({ folder, key }: TrailParts, base: ChainEnd, before: number) {
  const starts = await segmentStarts(folder);
  const startOf = ({ seq }: ChainEnd) => seq - (seq % SEGMENT_RECORDS) + 1;
  if (!(await beginsBehind(folder, base, key))) throw notWhole(base.seq + 1);
  const segments: number[] = [];
  let last = base;
  while (starts.includes(startOf(last)) && startOf(last) !== starts.at(-1)) {
    const start = startOf(last);
    const follower = followerOf(last, { key });
    let isOld = true;
    const fd = openSegment(folder, start);
    if (fd === undefined) break;
    try {
      for await (const lines of linesOf(fd, 0)) {
        for (const { text } of lines) {
          if (!follower.take(text)) throw notWhole(follower.end().seq + 1);
          isOld &&= (timeOf(text) ?? Number.POSITIVE_INFINITY) < before;
        }
      }
    } finally {
      closeSync(fd);
    }
    if (follower.end().seq !== start + SEGMENT_RECORDS - 1) throw notWhole(follower.end().seq + 1);
    if (!isOld) break;
    segments.push(start);
    last = follower.end();
  }
  return { last, segments };
}

async function beginsBehind(folder: string, base: ChainEnd, key: Uint8Array): Promise<boolean> {
  const fd = openSegment(folder, base.seq + 1);
  if (fd === undefined) return false;
  try {
    for await (const [first] of linesOf(fd, 0))
      return first !== undefined && followerOf(base, { key }).take(first.text);
    return false;
  } finally {
    closeSync(fd);
  }
}

function nameOf(start: number): string {
  return segmentOf('', start);
}

/** Undefined where no such file is. */
function inArchive(path: string): Buffer | undefined {
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
    return readGuarded({ path, what: 'archive file' });
  } catch (thrown) {
    if (thrown instanceof Fault && errnoOf(thrown.cause) === 'ENOENT') return undefined;
    throw thrown;
  }
}

export function notWhole(seq: number): Fault {
  return new Fault('bad-data', `Record ${seq} of the audit trail is broken: nothing was archived.`, {
    hint: 'Run: gatehouse audit verify',
  });
}

export function archivedMeanwhile(): Fault {
  return new Fault('busy', 'Somebody else archived records at the same time. Run it again.');
}
