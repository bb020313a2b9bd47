/** Who works there: sites that are at different stages of the roll-out, and people with their shifts, phones and habits. */
import { type Chance, chanceOf } from './chance.ts';

/** `today`: Require 2FA comes this morning. `dated`: it is required from a date that is still to come. */
export const STAGES = ['paired', 'today', 'dated', 'off'] as const;
export type Stage = (typeof STAGES)[number];

export type Site = { readonly name: string; readonly stage: Stage };

export const SHIFTS = ['early', 'late', 'night', 'last-night', 'office', 'free'] as const;
export type Shift = (typeof SHIFTS)[number];

export type Person = {
  readonly name: string;
  readonly site: Site;
  readonly shift: Shift;
  /** What has become of two-factor by midnight. `left`: disabled, and still trying. */
  readonly begins: 'paired' | 'required' | 'off' | 'left';
  /** How far the clock of the phone is off, positive where it is ahead. Set right when the help desk is called. */
  driftMs: number;
  readonly hasPhone: boolean;
  /** Has forgotten the password until somebody helps. */
  forgetful: boolean;
  /** The probability that a password or code is typed wrong. */
  readonly slips: number;
};

export type Hospital = { readonly sites: readonly Site[]; readonly people: readonly Person[] };

/** Of all users; what is left over has a free day. A quarter comes at each big shift change: 5,000 of 20,000 in ten minutes. */
const SHARES: readonly (readonly [Shift, number])[] = [
  ['early', 0.25],
  ['late', 0.25],
  ['night', 0.1],
  ['last-night', 0.1],
  ['office', 0.1],
];

/** By tens of sites: seven are paired, and one each is at the other stages. */
const STAGE_OF_TEN: readonly Stage[] = [...Array<Stage>(7).fill('paired'), 'today', 'dated', 'off'];

export function hospitalOf(size: { readonly users: number; readonly sites: number; readonly seed: number }): Hospital {
  const { users, sites: count, seed } = size;
  const chance = chanceOf(seed, 'people');
  const sites = Array.from({ length: count }, (_, index): Site => {
    return { name: `site-${String(index + 1).padStart(2, '0')}`, stage: STAGE_OF_TEN[index % 10] ?? 'paired' };
  });
  const shifts = chance.shuffled(shiftsOf(users));
  const people = shifts.map((shift, index) => personOf(chance, { index, shift, site: chance.pick(sites) }));
  return { sites, people };
}

function shiftsOf(users: number): readonly Shift[] {
  const shifts = SHARES.flatMap(([shift, share]) => Array<Shift>(Math.round(users * share)).fill(shift));
  return [...shifts, ...Array<Shift>(Math.max(0, users - shifts.length)).fill('free')].slice(0, users);
}

type Post = { readonly index: number; readonly shift: Shift; readonly site: Site };

function personOf(chance: Chance, { index, shift, site }: Post): Person {
  return {
    name: `nurse-${String(index).padStart(5, '0')}`,
    site,
    shift,
    begins: beginsAs(chance, site.stage),
    driftMs: Math.round(driftOf(chance)),
    hasPhone: !chance.happens(0.02),
    forgetful: chance.happens(0.004),
    slips: chance.happens(0.1) ? 0.12 : 0.02,
  };
}

function beginsAs(chance: Chance, stage: Stage): Person['begins'] {
  if (chance.happens(0.003)) return 'left';
  switch (stage) {
    case 'paired':
      return chance.happens(0.97) ? 'paired' : 'required';
    case 'dated':
      return 'required';
    case 'today':
    case 'off':
      return 'off';
  }
}

/** Most phones have network time; some are set by hand, a few of them wrong by minutes. */
function driftOf(chance: Chance): number {
  if (chance.happens(0.003)) return chance.between(2, 10) * 60_000 * (chance.happens(0.5) ? 1 : -1);
  return chance.bell(0, chance.happens(0.05) ? 20_000 : 1000);
}
