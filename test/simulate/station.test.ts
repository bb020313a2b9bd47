import { describe, expect, it } from 'vitest';
import { createAgenda } from '../../simulate/agenda.ts';
import { createStation } from '../../simulate/station.ts';

describe('a line of people in front of a few places', () => {
  it('serves as many at once as there are places, the others in the order in which they came', () => {
    const station = createStation(createAgenda(0), 2);
    const waits = [100, 50, 10, 10].map((serviceMs) => station.enter(serviceMs));
    expect(waits).toEqual([
      { waitMs: 0, doneAt: 100 },
      { waitMs: 0, doneAt: 50 },
      { waitMs: 50, doneAt: 60 },
      { waitMs: 60, doneAt: 70 },
    ]);
  });

  it('has nobody wait once the work is done', async () => {
    const agenda = createAgenda(0);
    const station = createStation(agenda, 1);
    station.enter(100);
    agenda.at(100, async () => expect(station.enter(5)).toEqual({ waitMs: 0, doneAt: 105 }));
    await agenda.run();
  });

  it('tells how long its places were at work between two moments', () => {
    const station = createStation(createAgenda(0), 2);
    for (const serviceMs of [90_000, 30_000]) station.enter(serviceMs);
    expect(station.busyMs(0, 60_000)).toBe(90_000);
    expect(station.busyMs(60_000, 120_000)).toBe(30_000);
    expect(station.busyMs(120_000, 600_000)).toBe(0);
  });

  it('does not do the work of those who are sent away', async () => {
    const agenda = createAgenda(0);
    const station = createStation(agenda, 1);
    for (let count = 0; count < 3; count += 1) station.enter(40_000);
    agenda.at(60_000, async () => {
      station.clear();
      expect(station.enter(10)).toEqual({ waitMs: 0, doneAt: 60_010 });
    });
    await agenda.run();
    expect(station.busyMs(0, 60_000)).toBe(60_000);
    expect(station.busyMs(60_000, 300_000)).toBe(10);
  });
});
