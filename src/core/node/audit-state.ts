/** What the database knows of the audit trail: records that wait, where they end, and how the files stand to them. */
import { statSync } from 'node:fs';
import { integer } from '../store/row-cells.ts';
import type { SqlReader } from '../store/sql-engine.ts';
import { attempt } from './attempt.ts';
import { readableEnd, type Standing, standingOf } from './audit-journal.ts';
import type { AuditRecord } from './audit-record.ts';
import { FILE_CHAIN, isRecordChain, readEnd, readEnds, rowsOf, sideOf } from './audit-rows.ts';
import { segmentOf, segmentStarts } from './audit-segment.ts';
import { readSide, sideIds, takenOf } from './audit-side-file.ts';
import type { TrailParts } from './audit-trail.ts';

export type TrailState = {
  /** Records that no file has yet; 0 where they stay in a table. */
  readonly queued: number;
  readonly standing: Standing;
  /** What the trail takes on the disk; undefined where that is not known. */
  readonly bytes: number | undefined;
  /** Denials of a time without the database that it has not taken over yet. */
  readonly sides: readonly WaitingSide[];
};

export type WaitingSide = { readonly id: string; readonly records: readonly AuditRecord[] };

export async function trailState(parts: TrailParts): Promise<TrailState> {
  const { key, folder, config } = parts;
  const files = await readableEnd(folder, key);
  const engine = await parts.engine();
  const sides = await waitingSides(parts);
  if (config.store.engine === 'postgres') {
    const bytes = await engine.read(tableBytes).catch(() => undefined);
    return { queued: 0, standing: 'same', bytes, sides };
  }
  const bytes = await sizeOfFiles(folder).catch(() => undefined);
  return engine.read(async (tx) => {
    const end = await readEnd(tx, { key, chain: FILE_CHAIN });
    const standing = await standingOf(tx, { files, end, key });
    const rows = await rowsOf(tx, FILE_CHAIN, typeof standing === 'number' ? standing : 0);
    return { queued: rows.length, standing, bytes, sides };
  });
}

/** As `verify` compares it: of the files, or of each chain of this host. */
export async function noteOfEnd({ config, key, host, engine }: TrailParts): Promise<string> {
  const ends = await (await engine()).read((tx) => readEnds(tx, key));
  if (config.store.engine !== 'postgres') {
    const { seq, mac } = ends.get(FILE_CHAIN) ?? { seq: 0, mac: '' };
    return `${seq}:${mac}`;
  }
  const own = [...ends].filter(([chain]) => isRecordChain(chain) && (chain === host || chain.startsWith(`${host}/`)));
  return own.map(([chain, { seq, mac }]) => `${chain}:${seq}:${mac}`).join(',');
}

export async function queuedLines({ engine }: TrailParts): Promise<readonly string[]> {
  const rows = await (await engine()).read(async (tx) =>
    // The records of version 1 are in the files.
    (await tx.hasTable('audit_records')) ? rowsOf(tx, FILE_CHAIN) : [],
  );
  return rows.map(({ line }) => line);
}

/** Denials that wait for a database; all that are there, where it cannot be asked. */
export async function untakenSides(parts: TrailParts): Promise<readonly AuditRecord[]> {
  return (await waitingSides(parts)).flatMap(({ records }) => records);
}

/** By the files that they wait in; one that cannot be read is left out, and `verify` says so. */
export async function waitingSides({ folder, key, engine }: TrailParts): Promise<readonly WaitingSide[]> {
  const sides = sideIds(folder).flatMap((id) => attempt(() => readSide(folder, id, key)) ?? []);
  if (sides.length === 0) return [];
  const ends = await engine()
    .then((open) => open.read((tx) => readEnds(tx, key)))
    .catch(() => new Map());
  return sides.flatMap((side) => {
    const records = side.records.slice(takenOf(side, ends.get(sideOf(side.id))));
    return records.length === 0 ? [] : [{ id: side.id, records }];
  });
}

async function tableBytes(tx: SqlReader): Promise<number> {
  const [row] = await tx.all("SELECT pg_total_relation_size('audit_records') AS bytes");
  return row === undefined ? 0 : integer(row, 'bytes');
}

async function sizeOfFiles(folder: string): Promise<number> {
  return (await segmentStarts(folder)).reduce((sum, start) => sum + statSync(segmentOf(folder, start)).size, 0);
}
