/** The files and what waits in the database, read as one trail. */
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { auditFilter } from '../../../src/core/audit-filter.ts';
import type { AuditQuery } from '../../../src/core/node/audit-read.ts';
import type { AuditRecord } from '../../../src/core/node/audit-record.ts';
import type { AuditPlace, AuditTrail } from '../../../src/core/node/audit-trail.ts';
import {
  auditBench,
  FILE_ENGINES,
  linesIn,
  numbered,
  numbersOf,
  putLines,
  recordsOf,
  START,
  upTo,
} from './audit-trail.ts';

const HOUR = 3_600_000;

/** All portions from the end back. */
async function backwards(trail: AuditTrail, limit: number, search = ''): Promise<readonly number[]> {
  const numbers: number[] = [];
  let place: AuditPlace | undefined = (await trail.end()).place;
  while (place !== undefined) {
    const portion: Awaited<ReturnType<AuditTrail['before']>> = await trail.before({
      place,
      limit,
      filter: auditFilter(search),
    });
    expect(portion.records.length).toBeLessThanOrEqual(limit);
    numbers.push(...portion.records.map(({ seq }) => seq));
    place = portion.next;
  }
  return numbers;
}

describe.each(FILE_ENGINES)('reading the audit trail with %s', (engine) => {
  it('has each record once and in order, whatever of it is in files, in the database, or in both', async () => {
    const { trail, record, drained, queued } = await auditBench(engine);
    const expectAll = async (last: number) => {
      expect(await numbersOf(trail)).toEqual(upTo(last));
      expect(await numbersOf(trail, { limit: 4 })).toEqual(upTo(last, last - 3));
      expect(await backwards(trail, 3)).toEqual(upTo(last).toReversed());
    };
    await record(5);
    await expectAll(5);
    await trail.drain();
    expect(await queued()).toEqual(upTo(5));
    await expectAll(5);
    await record(4);
    expect(await queued()).toEqual(upTo(9, 6));
    await expectAll(9);
    await drained(1);
    await expectAll(10);
  });

  it('has each record once over the end of a file, the queue being longer than what is in the last one', async () => {
    const { trail, record, drained } = await auditBench(engine, { archived: 9_960 });
    await drained(30);
    await record(30);
    expect(await numbersOf(trail, { limit: 40 })).toEqual(upTo(10_020, 9_981));
    await trail.drain();
    expect(await numbersOf(trail)).toEqual(upTo(10_020, 9_961));
    expect(await numbersOf(trail, { limit: 25 })).toEqual(upTo(10_020, 9_996));
    expect(await numbersOf(trail, { limit: 5 })).toEqual(upTo(10_020, 10_016));
    expect(await backwards(trail, 7)).toEqual(upTo(10_020, 9_961).toReversed());
  });

  it('shows the records in the database where the files cannot be read, and then says so', async () => {
    const { trail, folder, record, drained } = await auditBench(engine);
    await drained(3);
    await record(2);
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'no folder');
    const shown: number[] = [];
    const read = async (query: AuditQuery = {}) => {
      for await (const { seq } of trail.read(query)) shown.push(seq);
    };
    await expect(read()).rejects.toMatchObject({ code: 'unavailable' });
    expect(shown).toEqual([4, 5]);
    shown.length = 0;
    await expect(read({ limit: 1 })).rejects.toMatchObject({ code: 'unavailable' });
    expect(shown).toEqual([5]);
  });

  it('shows each record once and in order while another process writes and drains', async () => {
    const { trail, open, another } = await auditBench(engine);
    const writer = await open({ engine: await another() });
    const seen: number[] = [];
    const controller = new AbortController();
    const following = (async () => {
      for await (const { seq } of trail.follow({ signal: controller.signal })) {
        seen.push(seq);
        if (seen.length === 60) controller.abort();
      }
    })();
    let { cursor } = await trail.end();
    const polled: AuditRecord[] = [];
    for (let number = 1; number <= 60; number += 1) {
      await writer.append(numbered(number));
      if (number % 7 === 0) await writer.drain();
      const numbers = await numbersOf(trail);
      expect(numbers).toEqual(upTo(number));
      if (number % 3 === 0) {
        const news = await trail.since(cursor);
        polled.push(...news.records);
        cursor = news.cursor;
      }
    }
    await following;
    expect(seen).toEqual(upTo(60));
    expect(polled.map(({ seq }) => seq)).toEqual(upTo(60));
    expect((await trail.since(cursor)).records).toEqual([]);
  });

  it('shows what is there already, over the end of a file and in the database, before it waits for more', async () => {
    const { trail, record, drained } = await auditBench(engine, { archived: 9_990 });
    await drained(12);
    await record(3);
    const seen: number[] = [];
    const controller = new AbortController();
    for await (const { seq } of trail.follow({ signal: controller.signal })) {
      seen.push(seq);
      if (seq === 10_005) await record(2);
      if (seq === 10_007) controller.abort();
    }
    expect(seen).toEqual(upTo(10_007, 9_991));
  });

  it('goes on over the end of a file as it comes', async () => {
    const { trail, record, drained } = await auditBench(engine, { archived: 9_990 });
    await drained(8);
    let { cursor } = await trail.end();
    const polled: number[] = [];
    for (const how of ['record', 'drain', 'record', 'drain', 'record']) {
      if (how === 'record') await record(4);
      else await trail.drain();
      for (let round = 0; round < 3; round += 1) {
        const news = await trail.since(cursor);
        polled.push(...news.records.map(({ seq }) => seq));
        cursor = news.cursor;
      }
    }
    expect(polled).toEqual(upTo(10_010, 9_999));
  });

  it('finds by user, time and words in both', async () => {
    const { trail, setNow, drained } = await auditBench(engine);
    await drained(2);
    await trail.append({ event: 'login.denied', user: 'Bob' });
    setNow(START + 3_600_000);
    await trail.append({ event: 'login.denied', user: 'bob' });
    expect(await numbersOf(trail, { user: 'bOB' })).toEqual([3, 4]);
    expect(await numbersOf(trail, { user: 'bob', limit: 1 })).toEqual([4]);
    expect(await numbersOf(trail, { since: START + 3_600_000 })).toEqual([4]);
    expect(await backwards(trail, 10, 'denied')).toEqual([4, 3]);
    expect(await backwards(trail, 10, 'ward-3')).toEqual([2, 1]);
  });

  it('finds what was written before the clock was set back, in an earlier file as well', async () => {
    const { trail, setNow, drained } = await auditBench(engine, { archived: 9_995 });
    setNow(START + 12 * HOUR);
    await drained(5);
    setNow(START);
    await drained(2);
    expect(await numbersOf(trail, { since: START + 6 * HOUR })).toEqual(upTo(10_000, 9_996));
    expect(await numbersOf(trail, { since: START + 6 * HOUR, limit: 2 })).toEqual([9_999, 10_000]);
    setNow(START + 48 * HOUR);
    await drained(1);
    expect(await numbersOf(trail, { since: START + 40 * HOUR })).toEqual([10_003]);
  });

  it('needs no right to write', async () => {
    const { trail, folder, drained, record } = await auditBench(engine);
    await drained(3);
    await record(2);
    chmodSync(folder, 0o500);
    expect(await numbersOf(trail)).toEqual(upTo(5));
    expect(await backwards(trail, 2)).toEqual(upTo(5).toReversed());
    expect(await trail.verify()).toMatchObject({ ok: true, records: 5 });
    chmodSync(folder, 0o700);
  });

  it('has what is in the files where the database is away, and then says so', async () => {
    const { trail, engine: open, open: openTrail, record } = await auditBench(engine);
    await record(3);
    await trail.drain();
    await record(2);
    const away = await openTrail({ engine: { ...open, read: () => Promise.reject(new Error('away')) } });
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const { seq } of away.read()) seen.push(seq);
      })(),
    ).rejects.toMatchObject({ code: 'internal' });
    expect(seen).toEqual(upTo(3));
  });

  it('passes over what is no record, and is not led astray by a number that was tampered with', async () => {
    const { trail, folder, drained, record } = await auditBench(engine);
    await drained(4);
    putLines(folder, [
      ...linesIn(folder).slice(0, 3),
      'nonsense',
      (linesIn(folder)[3] ?? '').replace('"seq":4', '"seq":999'),
    ]);
    await record(2);
    expect(await numbersOf(trail)).toEqual([1, 2, 3, 999, 5, 6]);
    expect(await backwards(trail, 2)).toEqual([6, 5, 999, 3, 2, 1]);
  });

  it('is empty for a trail that was not begun', async () => {
    const { trail, folder } = await auditBench(engine);
    expect(await recordsOf(trail)).toEqual([]);
    expect(await backwards(trail, 5)).toEqual([]);
    writeFileSync(folder, '');
    await expect(recordsOf(trail)).rejects.toMatchObject({ code: 'unavailable' });
    rmSync(folder);
  });
});
