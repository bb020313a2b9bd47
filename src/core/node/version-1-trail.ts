/**
 * The audit trail that version 1 left behind: whether it is whole by version 1's own mark, the file `head`, and where
 * it ends. Reads only; the caller holds the lock of the trail, so that nobody writes meanwhile.
 */
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { sameText } from '../constant-time.ts';
import { integer, text } from '../store/row-cells.ts';
import type { SqlReader } from '../store/sql-engine.ts';
import {
  type DurableEnd,
  decodeEnd,
  END_BYTES,
  END_FILE,
  encodeEnd,
  endBehind,
  endWithoutNote,
  type FileEnd,
  fileEnd,
} from './audit-file-end.ts';
import { authenticMac, decodeRecord, FIRST_MAC } from './audit-record.ts';
import { type ChainEnd, firstMacOf, sealOf } from './audit-rows.ts';
import { linesOf, openSegment, SEGMENT_RECORDS, segmentStarts } from './audit-segment.ts';
import { writeDurably } from './durable-write.ts';
import { readGuarded } from './file-safety.ts';
import { hasMarkOfVersion1, VERSION_1_FILE } from './version-1-fence.ts';

export type Version1Trail = {
  /** What the next record is chained to, in the way that version 1 would go on; undefined where there is no record. */
  readonly end: DurableEnd | undefined;
  readonly records: number;
  /** Number of the first record that was changed, removed or cut off; null: none. */
  readonly firstBroken: number | null;
};

export async function readVersion1Trail(folder: string, key: Uint8Array): Promise<Version1Trail> {
  const end = await endOfEither(folder, key);
  const { seq, mac, broken } = await followFromFirst(folder, key);
  const cut = end.noted ? seq < end.seq || mac !== end.mac : seq > 0;
  return {
    end: end.seq === 0 ? undefined : end,
    records: seq,
    firstBroken: broken || cut ? seq + 1 : null,
  };
}

/**
 * From now on the end is noted in another file. Repeated as often as an upgrade is begun, since version 1 goes on where
 * it was not finished.
 */
export async function noteEnd(folder: string, { end, key }: { end: DurableEnd; key: Uint8Array }): Promise<void> {
  const { position, bytes } = encodeEnd({ seq: end.seq, mac: end.mac, end: end.end }, key);
  const both = Buffer.alloc(END_BYTES, ' ');
  both.set(bytes, position);
  const path = join(folder, END_FILE);
  await writeDurably({ path, temporary: `${path}.new`, bytes: both, what: 'audit head' });
}

/** The chains of all hosts in the table of version 1; the first that does not verify, by the name of its host. */
export async function brokenChainOfVersion1(tx: SqlReader, key: Uint8Array): Promise<string | undefined> {
  const chains = new Map<string, ChainEnd>();
  const broken = new Set<string>();
  await tx.each('SELECT host, line FROM audit_records ORDER BY host, seq', [], (row) => {
    const host = text(row, 'host');
    const line = text(row, 'line');
    const { seq, mac } = chains.get(host) ?? { seq: 0, mac: firstMacOf(host) };
    const record = decodeRecord(line);
    const follows = record?.seq === seq + 1 && record.found === undefined;
    const next = follows ? authenticMac(line, mac, key) : undefined;
    if (next === undefined) broken.add(host);
    else chains.set(host, { seq: seq + 1, mac: next });
  });
  const heads = await tx.all('SELECT host, seq, mac, seal FROM audit_heads');
  for (const row of heads) {
    const host = text(row, 'host');
    const head = { seq: integer(row, 'seq'), mac: text(row, 'mac') };
    const end = chains.get(host);
    const isEnd = end?.seq === head.seq && end.mac === head.mac;
    if (!isEnd || !sameText(sealOf(key, host, head), text(row, 'seal'))) broken.add(host);
    chains.delete(host);
  }
  // Records without a head.
  return [...broken, ...chains.keys()][0];
}

/** Where the files end, by the mark of either version. */
export async function endOfEither(folder: string, key: Uint8Array): Promise<FileEnd> {
  if (!hasMarkOfVersion1(folder)) return fileEnd(folder, key);
  const mark = decodeEnd(readGuarded({ path: join(folder, VERSION_1_FILE), what: 'audit file' }), key);
  return mark === undefined ? endWithoutNote(folder, key) : endBehind(folder, mark, key);
}

async function followFromFirst(folder: string, key: Uint8Array) {
  const lastStart = (await segmentStarts(folder)).at(-1) ?? 0;
  let seq = 0;
  let mac = FIRST_MAC;
  for (;;) {
    const before = seq;
    const fd = openSegment(folder, seq + 1);
    if (fd === undefined) break;
    try {
      for await (const lines of linesOf(fd, 0)) {
        for (const line of lines) {
          const record = line.whole ? decodeRecord(line.text) : undefined;
          const follows = record?.seq === seq + 1 && record.found !== 'head-lost';
          const next = follows ? authenticMac(line.text, mac, key) : undefined;
          // A last line without its end is of a writer that was killed.
          if (next === undefined) return { seq, mac, broken: line.whole };
          seq += 1;
          mac = next;
        }
      }
    } finally {
      closeSync(fd);
    }
    if (seq < before + SEGMENT_RECORDS) break;
  }
  return { seq, mac, broken: seq < lastStart - 1 };
}
