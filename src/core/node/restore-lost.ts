/**
 * Records of the database that is replaced which are in no file and cannot go on behind the files: failures at an old
 * database that somebody put back by hand. What they counted stays (store/stricter.ts); that they were there is
 * recorded.
 */
import { statedMac } from './audit-record.ts';
import { FILE_CHAIN } from './audit-rows.ts';
import { SEGMENT_RECORDS } from './audit-segment.ts';
import { followFiles } from './audit-verify.ts';
import type { ReplacedFile } from './restore-source.ts';

type LostIn = { readonly folder: string; readonly replaced: ReplacedFile; readonly isCurrent: boolean };

/** How many. Those of a database that is current all go on. */
export async function lostRecords({ folder, replaced, isCurrent }: LostIn): Promise<number> {
  if (isCurrent || replaced.kind !== 'read') return 0;
  const rows = new Map(
    replaced.records.flatMap(({ chain, seq, line }) =>
      chain === FILE_CHAIN && typeof line === 'string' ? [[statedMac(line), Number(seq)] as const] : [],
    ),
  );
  // Those that were queued when the copy was made are in the files since.
  const first = Math.min(...rows.values());
  if (rows.size > 0)
    await followFiles(folder, first - 1 - ((first - 1) % SEGMENT_RECORDS), (line) => {
      rows.delete(statedMac(line));
      return true;
    });
  return rows.size + (replaced.end?.skipped ?? 0);
}
