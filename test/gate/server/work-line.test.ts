import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createWorkLine } from '../../../src/gate/server/work-line.ts';

it('runs so many at a time, the others in the order in which they came', async () => {
  const inLine = createWorkLine(2);
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  const work = (index: number) =>
    inLine(async () => {
      begun.push(index);
      running += 1;
      most = Math.max(most, running);
      await turn();
      running -= 1;
      return index;
    });
  const all = Array.from({ length: 50 }, (_, index) => index);
  expect(await Promise.all(all.map(work))).toEqual(all);
  expect(begun).toEqual(all);
  expect(most).toBe(2);
});

it('is not held up by one that fails', async () => {
  const inLine = createWorkLine(1);
  const failed = inLine(() => Promise.reject(new Error('broken')));
  const next = inLine(async () => 'done');
  await expect(failed).rejects.toThrow('broken');
  expect(await next).toBe('done');
});
