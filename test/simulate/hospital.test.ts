import { describe, expect, it } from 'vitest';
import { chanceOf } from '../../simulate/chance.ts';
import { dayPlan, HOUR_MS, SHIFT_CHANGES } from '../../simulate/day-plan.ts';
import { hospitalOf } from '../../simulate/hospital.ts';

const SIZE = { users: 20_000, sites: 50, seed: 1 };

describe('the hospital of the simulation', () => {
  it('has a quarter of its people come within the ten minutes of each big shift change', () => {
    const firsts = new Map<string, number>();
    for (const { person, at } of dayPlan(hospitalOf(SIZE).people, 1))
      if (!firsts.has(person.name)) firsts.set(person.name, at);
    const [early, late] = SHIFT_CHANGES.map(({ from }) => from);
    const within = (from = 0) => [...firsts.values()].filter((at) => at >= from && at < from + HOUR_MS / 6).length;
    expect(within(early)).toBeGreaterThanOrEqual(5000);
    expect(within(late)).toBeGreaterThanOrEqual(5000);
    expect(within(early)).toBeLessThan(5200);
  });

  it('plans a day in the order of time, from midnight to midnight', () => {
    const times = dayPlan(hospitalOf(SIZE).people, 1).map(({ at }) => at);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(times.every((at) => at >= 0 && at < 24 * HOUR_MS)).toBe(true);
  });

  it('has sites at every stage of a roll-out, and nobody twice', () => {
    const { sites, people } = hospitalOf(SIZE);
    expect(new Set(sites.map(({ stage }) => stage))).toEqual(new Set(['paired', 'today', 'dated', 'off']));
    expect(new Set(people.map(({ name }) => name)).size).toBe(20_000);
  });

  it('is another one with another seed, and the same one with the same', () => {
    const small = { users: 100, sites: 10 };
    expect(hospitalOf({ ...small, seed: 7 })).toEqual(hospitalOf({ ...small, seed: 7 }));
    expect(hospitalOf({ ...small, seed: 7 })).not.toEqual(hospitalOf({ ...small, seed: 8 }));
  });
});

describe('chance out of a seed', () => {
  it('is the same row each time, and another one for another purpose', () => {
    const row = (seed: number, purpose: string) => {
      const chance = chanceOf(seed, purpose);
      return Array.from({ length: 20 }, () => chance.next());
    };
    expect(row(1, 'people')).toEqual(row(1, 'people'));
    expect(row(1, 'people')).not.toEqual(row(1, 'arrivals'));
    expect(row(1, 'people')).not.toEqual(row(2, 'people'));
  });

  it('spreads evenly, and like a bell where it should', () => {
    const chance = chanceOf(3, 'spread');
    const numbers = Array.from({ length: 20_000 }, () => chance.next());
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(numbers.filter((number) => number < 0.25).length / 20_000).toBeCloseTo(0.25, 1);
    const bell = Array.from({ length: 20_000 }, () => chance.bell(100, 10));
    expect(bell.filter((number) => Math.abs(number - 100) < 10).length / 20_000).toBeCloseTo(0.68, 1);
  });

  it('mixes a list without losing or doubling anything', () => {
    const list = Array.from({ length: 500 }, (_, index) => index);
    const mixed = chanceOf(5, 'mix').shuffled(list);
    expect(mixed).not.toEqual(list);
    expect([...mixed].sort((one, other) => one - other)).toEqual(list);
  });
});
