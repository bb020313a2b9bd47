/**
 * Where the audit trail of the file engines begins in a restored database. Invariant: what was archived since the
 * backup stays archived, by the record of it; one that is not chained with the audit key is not believed, so records
 * that somebody took away stay missing.
 */
import { authenticMac, decodeRecord, statedMac } from './audit-record.ts';
import { baseOf, type ChainEnd, FILE_CHAIN, readEnd } from './audit-rows.ts';
import { segmentStarts } from './audit-segment.ts';
import { followFiles } from './audit-verify.ts';
import type { OpenedBackup, ReplacedFile } from './restore-source.ts';

export type BaseSources = {
  readonly folder: string;
  readonly key: Uint8Array;
  readonly backup: OpenedBackup;
  readonly replaced: ReplacedFile;
  /** What goes on behind the files. */
  readonly behind: readonly { readonly line: string }[];
};

/** Undefined where nothing was ever archived. Throws a Fault where the files may not or cannot be read. */
export async function baseToRestore({ folder, key, backup, replaced, behind }: BaseSources) {
  const inBackup = await backup.engine.read((tx) => readEnd(tx, { key, chain: baseOf(FILE_CHAIN) }));
  const sealed = [inBackup, replaced.kind === 'read' ? replaced.base : undefined].filter((base) => base?.authentic);
  return [...sealed, await recordedBase(folder, { key, behind })].reduce<ChainEnd | undefined>(
    (last, base) => (base !== undefined && base.seq > (last?.seq ?? 0) ? { seq: base.seq, mac: base.mac } : last),
    undefined,
  );
}

/** By the records of archiving in what is left: the furthest. */
async function recordedBase(
  folder: string,
  { key, behind }: Pick<BaseSources, 'key' | 'behind'>,
): Promise<ChainEnd | undefined> {
  let found: ChainEnd | undefined;
  let before: string | undefined;
  const take = (line: string): true => {
    const last = before;
    before = statedMac(line);
    if (!line.includes('"audit.archived"') || last === undefined) return true;
    if (authenticMac(line, last, key) === undefined) return true;
    const { event, detail = '' } = decodeRecord(line) ?? {};
    const [, seq, mac] = event === 'audit.archived' ? (ARCHIVED.exec(detail) ?? []) : [];
    if (seq !== undefined && mac !== undefined && Number(seq) > (found?.seq ?? 0)) found = { seq: Number(seq), mac };
    return true;
  };
  const first = (await segmentStarts(folder))[0];
  if (first !== undefined) await followFiles(folder, first - 1, take);
  for (const { line } of behind) take(line);
  return found;
}

const ARCHIVED = /^through=(\d{1,15}):([\w-]{43})$/;
