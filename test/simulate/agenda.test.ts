import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createAgenda } from '../../simulate/agenda.ts';

describe('simulated time', () => {
  it('goes from moment to moment in their order, those of one moment in the order in which they were named', async () => {
    const agenda = createAgenda(0);
    const told: string[] = [];
    const tell = (what: string) => async () => void told.push(`${agenda.now()} ${what}`);
    for (const [at, what] of [
      [30, 'c'],
      [10, 'a'],
      [20, 'b'],
      [10, 'also a'],
      [40, 'd'],
    ] as const)
      agenda.at(at, tell(what));
    await agenda.run();
    expect(told).toEqual(['10 a', '10 also a', '20 b', '30 c', '40 d']);
  });

  it('stands still while a task does something real, however long it takes', async () => {
    const agenda = createAgenda(0);
    const told: string[] = [];
    agenda.at(1, async () => {
      await pause(5);
      told.push(`slow at ${agenda.now()}`);
      await agenda.wait(10);
      told.push(`slow again at ${agenda.now()}`);
    });
    agenda.at(2, async () => void told.push(`quick at ${agenda.now()}`));
    await agenda.run();
    expect(told).toEqual(['slow at 1', 'quick at 2', 'slow again at 11']);
  });

  it('keeps thousands of waiting tasks in order', async () => {
    const agenda = createAgenda(0);
    const seen: number[] = [];
    for (let task = 0; task < 3000; task += 1) {
      agenda.at((task * 7919) % 3001, async () => {
        seen.push(agenda.now());
        await agenda.wait((task * 104_729) % 997);
        seen.push(agenda.now());
      });
    }
    await agenda.run();
    expect(seen).toHaveLength(6000);
    expect(seen).toEqual([...seen].sort((one, other) => one - other));
  });

  it('ends with what a task threw', async () => {
    const agenda = createAgenda(0);
    agenda.at(1, async () => Promise.reject(new Error('broken')));
    await expect(agenda.run()).rejects.toThrow('broken');
  });

  it('gives the core whole milliseconds, as a host’s clock does', async () => {
    const agenda = createAgenda(0);
    agenda.at(1.75, async () => expect([agenda.now(), agenda.clock.now()]).toEqual([1.75, 1]));
    await agenda.run();
  });
});
