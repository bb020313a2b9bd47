/** When people want to log on in a day that nothing goes wrong in: all at once at the beginning of their shift, and again now and then. */
import { type Chance, chanceOf } from './chance.ts';
import type { Person, Shift } from './hospital.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

export type PlannedLogOn = { readonly person: Person; readonly at: number };

/** Everybody of a shift comes within the ten minutes around it. */
export const CHANGE_MS = 10 * MINUTE_MS;
export const SHIFT_CHANGES: readonly { readonly name: string; readonly from: number }[] = [
  { name: 'early shift', from: 7 * HOUR_MS - CHANGE_MS / 2 },
  { name: 'late shift', from: 15 * HOUR_MS - CHANGE_MS / 2 },
  { name: 'night shift', from: 22.5 * HOUR_MS - CHANGE_MS / 2 },
];

/** From midnight on, in milliseconds, in the order of time. */
export function dayPlan(people: readonly Person[], seed: number): readonly PlannedLogOn[] {
  const chance = chanceOf(seed, 'arrivals');
  const planned = people.flatMap((person) =>
    timesOf(chance, person.shift).map((at) => ({ person, at: Math.round(at) })),
  );
  return planned.sort((one, other) => one.at - other.at);
}

function timesOf(chance: Chance, shift: Shift): readonly number[] {
  switch (shift) {
    case 'early':
      return withMore(chance, atChange(chance, 0), 15 * HOUR_MS);
    case 'late':
      return withMore(chance, atChange(chance, 1), 22.5 * HOUR_MS);
    case 'night':
      return withMore(chance, atChange(chance, 2), 24 * HOUR_MS);
    case 'last-night':
      return withMore(chance, undefined, 6.5 * HOUR_MS);
    case 'office':
      return withMore(chance, chance.bell(8.5 * HOUR_MS, 0.5 * HOUR_MS), 17 * HOUR_MS);
    case 'free':
      return [];
  }
}

/** Most in the middle of the ten minutes, fewer at both ends. */
function atChange(chance: Chance, which: number): number {
  const from = SHIFT_CHANGES[which]?.from ?? 0;
  return from + ((chance.next() + chance.next()) / 2) * CHANGE_MS;
}

/** Terminals lock and people move on: between none and three log-ons more until the shift ends. */
function withMore(chance: Chance, first: number | undefined, end: number): readonly number[] {
  const from = first ?? 0;
  const more = Array.from({ length: chance.pick([0, 1, 1, 2, 3]) }, () => chance.between(from + 2 * MINUTE_MS, end));
  return [...(first === undefined ? [] : [first]), ...more.filter((at) => at > from)];
}
