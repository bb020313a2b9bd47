import { expect, it } from 'vitest';
import type { AuditTrail } from '../../../src/core/node/audit-trail.ts';
import { recentCodeMatches } from '../../../src/core/node/code-matches.ts';
import { auditBench } from './audit-trail.ts';

const NOON = Date.parse('2026-03-02T12:00:00Z');
const DAY = 86_400_000;

type FromItsEnd = Pick<AuditTrail, 'end' | 'before'>;

it('reads the codes of the last seven days from the trail, newest first, and no other record', async () => {
  const { trail, setNow } = await auditBench();
  setNow(NOON - 8 * DAY);
  await trail.append({ event: 'login.granted', user: 'ada', stepsOff: -9 });
  setNow(NOON - 6 * DAY);
  await trail.append({ event: 'login.granted', user: 'bob', stepsOff: 0 });
  await trail.append({ event: 'login.granted', user: 'chen', detail: 'password+recovery' });
  await trail.append({ event: 'code.wrong', user: 'dora' });
  await trail.drain();
  setNow(NOON - 2000);
  await trail.append({ event: 'code.wrong', user: 'eve', stepsOff: -4 });
  expect(await recentCodeMatches(trail, NOON)).toEqual([
    { user: 'eve', at: expect.closeTo(NOON, -4), stepsOff: -4 },
    { user: 'bob', at: expect.closeTo(NOON - 6 * DAY, -4), stepsOff: 0 },
  ]);
});

it('is empty for a trail that was not begun', async () => {
  expect(await recentCodeMatches((await auditBench()).trail, NOON)).toEqual([]);
});

it('reads a bounded part of a trail that has no end', async () => {
  let asked = 0;
  const start = { segment: 1, lines: 0 };
  const endless: FromItsEnd = {
    end: async () => ({ place: start, cursor: { segment: 1, byte: 0 } }),
    async before({ place, limit }) {
      asked += 1;
      const at = new Date(NOON).toISOString();
      const records = Array.from(
        { length: limit },
        (_, seq) => ({ seq, at, event: 'login.granted', user: 'ada', stepsOff: 0 }) as const,
      );
      return { records, next: place };
    },
  };
  const matches = await recentCodeMatches(endless, NOON);
  expect(asked).toBe(3);
  expect(matches.length).toBeLessThanOrEqual(6000);
});
