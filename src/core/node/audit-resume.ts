/**
 * For the file engines. Where the trail goes on in a database that is not the one which wrote its last records: after
 * `gatehouse restore` and `gatehouse store upgrade`. Invariant: the next record is chained to the last one there is,
 * and what was archived stays archived; nothing is sealed that is not authentic, so that `audit verify` says of the
 * trail what it said before.
 */
import type { SqlWriter } from '../store/sql-engine.ts';
import { type FileEnd, fileEnd } from './audit-file-end.ts';
import { decodeRecord } from './audit-record.ts';
import { baseOf, type ChainEnd, FILE_CHAIN, moveEnd, readEnd, type SealedEnd, timeOf } from './audit-rows.ts';
import { segmentStarts } from './audit-segment.ts';
import { type DatabaseTrail, followFiles } from './audit-verify.ts';

export type Resumption = {
  readonly folder: string;
  readonly key: Uint8Array;
  /** The trail in the database that was replaced; undefined where that is lost, or has no trail yet. */
  readonly replaced?: Pick<DatabaseTrail, 'ends' | 'rows'>;
};

/**
 * In the database that takes over, before anything is recorded there. Faults where the files may not or cannot be
 * read.
 */
export async function resumeTrail(tx: SqlWriter, { folder, key, replaced }: Resumption): Promise<void> {
  const files = await fileEnd(folder, key);
  const present = await readEnd(tx, { key, chain: baseOf(FILE_CHAIN) });
  const base = replaced === undefined ? await archivedBase(folder, present) : replaced.ends.get(baseOf(FILE_CHAIN));
  await tx.run('DELETE FROM audit_records WHERE chain = ?', [FILE_CHAIN]);
  await tx.run('DELETE FROM audit_heads');
  for (const [chain, end] of replaced?.ends ?? []) {
    if (chain !== FILE_CHAIN && chain !== baseOf(FILE_CHAIN)) await put(tx, key, chain, end);
  }
  if (base !== undefined) await put(tx, key, baseOf(FILE_CHAIN), base);
  const last = replaced?.ends.get(FILE_CHAIN);
  // An old copy that was put back by hand: the files know better.
  if (last === undefined || replaced === undefined || (files.authentic && files.seq > last.seq)) {
    if (files.seq > 0) await putFileEnd(tx, key, files);
    return;
  }
  await put(tx, key, FILE_CHAIN, last);
  const rows = replaced.rows.map(({ seq, line }) => [FILE_CHAIN, seq, timeOf(line) ?? 0, line]);
  tx.later('INSERT INTO audit_records (chain, seq, at, line) VALUES (?, ?, ?, ?)', rows);
}

/** As authentic as it was. */
async function put(tx: SqlWriter, key: Uint8Array, chain: string, end: ChainEnd & Partial<SealedEnd>): Promise<void> {
  if (end.authentic !== false) return moveEnd(tx, { key, chain, end, exists: false });
  tx.later('INSERT INTO audit_heads (seq, mac, seal, chain) VALUES (?, ?, ?, ?)', [[end.seq, end.mac, '', chain]]);
}

/** One that anybody could have written is not sealed: the next record says so. */
function putFileEnd(tx: SqlWriter, key: Uint8Array, { seq, mac, authentic }: FileEnd): Promise<void> {
  return put(tx, key, FILE_CHAIN, { seq, mac, authentic });
}

/**
 * The database that knew is lost: the record of the last archiving knows as well, or nothing was archived since the
 * backup.
 */
async function archivedBase(folder: string, present: SealedEnd | undefined): Promise<ChainEnd | undefined> {
  const first = (await segmentStarts(folder))[0];
  if (first === undefined || first === (present?.seq ?? 0) + 1) return present;
  let found: ChainEnd | undefined;
  await followFiles(folder, first - 1, (line) => {
    const { event, detail = '' } = decodeRecord(line) ?? {};
    const [, seq, mac] = event === 'audit.archived' ? (ARCHIVED.exec(detail) ?? []) : [];
    if (seq !== undefined && mac !== undefined) found = { seq: Number(seq), mac };
    return true;
  });
  return found ?? present;
}

const ARCHIVED = /^through=(\d{1,15}):([\w-]{43})$/;
