/**
 * Whether the audit trail is whole: every record from the first on, in order, each chained to the one before, and the last one
 * that which the head names. Reads only, takes no lock, and may run beside writers: the head is read first.
 */
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../errors.ts';
import { type AuditHead, decodeHead, HEAD_FILE } from './audit-head.ts';
import { authenticMac, decodeRecord, FIRST_MAC } from './audit-record.ts';
import { linesOf, openSegment, SEGMENT_RECORDS, segmentStarts } from './audit-segment.ts';
import { errnoOf } from './file-fault.ts';
import { readGuarded } from './file-safety.ts';

export type AuditVerification = {
  readonly ok: boolean;
  /** How many records hold, counted from the first. */
  readonly records: number;
  /** Number of the first record that was changed, removed, moved or cut off; null where all hold. */
  readonly firstBroken: number | null;
};

/** Throws a Fault where the files may not or cannot be read. */
export async function verifyAuditTrail(folder: string, key: Uint8Array): Promise<AuditVerification> {
  const head = readHead(folder, key);
  const { seq, broken } = await followWholeChain(folder, key, head);
  // Without a head nobody can say that these are all; without a record either, the trail was not begun yet.
  const cut = head === undefined ? seq > 0 : seq < head.seq;
  return broken || cut
    ? { ok: false, records: seq, firstBroken: seq + 1 }
    : { ok: true, records: seq, firstBroken: null };
}

/** How far the chain holds. `broken`: something that is no continuation stands behind it. */
type Followed = { readonly seq: number; readonly mac: string; readonly broken: boolean };

async function followWholeChain(folder: string, key: Uint8Array, head: AuditHead | undefined): Promise<Followed> {
  const lastStart = (await segmentStarts(folder)).at(-1) ?? 0;
  let chain: Followed = { seq: 0, mac: FIRST_MAC, broken: false };
  for (;;) {
    const before = chain;
    const fd = openSegment(folder, before.seq + 1);
    if (fd === undefined) break;
    try {
      chain = await followSegment(fd, before, { key, head });
    } finally {
      closeSync(fd);
    }
    if (chain.broken || chain.seq < before.seq + SEGMENT_RECORDS) break;
  }
  // Later segments stand behind a gap.
  return { ...chain, broken: chain.broken || chain.seq < lastStart - 1 };
}

async function followSegment(
  fd: number,
  before: Followed,
  { key, head }: { readonly key: Uint8Array; readonly head: AuditHead | undefined },
): Promise<Followed> {
  let { seq, mac } = before;
  for await (const lines of linesOf(fd, 0)) {
    for (const { text, whole } of lines) {
      const belongs = seq < before.seq + SEGMENT_RECORDS && mayFollow(text, seq);
      const next = belongs ? authenticMac(text, mac, key) : undefined;
      // A last line without its end is what a writer is at, or was when it was killed. The head tells whether it counts.
      if (next === undefined) return { seq, mac, broken: whole };
      if (head?.seq === seq + 1 && head.mac !== next) return { seq, mac, broken: true };
      seq += 1;
      mac = next;
    }
  }
  return { seq, mac, broken: false };
}

/** The right number, and no note of its writer that records before it may have been cut off. */
function mayFollow(line: string, seq: number): boolean {
  const record = decodeRecord(line);
  return record?.seq === seq + 1 && record.found !== 'head-lost';
}

function readHead(folder: string, key: Uint8Array): AuditHead | undefined {
  try {
    return decodeHead(readGuarded({ path: join(folder, HEAD_FILE), what: 'audit head' }), key);
  } catch (thrown) {
    if (thrown instanceof Fault && errnoOf(thrown.cause) === 'ENOENT') return undefined;
    throw thrown;
  }
}
