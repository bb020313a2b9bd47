/**
 * The note beside archived records: where their chain was before the first and at the last of them, sealed with the
 * audit key. With it an archive is verified without the trail that it came from.
 */
import { createHmac } from 'node:crypto';
import { closeSync, constants, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { sameText } from '../constant-time.ts';
import { Fault } from '../errors.ts';
import { inert } from '../visible-text.ts';
import { type ChainEnd, FILE_CHAIN } from './audit-rows.ts';
import { linesOf } from './audit-segment.ts';
import { type Expected, followerOf } from './audit-verify.ts';
import { fileFault } from './file-fault.ts';
import { openGuarded, readGuarded } from './file-safety.ts';

export type ArchiveNote = {
  readonly chain: string;
  /** Number and MAC of the record before the first one. */
  readonly before: ChainEnd;
  readonly last: ChainEnd;
  /** In their order. */
  readonly files: readonly string[];
};

export type ArchiveVerification = {
  readonly ok: boolean;
  readonly records: number;
  readonly firstBroken: number | null;
  readonly chain?: string;
};

export function noteName({ chain, before, last }: ArchiveNote): string {
  return `archive-${nameOfChain(chain)}${before.seq + 1}-${last.seq}.json`;
}

/** A chain as part of a file name. */
export function nameOfChain(chain: string): string {
  return chain === FILE_CHAIN ? '' : `${encodeURIComponent(chain).replaceAll('*', '%2A')}-`;
}

export function sealNote(note: ArchiveNote, key: Uint8Array): Uint8Array {
  return Buffer.from(`${JSON.stringify({ ...note, seal: sealOf(note, key) }, undefined, 2)}\n`);
}

/** Faults: `bad-data` where a note is none or not sealed with this key, and those of files. */
export async function verifyArchive(
  folder: string,
  { key, expected = [] }: { key: Uint8Array; expected?: readonly Expected[] },
): Promise<ArchiveVerification> {
  let records = 0;
  const missing = new Set(expected);
  for (const name of notesIn(folder)) {
    const note = readNote(join(folder, name), key);
    const { chain, before, last } = note;
    const noted = expected.find((one) => one.chain === chain && one.seq >= before.seq && one.seq <= last.seq);
    if (noted !== undefined) missing.delete(noted);
    const follower = followerOf(before, { key, expected: noted });
    const isWhole = await followAll(folder, note.files, (line) => follower.take(line));
    const { seq, mac } = follower.end();
    records += seq - before.seq;
    if (isWhole && seq === last.seq && mac === last.mac && !follower.differs()) continue;
    return { ok: false, records, firstBroken: seq + 1, ...(chain === FILE_CHAIN ? {} : { chain }) };
  }
  const [absent] = missing;
  if (absent === undefined) return { ok: true, records, firstBroken: null };
  throw new Fault('not-found', `Record ${absent.seq} is not in this archive.`);
}

function sealOf({ chain, before, last }: ArchiveNote, key: Uint8Array): string {
  const places = [before, last].map(({ seq, mac }) => `${seq}\n${mac}`).join('\n');
  return createHmac('sha256', key).update(`gatehouse audit archive v1\n${chain}\n${places}`).digest('base64url');
}

function readNote(path: string, key: Uint8Array): ArchiveNote {
  try {
    const value = JSON.parse(readGuarded({ path, what: 'note of the archive' }).toString('utf8')) as ArchiveNote & {
      readonly seal: string;
    };
    const { chain, before, last, files, seal } = value;
    const areNames = files.every((name) => name === basename(name));
    if (areNames && sameText(sealOf(value, key), seal)) return { chain, before, last, files };
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
  }
  throw new Fault('bad-data', inert(`${path} is no note that this facility's key has sealed.`));
}

async function followAll(folder: string, files: readonly string[], take: (line: string) => boolean): Promise<boolean> {
  for (const name of files) {
    const fd = openArchived(join(folder, name));
    if (fd === undefined) return false;
    try {
      for await (const lines of linesOf(fd, 0)) {
        for (const { text, whole } of lines) {
          if (!whole || !take(text)) return false;
        }
      }
    } finally {
      closeSync(fd);
    }
  }
  return true;
}

function notesIn(folder: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder).filter((name) => name.startsWith('archive-') && name.endsWith('.json'));
  } catch (thrown) {
    throw fileFault(`The archive ${folder} could not be read`, thrown);
  }
  if (names.length > 0) return names.toSorted();
  throw new Fault('not-found', inert(`${folder} is no archive of an audit trail.`));
}

function openArchived(path: string): number | undefined {
  try {
    return openGuarded({ path, what: 'archive file' }, constants.O_RDONLY);
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'unavailable') return undefined;
    throw thrown;
  }
}
