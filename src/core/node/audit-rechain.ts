/**
 * Records that version 1 wrote into the files after the database was upgraded: only where an upgrade was killed between
 * its last two steps, and a process of version 1 was running. They stay; the records that wait in the database are
 * chained behind them.
 */
import { integer, text } from '../store/row-cells.ts';
import type { SqlWriter } from '../store/sql-engine.ts';
import { decodeRecord, encodeRecord, statedMac } from './audit-record.ts';
import { type ChainEnd, FILE_CHAIN, moveEnd, readEnd } from './audit-rows.ts';

/** `files`: the end of the files, authentic. */
export async function chainBehind(tx: SqlWriter, { files, key }: { files: ChainEnd; key: Uint8Array }): Promise<void> {
  const known = await readEnd(tx, { key, chain: FILE_CHAIN });
  const found = await tx.all('SELECT seq, at, line FROM audit_records WHERE chain = ? ORDER BY seq', [FILE_CHAIN]);
  const waiting = found.map((row) => ({ seq: integer(row, 'seq'), at: integer(row, 'at'), line: text(row, 'line') }));
  const before = waiting[0]?.seq ?? (known?.seq ?? 0) + 1;
  const same = waiting.find(({ seq }) => seq === files.seq);
  if (files.seq < before || (same !== undefined && statedMac(same.line) === files.mac)) return;
  let { seq, mac } = files;
  const rows = waiting.map(({ at, line }) => {
    const record = decodeRecord(line);
    if (record === undefined) return [FILE_CHAIN, ++seq, at, line];
    seq += 1;
    const encoded = encodeRecord({ ...record, seq }, mac, key);
    mac = encoded.mac;
    return [FILE_CHAIN, seq, at, encoded.line.trimEnd()];
  });
  await tx.run('DELETE FROM audit_records WHERE chain = ?', [FILE_CHAIN]);
  tx.later('INSERT INTO audit_records (chain, seq, at, line) VALUES (?, ?, ?, ?)', rows);
  await moveEnd(tx, { key, chain: FILE_CHAIN, end: { seq, mac }, exists: known !== undefined });
}
