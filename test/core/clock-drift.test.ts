import { describe, expect, it } from 'vitest';
import {
  type ClockReading,
  type CodeMatch,
  hostClock,
  hostClockText,
  LEAST_USERS,
  NEARBY_STEPS,
  phoneClock,
  phoneClockText,
  stepsOffText,
} from '../../src/core/clock-drift.ts';
import { timeStepAt } from '../../src/core/time-step.ts';
import fc from '../support/properties.ts';

const NOON = Date.parse('2026-03-02T12:00:00Z');

/** One code each, the first user's last. */
function codes(...stepsOff: readonly number[]): readonly CodeMatch[] {
  return stepsOff.map((steps, number) => ({ user: `user-${number}`, at: NOON - number * 1000, stepsOff: steps }));
}

describe('the clock of the host', () => {
  it.each<[string, readonly number[], Partial<ClockReading>]>([
    ['nobody', [], { kind: 'unknown', users: 0 }],
    ['four users, however far off', [-9, -9, -9, -9], { kind: 'unknown', users: 4 }],
    ['users in step', [0, 0, 0, 0, 0, 0], { kind: 'right', users: 6 }],
    ['slow hands', [-1, 0, -1, -1, 0], { kind: 'right', users: 5 }],
    ['a step behind, all of them', [-1, -1, -1, -1, -1], { kind: 'right', users: 5 }],
    ['a step behind and some two', [-1, -2, -1, -2, -1], { kind: 'ahead', users: 5, seconds: 40 }],
    ['codes of ten steps ago', [-10, -10, -11, -10, -10], { kind: 'ahead', seconds: 310 }],
    ['codes of steps to come', [4, 4, 4, 3, 4, 4], { kind: 'behind', seconds: 120 }],
    ['one phone among many', [0, 0, 0, 0, 0, 0, 18], { kind: 'right', users: 7 }],
    ['two phones that differ, among right ones', [-15, 0, 0, 12, 0, 0], { kind: 'right', users: 6 }],
  ])('by %s', (_, steps, reading) => {
    expect(hostClock(codes(...steps))).toMatchObject(reading);
  });

  it('is seen to a few seconds where phones are right and people log on at any moment', () => {
    const drift = fc.integer({ min: -500, max: 500 });
    const people = fc.array(fc.record({ at: fc.nat(3_600_000), typing: fc.integer({ min: 2, max: 12 }) }), {
      minLength: 40,
      maxLength: 50,
    });
    fc.assert(
      fc.property(drift, people, (driftSeconds, logOns) => {
        const matches = logOns.map(({ at, typing }, number) => {
          const here = NOON + at;
          const shown = timeStepAt(here - (driftSeconds + typing) * 1000);
          return { user: `user-${number}`, at: here, stepsOff: shown - timeStepAt(here) };
        });
        const reading = hostClock(matches);
        const seen = 'seconds' in reading ? reading.seconds * (reading.kind === 'ahead' ? 1 : -1) : 0;
        // "Right" is up to a step. What is seen has the time of typing in it; the moments of 40 log-ons are not quite evenly spread.
        return Math.abs(seen - driftSeconds) <= 12 + 30;
      }),
    );
  });

  it('does not depend on the order of the trail', () => {
    const matches = fc.array(
      fc.record({
        user: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
        at: fc.nat(),
        stepsOff: fc.integer({ min: -20, max: 20 }),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(matches, (some) => {
        const distinct = [...new Map(some.map((match) => [match.at, match])).values()];
        expect(hostClock(distinct.toReversed())).toEqual(hostClock(distinct));
      }),
    );
  });

  it('is not moved by one user, however many codes that one types', () => {
    const right = codes(0, 0, 0, 0, 0);
    const noise = fc.array(fc.integer({ min: -NEARBY_STEPS, max: NEARBY_STEPS }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(noise, (steps) => {
        const loud = steps.map((stepsOff, number) => ({ user: 'loud', at: NOON + number, stepsOff }));
        return hostClock([...right, ...loud]).kind === 'right';
      }),
    );
  });

  it('is right again as soon as the codes after the repair say so', () => {
    const before = Array.from({ length: LEAST_USERS }, (_, number) => ({
      user: `user-${number}`,
      at: NOON - 3_600_000 + number,
      stepsOff: -8,
    }));
    expect(hostClock(before).kind).toBe('ahead');
    const after = before.flatMap(({ user }) =>
      Array.from({ length: 5 }, (_, number) => ({ user, at: NOON + number, stepsOff: 0 })),
    );
    expect(hostClock([...before, ...after]).kind).toBe('right');
  });
});

describe('the clock of one phone', () => {
  const others = codes(0, 0, 0, 0, 0, 0);
  const off = (...steps: readonly number[]): readonly CodeMatch[] =>
    steps.map((stepsOff, number) => ({ user: 'alice', at: NOON + number, stepsOff }));

  it('is told where its codes are off and the others’ are not', () => {
    expect(phoneClock([...others, ...off(-2, -3, -2)], 'alice')).toEqual({ kind: 'behind', users: 1, seconds: 70 });
    expect(phoneClock([...others, ...off(5, 5)], 'alice')).toEqual({ kind: 'ahead', users: 1, seconds: 150 });
  });

  it('is no phone’s fault where everybody’s codes are off alike', () => {
    const all = codes(-6, -6, -6, -6, -6, -6);
    expect(hostClock(all).kind).toBe('ahead');
    expect(phoneClock([...all, ...off(-6, -6)], 'alice').kind).toBe('right');
    expect(phoneClock([...all, ...off(0, 0)], 'alice').kind).toBe('ahead');
  });

  it('is not judged by one code, which may be an old one that somebody else tries', () => {
    expect(phoneClock([...others, ...off(-15)], 'alice')).toEqual({ kind: 'unknown', users: 1 });
    expect(phoneClock(others, 'alice')).toEqual({ kind: 'unknown', users: 0 });
  });

  it('is measured against this host where the others are too few', () => {
    expect(phoneClock([...codes(0, 0), ...off(-4, -4)], 'alice')).toMatchObject({ kind: 'behind', seconds: 120 });
  });
});

it('has words for people', () => {
  const ahead = { kind: 'ahead', users: 8, seconds: 300 } as const;
  expect(hostClockText(ahead, 'sqljs')).toBe(
    "This host's clock seems to be 300 seconds ahead, by the codes of 8 users",
  );
  expect(hostClockText(ahead, 'postgres')).toMatch(/^The database server's clock/);
  expect(hostClockText({ kind: 'right', users: 8 }, 'sqljs')).toBeUndefined();
  expect(phoneClockText({ kind: 'unknown', users: 0 })).toBeUndefined();
  expect(phoneClockText({ kind: 'behind', users: 1, seconds: 60 })).toMatch(/60 seconds behind.*automatically/);
  expect([-2, -1, 0, 3].map(stepsOffText)).toEqual(['2 steps late', '1 step late', 'on time', '3 steps early']);
});
