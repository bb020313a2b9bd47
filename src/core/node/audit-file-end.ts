/**
 * How far the files of the audit trail go. The file `end` notes number and MAC of the last record that is durable,
 * sealed with the audit key; two slots are written in turn, so that one torn by a power cut leaves the other. It may
 * lag behind the records (a drain that was killed): records that continue the chain count as well. What follows them
 * is the unfinished line of a killed drain.
 */
import { createHmac } from 'node:crypto';
import { closeSync, fstatSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { sameText } from '../constant-time.ts';
import { Fault } from '../errors.ts';
import { authenticMac, decodeRecord, FIRST_MAC, RECORD_MAX_BYTES, statedMac } from './audit-record.ts';
import { linesOf, openSegment, SEGMENT_RECORDS, segmentStarts } from './audit-segment.ts';
import { errnoOf } from './file-fault.ts';
import { readGuarded } from './file-safety.ts';
import { hasMarkOfVersion1, VERSION_1_FILE } from './version-1-fence.ts';

export const END_FILE = 'end';
/** Both slots. */
export const END_BYTES = 512;

/** `end`: how many bytes its segment had after the record. */
export type DurableEnd = { readonly seq: number; readonly mac: string; readonly end: number };

/** Before the first record. */
export const NO_RECORD: DurableEnd = { seq: 0, mac: FIRST_MAC, end: 0 };

export type FileEnd = {
  /** Number and MAC of the last record in the files. */
  readonly seq: number;
  readonly mac: string;
  /** Byte at which the next record begins, in the segment where that belongs. */
  readonly end: number;
  /** The file ends in the middle of a line there: a line end comes first. */
  readonly midLine: boolean;
  /** The last record that is known to be synced. */
  readonly durableSeq: number;
  /** Whether `end` is noted, or was to be found out. */
  readonly noted: boolean;
  /** False where the last record could have been written by anybody. */
  readonly authentic: boolean;
};

/** Where an end goes in the file, and the bytes to put there: always as many. */
export function encodeEnd(end: DurableEnd, key: Uint8Array): { readonly position: number; readonly bytes: Uint8Array } {
  const text = JSON.stringify({ ...end, seal: sealOf(end, key) });
  return { position: (end.seq % 2) * SLOT_BYTES, bytes: Buffer.from(`${text.padEnd(SLOT_BYTES - 1)}\n`) };
}

/** The later of the slots that are authentic; undefined where none is. */
export function decodeEnd(bytes: Uint8Array, key: Uint8Array): DurableEnd | undefined {
  const slots = [0, SLOT_BYTES].map((start) => decodeSlot(bytes.subarray(start, start + SLOT_BYTES), key));
  return slots.reduce((latest, slot) => (slot && slot.seq >= (latest?.seq ?? 0) ? slot : latest), undefined);
}

/** Faults where the files may not or cannot be read. Takes no lock; in a folder that is not there, no record is. */
export async function fileEnd(folder: string, key: Uint8Array): Promise<FileEnd> {
  const noted = readEndFile(folder, key);
  return noted === undefined ? endWithoutNote(folder, key) : endBehind(folder, noted, key);
}

const SLOT_BYTES = END_BYTES / 2;

function sealOf({ seq, mac, end }: DurableEnd, key: Uint8Array): string {
  return createHmac('sha256', key).update(`gatehouse audit head v1\n${seq}\n${mac}\n${end}`).digest('base64url');
}

function decodeSlot(bytes: Uint8Array, key: Uint8Array): DurableEnd | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('latin1'));
    if (typeof value !== 'object' || value === null) return undefined;
    const { seq, mac, end, seal } = value as { [Field in keyof DurableEnd | 'seal']?: unknown };
    if (!isCount(seq) || !isCount(end) || typeof mac !== 'string' || typeof seal !== 'string') return undefined;
    const noted = { seq, mac, end };
    return sameText(sealOf(noted, key), seal) ? noted : undefined;
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function readEndFile(folder: string, key: Uint8Array): DurableEnd | undefined {
  try {
    return decodeEnd(readGuarded({ path: join(folder, END_FILE), what: 'audit file' }), key);
  } catch (thrown) {
    if (thrown instanceof Fault && errnoOf(thrown.cause) === 'ENOENT') return endOfVersion1(folder, key);
    throw thrown;
  }
}

