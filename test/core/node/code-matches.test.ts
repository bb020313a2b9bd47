import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createAuditFile } from '../../../src/core/node/audit-file.ts';
import { auditBefore, auditEnd } from '../../../src/core/node/audit-pages.ts';
import type { AuditTrail } from '../../../src/core/node/audit-trail.ts';
import { recentCodeMatches } from '../../../src/core/node/code-matches.ts';

const NOON = Date.parse('2026-03-02T12:00:00Z');
const DAY = 86_400_000;

type FromItsEnd = Pick<AuditTrail, 'end' | 'before'>;

function filesOf(folder: string): FromItsEnd {
  return {
    end: () => auditEnd(folder),
    async before({ place, ...asked }) {
      if (!('segment' in place)) throw new Error('a place in a table');
      return auditBefore(folder, { ...asked, place });
    },
  };
}

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
  expect(await recentCodeMatches(filesOf(folder), NOON)).toEqual([
    { user: 'eve', at: NOON, stepsOff: -4 },
    { user: 'bob', at: NOON - 6 * DAY, stepsOff: 0 },
  ]);
});

it('is empty for a trail that was not begun', async () => {
  expect(await recentCodeMatches(filesOf('/nonexistent/audit'), NOON)).toEqual([]);
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
