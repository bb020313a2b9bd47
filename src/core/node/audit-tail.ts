/**
 * Where the next record goes. The head may lag behind the records (a writer killed in between, a power cut): records that
 * continue the chain are taken in. What follows them is the unfinished record of a killed writer; it is cut off, and nothing
 * else ever is.
 */
import { closeSync, fstatSync, readSync } from 'node:fs';
import type { AuditHead } from './audit-head.ts';
import { type AuditFinding, authenticMac, decodeRecord, FIRST_MAC, statedMac } from './audit-record.ts';
import { linesOf, openSegment, SEGMENT_RECORDS, segmentStarts } from './audit-segment.ts';

export type AuditTail = {
  /** Number and MAC of the record that the next one is chained to. */
  readonly seq: number;
  readonly mac: string;
  /** Byte of the next record's segment at which it begins. */
  readonly end: number;
  /** The file ends in the middle of a line there: it needs a line end first. */
  readonly midLine: boolean;
  readonly found: AuditFinding | undefined;
};

/** From the last authentic head, forward. */
export async function tailBehind(folder: string, head: AuditHead, key: Uint8Array): Promise<AuditTail> {
  let { seq, mac, end } = head;
  for (;;) {
    if (seq % SEGMENT_RECORDS === 0) end = 0;
    const fd = openSegment(folder, seq + 1);
    if (fd === undefined) return { seq, mac, end: 0, midLine: false, found: undefined };
    try {
      const { size } = fstatSync(fd);
      // Shorter than the head says: records were cut off. The chain goes on from the head, so that the gap stays visible.
      if (size <= end) return { seq, mac, end: size, midLine: size < end && !endsLine(fd, size), found: undefined };
      const reached = await followChain(fd, { seq, mac, end }, key);
      const filled = reached.seq > seq && reached.seq % SEGMENT_RECORDS === 0;
      ({ seq, mac, end } = reached);
      if (!filled) return { seq, mac, end, midLine: false, found: size > end ? 'torn-record' : undefined };
    } finally {
      closeSync(fd);
    }
  }
}

/** No authentic head, but records: the last line that looks like a record is taken at its word, and the next record says so. */
export async function tailWithoutHead(folder: string): Promise<AuditTail> {
  const first = (await segmentStarts(folder)).at(-1) ?? 1;
  let tail: AuditTail = { seq: first - 1, mac: FIRST_MAC, end: 0, midLine: false, found: 'head-lost' };
  const fd = openSegment(folder, first);
  if (fd === undefined) return tail;
  try {
    for await (const lines of linesOf(fd, 0)) {
      for (const { text, whole } of lines) {
        const record = whole ? decodeRecord(text) : undefined;
        if (record && record.seq > tail.seq && record.seq < first + SEGMENT_RECORDS) {
          tail = { ...tail, seq: record.seq, mac: statedMac(text) };
        }
      }
    }
    const { size } = fstatSync(fd);
    if (tail.seq % SEGMENT_RECORDS === 0 && tail.seq >= first) return { ...tail, end: 0 };
    return { ...tail, end: size, midLine: size > 0 && !endsLine(fd, size) };
  } finally {
    closeSync(fd);
  }
}

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

function endsLine(fd: number, size: number): boolean {
  const last = Buffer.alloc(1);
  return size === 0 || (readSync(fd, last, 0, 1, size - 1) === 1 && last[0] === 0x0a);
}
