import { appendFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { followAuditTrail } from '../../../src/core/node/audit-read.ts';
import { auditFolder, auditIn, firstSegment, numbered, recordsOf, START, trailOf } from './audit-trail.ts';

const counts = async (...asked: Parameters<typeof recordsOf>) => (await recordsOf(...asked)).map(({ count }) => count);

describe('reading the audit trail', () => {
  it('gives all records, oldest first, or the newest so many', async () => {
    const folder = await trailOf(5);
    expect(await counts(folder)).toEqual([1, 2, 3, 4, 5]);
    expect(await counts(folder, { limit: 2 })).toEqual([4, 5]);
    expect(await counts(folder, { limit: 9 })).toEqual([1, 2, 3, 4, 5]);
    expect(await counts(folder, { limit: 0 })).toEqual([]);
  });

  it('gives what happened from a time on', async () => {
    const folder = await trailOf(5);
    expect(await counts(folder, { since: START + 3000 })).toEqual([3, 4, 5]);
    expect(await counts(folder, { since: START + 3000, limit: 1 })).toEqual([5]);
    expect(await counts(folder, { since: START + 60_000 })).toEqual([]);
  });

  it('gives what a user did or had done to them, however the name is typed', async () => {
    const folder = auditFolder();
    const audit = auditIn(folder);
    await audit.append({ event: 'user.added', actor: 'os:root', user: 'Alice', count: 1 });
    await audit.append({ event: 'login.granted', user: 'bob', count: 2 });
    await audit.append({ event: 'user.unlocked', actor: 'alice', user: 'bob', count: 3 });
    await audit.append({ event: 'config.changed', actor: 'os:alice', count: 4 });
    expect(await counts(folder, { user: 'ALICE ' })).toEqual([1, 3]);
    expect(await counts(folder, { user: 'bob', limit: 1 })).toEqual([3]);
  });

  it('gives the newest of many files without the others', async () => {
    const folder = auditFolder();
    const audit = auditIn(folder);
    await Promise.all(Array.from({ length: 20_005 }, (_, index) => audit.append(numbered(index + 1))));
    expect(await counts(folder, { limit: 7 })).toEqual([19_999, 20_000, 20_001, 20_002, 20_003, 20_004, 20_005]);
    expect((await counts(folder)).length).toBe(20_005);
  });

  it('gives nothing where there is nothing', async () => {
    expect(await recordsOf(auditFolder())).toEqual([]);
    expect(await recordsOf(auditFolder(), { limit: 3 })).toEqual([]);
  });

  it('passes over lines that are no records', async () => {
    const folder = await trailOf(2);
    for (const line of ['', '{}', 'null', '{"seq":1}', '{"mac":"x"}', '\u0000\u0001', '[]', 'x'.repeat(5000)]) {
      appendFileSync(firstSegment(folder), `${line}\n`);
    }
    expect(await counts(folder)).toEqual([1, 2]);
  });

  it('goes on with each new record, also into a new file, until it is told to stop', async () => {
    const folder = await trailOf(2);
    const audit = auditIn(folder);
    const stop = new AbortController();
    const seen: number[] = [];
    for await (const { count = 0 } of followAuditTrail(folder, { limit: 1, signal: stop.signal })) {
      seen.push(count);
      if (count === 2) await audit.append(numbered(3));
      if (count === 3)
        await Promise.all(Array.from({ length: 10_000 }, (_, index) => audit.append(numbered(index + 4))));
      if (count === 10_003) stop.abort();
    }
    expect([seen.length, seen.at(0), seen.at(-1), new Set(seen).size]).toEqual([10_002, 2, 10_003, 10_002]);
  });

  it('waits for a trail that is not begun yet', async () => {
    const folder = auditFolder();
    const stop = new AbortController();
    const following = followAuditTrail(folder, { signal: stop.signal });
    const next = following.next();
    await auditIn(folder).append(numbered(1));
    expect((await next).value).toMatchObject({ count: 1 });
    stop.abort();
    expect((await following.next()).done).toBe(true);
  });
});
