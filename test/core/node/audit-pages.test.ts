import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { auditFilter } from '../../../src/core/audit-filter.ts';
import { type AuditPlace, auditBefore, auditEnd, auditSince } from '../../../src/core/node/audit-pages.ts';
import type { AuditRecord } from '../../../src/core/node/audit-record.ts';
import { segmentOf } from '../../../src/core/node/audit-segment.ts';
import { auditFolder, auditIn, linesIn, numbered, putLines, trailOf } from './audit-trail.ts';

/** A trail of three segments, written in one turn. */
async function longTrail(): Promise<string> {
  const folder = auditFolder();
  const audit = auditIn(folder);
  const events = Array.from({ length: 20_050 }, (_, index) => ({
    ...numbered(index + 1),
    user: index % 1000 === 0 ? 'rare' : 'alice',
  }));
  await Promise.all(events.map((event) => audit.append(event)));
  return folder;
}

/** All portions from the end back, and how many there were. */
async function everythingBefore(folder: string, limit: number, search = '') {
  const filter = auditFilter(search);
  const records: AuditRecord[] = [];
  let portions = 0;
  let place: AuditPlace | undefined = (await auditEnd(folder)).place;
  while (place !== undefined) {
    const portion = await auditBefore(folder, { place, limit, filter });
    expect(portion.records.length).toBeLessThanOrEqual(limit);
    records.push(...portion.records);
    place = portion.next;
    portions += 1;
  }
  return { records, portions };
}

describe('the audit trail from its end back', () => {
  it('gives every record once, newest first, over all segments', async () => {
    const folder = await longTrail();
    const { records } = await everythingBefore(folder, 3000);
    const numbers = Array.from({ length: 20_050 }, (_, index) => 20_050 - index);
    expect(records.map(({ seq }) => seq).join()).toBe(numbers.join());
    const rare = await everythingBefore(folder, 3000, 'RARE');
    expect(rare.records.map(({ count }) => count)).toEqual(
      Array.from({ length: 21 }, (_, index) => 20_001 - index * 1000),
    );
    // A search looks at a segment at a time, however few of its records match.
    expect(rare.portions).toBe(3);
  });

  it('goes on over a segment that was moved to an archive', async () => {
    const folder = await longTrail();
    rmSync(segmentOf(folder, 10_001));
    const { records } = await everythingBefore(folder, 5000);
    expect(records).toHaveLength(10_050);
    expect(records.at(-1)?.seq).toBe(1);
  });

  it('is led nowhere by numbers that were tampered with', async () => {
    const folder = await trailOf(5);
    putLines(
      folder,
      linesIn(folder).map((line) => line.replace(/"seq":\d+/, '"seq":1')),
    );
    expect((await everythingBefore(folder, 2)).records.map(({ count }) => count)).toEqual([5, 4, 3, 2, 1]);
  });

  it('has no record where there is no trail, and none of a line that is no record', async () => {
    expect(await everythingBefore(auditFolder(), 10)).toEqual({ records: [], portions: 1 });
    const folder = await trailOf(3);
    const [first = '', , third = ''] = linesIn(folder);
    putLines(folder, [first, 'garbage', third]);
    expect((await everythingBefore(folder, 10)).records.map(({ seq }) => seq)).toEqual([3, 1]);
  });

  it('gives what was written since, once, and follows into the next segment', async () => {
    const folder = auditFolder();
    const audit = auditIn(folder);
    const append = (count: number) => Promise.all(Array.from({ length: count }, () => audit.append(numbered(1))));
    await append(9_998);
    let { cursor } = await auditEnd(folder);
    await append(5);
    const seen: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      const news = await auditSince(folder, cursor);
      seen.push(...news.records.map(({ seq }) => seq));
      cursor = news.cursor;
    }
    expect(seen).toEqual([9_999, 10_000, 10_001, 10_002, 10_003]);
  });

  it('takes a line that its writer is still at only when it is whole', async () => {
    const folder = await trailOf(2);
    const [first = '', second = ''] = linesIn(folder);
    putLines(folder, [first]);
    const { cursor } = await auditEnd(folder);
    writeFileSync(segmentOf(folder, 1), `${first}\n${second.slice(0, 20)}`);
    const half = await auditSince(folder, cursor);
    expect(half.records).toEqual([]);
    writeFileSync(segmentOf(folder, 1), `${first}\n${second}\n`);
    expect((await auditSince(folder, half.cursor)).records.map(({ seq }) => seq)).toEqual([2]);
  });
});
