import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createAuditFile } from '../../../src/core/node/audit-file.ts';
import { filesFromTheirEnd, recentCodeMatches, type TrailFromItsEnd } from '../../../src/core/node/code-matches.ts';

const NOON = Date.parse('2026-03-02T12:00:00Z');
const DAY = 86_400_000;

it('reads the codes of the last seven days from the trail, newest first, and no other record', async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'gatehouse-codes-')), 'audit');
  onTestFinished(() => rmSync(join(folder, '..'), { recursive: true, force: true }));
  let now = NOON - 8 * DAY;
  const audit = createAuditFile({ folder, key: new Uint8Array(32), clock: { now: () => now } });
  await audit.append({ event: 'login.granted', user: 'ada', stepsOff: -9 });
  now = NOON - 6 * DAY;
  await audit.append({ event: 'login.granted', user: 'bob', stepsOff: 0 });
  await audit.append({ event: 'login.granted', user: 'chen', detail: 'password+recovery' });
  await audit.append({ event: 'code.wrong', user: 'dora' });
  now = NOON;
  await audit.append({ event: 'code.wrong', user: 'eve', stepsOff: -4 });
  expect(await recentCodeMatches(filesFromTheirEnd(folder), NOON)).toEqual([
    { user: 'eve', at: NOON, stepsOff: -4 },
    { user: 'bob', at: NOON - 6 * DAY, stepsOff: 0 },
  ]);
});

it('is empty for a trail that was not begun', async () => {
  expect(await recentCodeMatches(filesFromTheirEnd('/nonexistent/audit'), NOON)).toEqual([]);
});

it('reads a bounded part of a trail that has no end', async () => {
  let asked = 0;
  const endless: TrailFromItsEnd<number> = {
    end: async () => ({ place: 0 }),
    async before({ place, limit }) {
      asked += 1;
      const at = new Date(NOON).toISOString();
      const records = Array.from(
        { length: limit },
        (_, seq) => ({ seq, at, event: 'login.granted', user: 'ada', stepsOff: 0 }) as const,
      );
      return { records, next: place + 1 };
    },
  };
  const matches = await recentCodeMatches(endless, NOON);
  expect(asked).toBe(3);
  expect(matches.length).toBeLessThanOrEqual(6000);
});
