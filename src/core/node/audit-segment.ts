/**
 * Segments: the files that the audit trail is made of, ten thousand records each. Which one a record is in follows
 * from its number alone, whatever the clock says.
 */
import { constants, read } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Fault } from '../errors.ts';
import { RECORD_MAX_BYTES } from './audit-record.ts';
import { errnoOf, fileFault } from './file-fault.ts';
import { openGuarded } from './file-safety.ts';

export const SEGMENT_RECORDS = 10_000;

/** Path of the segment that holds record `seq`: it is named by the first of its records. */
export function segmentOf(folder: string, seq: number): string {
  const first = seq - ((seq - 1) % SEGMENT_RECORDS);
  return join(folder, `audit-${String(first).padStart(DIGITS, '0')}.jsonl`);
}

/** Numbers of the first records of all segments there are, ascending; empty where the folder is not there yet. */
export async function segmentStarts(folder: string): Promise<readonly number[]> {
  try {
    const starts = (await readdir(folder)).flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
    return starts.filter((start) => start % SEGMENT_RECORDS === 1).sort((left, right) => left - right);
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return [];
    throw fileFault(`The audit folder ${folder} could not be read`, thrown);
  }
}

/**
 * A descriptor of the segment that holds record `seq`, for reading; undefined where it is not there. The caller
 * closes it.
 */
export function openSegment(folder: string, seq: number): number | undefined {
  try {
    return openGuarded({ path: segmentOf(folder, seq), what: 'audit file' }, constants.O_RDONLY);
  } catch (thrown) {
    if (thrown instanceof Fault && errnoOf(thrown.cause) === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** `end`: bytes from the beginning of the file to behind the line end. `whole` is false for a last line without one. */
export type Line = { readonly text: string; readonly end: number; readonly whole: boolean };

/**
 * The lines of an open file from byte `start` to its end, some at a time. Stops behind a line longer than any record.
 */
export async function* linesOf(fd: number, start: number): AsyncGenerator<readonly Line[]> {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let position = start;
  let rest = '';
  while (rest.length <= RECORD_MAX_BYTES) {
    const { bytesRead } = await readCall(fd, chunk, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) break;
    // Latin 1 keeps bytes and characters in step; a record has ASCII alone, and any other byte breaks its MAC.
    const texts = (rest + chunk.toString('latin1', 0, bytesRead)).split('\n');
    let end = position - rest.length;
    position += bytesRead;
    rest = texts.pop() ?? '';
    yield texts.map((text): Line => {
      end += text.length + 1;
      return { text, end, whole: true };
    });
  }
  if (rest !== '') yield [{ text: rest, end: position, whole: false }];
}

const readCall = promisify(read);
const CHUNK_BYTES = 256 * 1024;
const DIGITS = 12;
const NAME = /^audit-([0-9]{12})\.jsonl$/;
