/**
 * What the audit trail says since a backup was made, and where they end. Invariant: records are used only where each of
 * them is chained to the one before, from where the trail ended in the backup up to the end that is noted; else it is
 * not known what happened.
 */
import { closeSync } from 'node:fs';
import type { FileEnd } from './audit-file-end.ts';
import { type AuditRecord, authenticMac, decodeRecord, FIRST_MAC, statedMac } from './audit-record.ts';
import type { ChainEnd } from './audit-rows.ts';
import { linesOf, openSegment, SEGMENT_RECORDS } from './audit-segment.ts';
import { backupDetail } from './backup.ts';
import { endOfEither } from './version-1-trail.ts';

export type BackupPoint = {
  readonly sha256: string;
  /** Where the trail ended then; undefined of version 1, which did not note it in the database. */
  readonly end: ChainEnd | undefined;
};

export type TrailSince = {
  /** Undefined where there are no records. */
  readonly files: FileEnd | undefined;
  /** The lines that go on behind the files, and the end with them. */
  readonly behind: readonly { readonly seq: number; readonly line: string }[];
  readonly end: ChainEnd | undefined;
  readonly since:
    | { readonly kind: 'known'; readonly records: readonly AuditRecord[] }
    /** `missing`: there is no trail; `broken`: it does not verify; `other`: it does not know this backup. */
    | { readonly kind: 'unknown'; readonly why: 'missing' | 'broken' | 'other' };
};

export type TrailPlace = {
  readonly folder: string;
  /** The key file's audit key. */
  readonly key: Uint8Array;
  /** Lines that were found in what is left of a database: those that go on behind the files are counted in. */
  readonly waiting: readonly string[];
};

/** The caller holds the lock of the trail. Throws a Fault where the files may not or cannot be read. */
export async function filesSince({ folder, key, waiting }: TrailPlace, backup: BackupPoint): Promise<TrailSince> {
  const found = await endOfEither(folder, key);
  const files = found.seq === 0 && !found.noted ? undefined : found;
  const behind = goingOn(waiting, files ?? { seq: 0, mac: FIRST_MAC }, key);
  const end = behind.at(-1) ?? files;
  const lines = behind.map(({ seq, line }) => ({ seq, line }));
  const unknown = (why: 'missing' | 'broken' | 'other'): TrailSince => ({
    ...{ files, end, behind: lines },
    since: { kind: 'unknown', why },
  });
  if (end === undefined) return unknown('missing');
  const from = backup.end ?? { seq: 0, mac: FIRST_MAC };
  const inFiles = files === undefined ? [] : await followFrom(folder, { key, from, end: files });
  if (inFiles === undefined || files?.noted === false) return unknown('broken');
  const records = [...inFiles, ...lines.flatMap(({ line }) => decodeRecord(line) ?? [])];
  const noted = records.find(({ event, detail }) => event === 'store.backup' && detail === backupDetail(backup.sha256));
  if (noted === undefined) return unknown('other');
  // Version 1 noted how many records there were before it made the copy.
  const after = backup.end === undefined ? (noted.count ?? 0) : 0;
  const since = { kind: 'known', records: records.filter(({ seq }) => seq > after) } as const;
  return { files, end, behind: lines, since };
}

/**
 * The lines of the trail in a database that is too damaged to be asked: they are plain text there, and each proves
 * itself.
 */
export function linesIn(bytes: Uint8Array): readonly string[] {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1').match(LINES) ?? [];
}

/** A record is ASCII alone (audit-record.ts). */
const LINES = /\{"seq":[0-9]+,"at":"[ -~]{1,16000}?","mac":"[A-Za-z0-9_-]{43}"\}/g;

function goingOn(lines: readonly string[], end: ChainEnd, key: Uint8Array) {
  const bySeq = Map.groupBy(lines, (line) => decodeRecord(line)?.seq ?? 0);
  const found: { readonly seq: number; readonly mac: string; readonly line: string }[] = [];
  for (let { seq, mac } = end; ; ) {
    const last = mac;
    const line = bySeq.get(seq + 1)?.find((one) => authenticMac(one, last, key) !== undefined);
    if (line === undefined) return found;
    seq += 1;
    mac = statedMac(line);
    found.push({ seq, mac, line });
  }
}

type Span = { readonly key: Uint8Array; readonly from: ChainEnd; readonly end: ChainEnd };

/** Undefined where a record between the two is missing or was changed. */
async function followFrom(folder: string, { key, from, end }: Span): Promise<readonly AuditRecord[] | undefined> {
  const records: AuditRecord[] = [];
  let { seq, mac } = from;
  while (seq < end.seq) {
    const fd = openSegment(folder, seq + 1);
    if (fd === undefined) return undefined;
    const last = seq - (seq % SEGMENT_RECORDS) + SEGMENT_RECORDS;
    try {
      for await (const lines of linesOf(fd, 0)) {
        for (const { text } of lines) {
          const record = decodeRecord(text);
          if (seq >= end.seq || seq >= last || (record !== undefined && record.seq <= seq)) continue;
          const next =
            record?.seq === seq + 1 && record.found !== 'head-lost' ? authenticMac(text, mac, key) : undefined;
          if (record === undefined || next === undefined) return undefined;
          records.push(record);
          seq += 1;
          mac = next;
        }
      }
    } finally {
      closeSync(fd);
    }
    if (seq < last) break;
  }
  return seq === end.seq && mac === end.mac ? records : undefined;
}
