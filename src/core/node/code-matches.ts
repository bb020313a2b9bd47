/** The codes of the last days, as the newest part of the audit trail has them: what `clock-drift.ts` judges. Reads only, and a bounded part. */
import type { AuditFilter } from '../audit-filter.ts';
import { type CodeMatch, DRIFT_DAYS } from '../clock-drift.ts';
import type { EpochMs } from '../user.ts';
import type { AuditPlace, AuditPortion, AuditTrail } from './audit-trail.ts';

/** Newest first. Throws a Fault where the trail may not or cannot be read. */
export async function recentCodeMatches(
  trail: Pick<AuditTrail, 'end' | 'before'>,
  now: EpochMs,
): Promise<readonly CodeMatch[]> {
  const since = now - DRIFT_DAYS * 86_400_000;
  const matches: CodeMatch[] = [];
  let place: AuditPlace | undefined = (await trail.end()).place;
  for (let portion = 0; portion < MOST_PORTIONS && place !== undefined; portion += 1) {
    const { records, next }: AuditPortion = await trail.before({
      place,
      limit: PORTION,
      filter: WITH_STEPS,
    });
    for (const { user, at, stepsOff } of records) {
      const when = Date.parse(at);
      if (user !== undefined && stepsOff !== undefined && when >= since) matches.push({ user, at: when, stepsOff });
    }
    const oldest = records.at(-1);
    place = oldest !== undefined && Date.parse(oldest.at) < since ? undefined : next;
  }
  return matches;
}

/** A portion of files is of one segment, 10,000 records at most: enough for thousands of log-ons, and quick. */
const PORTION = 2000;
const MOST_PORTIONS = 3;

const WITH_STEPS: AuditFilter = {
  matches: ({ stepsOff }) => stepsOff !== undefined,
  mayMatch: (line) => line.includes('"stepsOff":'),
};