/** Until the first drain notes it in the other file. */
function endOfVersion1(folder: string, key: Uint8Array): DurableEnd | undefined {
  if (!hasMarkOfVersion1(folder)) return undefined;
  return decodeEnd(readGuarded({ path: join(folder, VERSION_1_FILE), what: 'audit file' }), key);
}

/** From the noted end forward. */
export async function endBehind(folder: string, noted: DurableEnd, key: Uint8Array): Promise<FileEnd> {
  const known = { durableSeq: noted.seq, noted: true, authentic: true };
  let { seq, mac, end } = noted;
  for (;;) {
    if (seq % SEGMENT_RECORDS === 0) end = 0;
    const fd = openSegment(folder, seq + 1);
    if (fd === undefined) return { ...known, seq, mac, end: 0, midLine: false };
    try {
      const { size } = fstatSync(fd);
      // Shorter than noted: records were cut off. The chain goes on from the noted one, so that the gap stays visible.
      if (size <= end) return { ...known, seq, mac, end: size, midLine: size < end && !endsLine(fd, size) };
      const reached = await followChain(fd, { seq, mac, end }, key);
      const filled = reached.seq > seq && reached.seq % SEGMENT_RECORDS === 0;
      ({ seq, mac, end } = reached);
      if (!filled) return { ...known, seq, mac, end, midLine: false };
    } finally {
      closeSync(fd);
    }
  }
}

/** Nothing authentic is noted: the last line that continues the one before it, or else the last one there is. */
export async function endWithoutNote(folder: string, key: Uint8Array): Promise<FileEnd> {
  const none = { ...NO_RECORD, midLine: false, durableSeq: 0, noted: false };
  const first = (await segmentStarts(folder)).at(-1);
  const fd = first === undefined ? undefined : openSegment(folder, first);
  if (first === undefined || fd === undefined) return { ...none, authentic: true };
  try {
    let before = first === 1 ? FIRST_MAC : await lastMacOf(folder, first - 1);
    let last: { seq: number; mac: string; authentic: boolean } = {
      seq: first - 1,
      mac: before ?? '',
      authentic: false,
    };
    let end = 0;
    for await (const lines of linesOf(fd, 0)) {
      for (const line of lines) {
        if (!line.whole) break;
        end = line.end;
        const { seq } = decodeRecord(line.text) ?? {};
        const authentic = before !== undefined && authenticMac(line.text, before, key) !== undefined;
        before = statedMac(line.text);
        const isLater = seq !== undefined && seq > last.seq && seq < first + SEGMENT_RECORDS;
        if (isLater && (authentic || !last.authentic)) last = { seq, mac: before, authentic };
      }
    }
    const full = last.seq % SEGMENT_RECORDS === 0 && last.seq >= first;
    return { ...none, ...last, end: full ? 0 : end };
  } finally {
    closeSync(fd);
  }
}

/** Of the last whole line of a segment: its last bytes alone are read, since this is asked at each append. */
async function lastMacOf(folder: string, seq: number): Promise<string | undefined> {
  const fd = openSegment(folder, seq);
  if (fd === undefined) return undefined;
  try {
    let mac: string | undefined;
    const start = Math.max(0, fstatSync(fd).size - TAIL_BYTES);
    for await (const lines of linesOf(fd, start)) {
      const last = lines.findLast(({ whole }) => whole);
      if (last !== undefined) mac = statedMac(last.text);
    }
    return mac;
  } finally {
    closeSync(fd);
  }
}

/** A whole line, and one that its writer never finished. */
const TAIL_BYTES = 2 * RECORD_MAX_BYTES;

type Reached = { readonly seq: number; readonly mac: string; readonly end: number };

async function followChain(fd: number, from: Reached, key: Uint8Array): Promise<Reached> {
  let { seq, mac, end } = from;
  for await (const lines of linesOf(fd, end)) {
    for (const line of lines) {
      const next =
        line.whole && decodeRecord(line.text)?.seq === seq + 1 ? authenticMac(line.text, mac, key) : undefined;
      if (next === undefined) return { seq, mac, end };
      seq += 1;
      mac = next;
      end = line.end;
      if (seq % SEGMENT_RECORDS === 0) return { seq, mac, end };
    }
  }
  return { seq, mac, end };
}

/** Whether the byte before `size` is a line end. */
export function endsLine(fd: number, size: number): boolean {
  const last = Buffer.alloc(1);
  return size === 0 || (readSync(fd, last, 0, 1, size - 1) === 1 && last[0] === 0x0a);
}
