/**
 * Archiving from a table: the oldest rows of each chain as lines of a file, and then deleted, all chains in one
 * transaction.
 */
import { checkVersion } from '../store/migrations.ts';
import type { SqlReader } from '../store/sql-engine.ts';
import { type Archived, type ArchiveRequest, archivedMeanwhile, notWhole, putInArchive } from './audit-archive.ts';
import { type ArchiveNote, nameOfChain, noteName, sealNote } from './audit-archive-note.ts';
import {
  appendRows,
  baseOf,
  beginningOf,
  FILE_CHAIN,
  isRecordChain,
  moveEnd,
  readEnd,
  readEnds,
  rowsOf,
  timeOf,
} from './audit-rows.ts';
import type { TrailParts } from './audit-trail.ts';
import { followerOf } from './audit-verify.ts';

export async function archiveChains(parts: TrailParts, { before, folder, actor }: ArchiveRequest): Promise<Archived> {
  const { key, host } = parts;
  const engine = await parts.engine();
  const chains = [...(await engine.read((tx) => readEnds(tx, key))).keys()].filter(
    (chain) => chain !== FILE_CHAIN && isRecordChain(chain),
  );
  const notes: ArchiveNote[] = [];
  for (const chain of chains) {
    const { note, lines } = await engine.read((tx) => oldPart(tx, { chain, key, before }));
    if (note === undefined) continue;
    await putInArchive(folder, note.files[0] ?? '', Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1'));
    await putInArchive(folder, noteName(note), sealNote(note, key));
    notes.push(note);
  }
  if (notes.length === 0) return { records: 0, through: undefined };
  const records = notes.reduce((sum, note) => sum + note.last.seq - note.before.seq, 0);
  await engine.write(async (tx) => {
    await checkVersion(tx);
    for (const note of notes) {
      const chain = baseOf(note.chain);
      const found = await readEnd(tx, { key, chain, lock: tx.dialect.lockRows });
      if (beginningOf(note.chain, found).seq !== note.before.seq) throw archivedMeanwhile();
      await tx.run('DELETE FROM audit_records WHERE chain = ? AND seq <= ?', [note.chain, note.last.seq]);
      await moveEnd(tx, { key, chain, end: note.last, exists: found !== undefined });
    }
    const chain = `${host}/0`;
    const end = await readEnd(tx, { key, chain, lock: tx.dialect.lockRows });
    const event = {
      event: 'audit.archived',
      actor: actor.name,
      detail: `chains=${notes.length}`,
      count: records,
    } as const;
    await appendRows(tx, { key, chain, end, events: [event] });
  });
  return { records, through: undefined };
}

/** From the base on, as far as all are before that time. */
async function oldPart(tx: SqlReader, { chain, key, before }: { chain: string; key: Uint8Array; before: number }) {
  const base = beginningOf(chain, await readEnd(tx, { key, chain: baseOf(chain) }));
  const follower = followerOf(base, { key });
  const lines: string[] = [];
  for (const { line } of await rowsOf(tx, chain, base.seq)) {
    if ((timeOf(line) ?? Number.POSITIVE_INFINITY) >= before) break;
    if (!follower.take(line)) throw notWhole(follower.end().seq + 1);
    lines.push(line);
  }
  if (lines.length === 0) return { note: undefined, lines };
  const last = follower.end();
  const name = `audit-${nameOfChain(chain)}${base.seq + 1}-${last.seq}.jsonl`;
  return { note: { chain, before: base, last, files: [name] } satisfies ArchiveNote, lines };
}
