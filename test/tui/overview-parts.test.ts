import { describe, expect, it } from 'vitest';
import { LOCKED_FOR_GOOD } from '../../src/core/lockout.ts';
import type { ListedUser, User } from '../../src/core/ports.ts';
import { TWO_FACTOR_OFF } from '../../src/core/two-factor.ts';
import type { NameKey, UserId } from '../../src/core/user.ts';
import { terminalCapabilities } from '../../src/terminal/capabilities.ts';
import { columnChart, stackedBar } from '../../src/tui/components/bar-chart.ts';
import { partsIn, partsOf, withRecords } from '../../src/tui/log-on-tally.ts';
import { lookOf } from '../../src/tui/look.ts';
import { createPeopleTally, namesText, type People } from '../../src/tui/overview-people.ts';
import { overdueOf, warningsOf } from '../../src/tui/overview-warnings.ts';
import fc from '../support/properties.ts';

const NOW = Date.parse('2026-03-02T08:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NOBODY = { count: 0, names: [] };

function look(environment: Readonly<Record<string, string>> = {}) {
  const env = { TERM: 'vt220', LANG: 'C.UTF-8', ...environment };
  return lookOf(terminalCapabilities({ env, output: { isTTY: true, columns: 80, rows: 24 }, colour: 'auto' }), 'auto');
}

function at(ago: number, event: 'login.granted' | 'login.denied' | 'login.cancelled' | 'user.added') {
  return { at: new Date(NOW - ago).toISOString(), event };
}

describe('the tally of a day', () => {
  it('counts grants and failures by their time, and nothing else', () => {
    const records = [
      at(MINUTE, 'login.granted'),
      at(2 * MINUTE, 'login.granted'),
      at(3 * 60 * MINUTE, 'login.denied'),
      at(3 * 60 * MINUTE, 'login.cancelled'),
      at(4 * 60 * MINUTE, 'user.added'),
      at(25 * 60 * MINUTE, 'login.granted'),
      { at: 'nonsense', event: 'login.granted' } as const,
    ];
    const parts = partsOf(withRecords(new Map(), records, NOW), NOW, 24);
    expect(parts).toHaveLength(24);
    expect(parts.reduce((sum, part) => sum + part.granted, 0)).toBe(2);
    expect(parts.reduce((sum, part) => sum + part.failed, 0)).toBe(1);
    expect(parts.findLast((part) => part.failed > 0)).toBe(parts[20]);
  });

  it('forgets what is older than a day when something new comes', () => {
    const before = withRecords(new Map(), [at(DAY - 10 * MINUTE, 'login.granted')], NOW);
    expect(before.size).toBe(1);
    expect(withRecords(before, [], NOW + 20 * MINUTE).size).toBe(0);
  });

  it.each([
    [40, 24],
    [78, 72],
    [138, 96],
    [300, 288],
  ])('has in %i columns %i parts, each of whole five minutes', (columns, parts) => {
    expect(partsIn(columns)).toBe(parts);
    expect(288 % parts).toBe(0);
  });
});

describe('pictures of characters', () => {
  it('gives each part that is not nothing a column, and all of them the whole bar', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(100_000), { minLength: 4, maxLength: 4 }),
        fc.integer({ min: 24, max: 200 }),
        (values, columns) => {
          const glyphs = ['a', 'b', 'c', 'd'];
          const bar = stackedBar(
            values.map((value, index) => ({ value, glyph: glyphs[index] ?? '' })),
            columns,
            look(),
          );
          if (bar.length !== columns) return false;
          return values.every((value, index) => value === 0 || bar.includes(glyphs[index] ?? ''));
        },
      ),
    );
  });

  it('draws nothing as a line, and four equal parts alike', () => {
    expect(stackedBar([{ value: 0, glyph: '#' }], 24, look())).toBe('─'.repeat(24));
    const bar = stackedBar(
      ['a', 'b', 'c', 'd'].map((glyph) => ({ value: 7, glyph })),
      24,
      look(),
    );
    expect(bar).toBe('aaaaaabbbbbbccccccdddddd');
  });

  it('draws columns over one row or several, in eighths, or in 7 bits', () => {
    expect(columnChart([0, 1, 4, 8], 1, look())).toEqual(['·▁▄█']);
    expect(columnChart([0, 1, 4, 8], 1, look({ LANG: 'C' }))).toEqual(['.:+@']);
    expect(columnChart([0, 1, 8], 2, look())).toEqual(['  █', '·▂█']);
    expect(columnChart([0, 0], 1, look())).toEqual(['··']);
  });
});

function listed(more: Partial<ListedUser> & Pick<ListedUser, 'name'>): ListedUser {
  return {
    ...{ id: more.name as UserId, display: '', group: '', role: 'user', disabled: false, lastLoginAt: null },
    ...{ lockedUntil: null, state: 'off' },
    ...more,
  };
}

function peopleOf(...users: readonly (Partial<ListedUser> & Pick<ListedUser, 'name'>)[]): People {
  const tally = createPeopleTally(NOW);
  for (const user of users) tally.add(listed(user));
  return tally.people();
}

const TWO_ADMINS = [
  { name: 'ada', role: 'admin', state: 'paired' },
  { name: 'bob', role: 'admin', state: 'paired' },
] as const;
const AUTO = { kind: 'auto', label: 'Ward LIVE' } as const;

function textsOf(facts: Partial<Parameters<typeof warningsOf>[0]>): readonly string[] {
  const people = peopleOf(...TWO_ADMINS);
  const all = { mode: AUTO, engine: 'sqljs', trouble: undefined, people, overdue: NOBODY, ...facts } as const;
  return warningsOf(all).map(({ text }) => text);
}

describe('what is to be mended', () => {
  it('is nothing in a facility that is in order', () => {
    expect(textsOf({})).toEqual([]);
  });

  it('begins with two-factor that is off or missing, loudly', () => {
    expect(textsOf({ mode: { kind: 'off' } })[0]).toMatch(/TWO-FACTOR IS OFF.*2 of them have/);
    expect(textsOf({ mode: undefined })[0]).toMatch(/SETTING IS MISSING.*2 users with two-factor on cannot/);
    expect(textsOf({ mode: undefined, trouble: 'x', people: undefined })).toHaveLength(2);
  });

  it.each([
    ['a label that says too little', { mode: { kind: 'auto', label: 'Ward' } as const }, /"Ward" does not tell/],
    ['a file that is not in order', { trouble: 'config.ini:3: x' }, /still is.*config\.ini:3/],
    ['a single admin', { people: peopleOf(TWO_ADMINS[0]) }, /ada is the only administrator/],
    ['a disabled second admin', { people: peopleOf(TWO_ADMINS[0], { ...TWO_ADMINS[1], disabled: true }) }, /only/],
    ['admins without two-factor', { people: peopleOf(...TWO_ADMINS, { name: 'eve', role: 'admin' }) }, /without.*eve/],
    [
      'users locked out for good',
      { people: peopleOf(...TWO_ADMINS, { name: 'dan', lockedUntil: LOCKED_FOR_GOOD }) },
      /until somebody unlocks them: dan/,
    ],
    [
      'users who have to wait',
      { people: peopleOf(...TWO_ADMINS, { name: 'dan', lockedUntil: NOW + 1 }) },
      /Waiting after wrong.*dan/,
    ],
    ['users who did not pair for long', { overdue: { count: 5, names: ['x', 'y', 'z'] } }, /x, y, z and 2 more/],
    [
      'Central, and users without their QR code',
      {
        mode: { kind: 'central', label: 'Ward LIVE' } as const,
        people: peopleOf(...TWO_ADMINS, { name: 'q', state: 'required' }),
      },
      /1 user has no QR code/,
    ],
    [
      'a facility that has outgrown its store engine',
      { people: { ...peopleOf(...TWO_ADMINS), total: 30_000 } },
      /With 30,000 users each log-on waits longer/,
    ],
  ])('names %s', (_, facts, words) => {
    expect(textsOf(facts).join('\n')).toMatch(words);
  });

  it('says of each how to mend it', () => {
    const people = peopleOf(
      { name: 'ada', role: 'admin', lockedUntil: LOCKED_FOR_GOOD },
      { name: 'b', lockedUntil: NOW + 1 },
    );
    const warnings = warningsOf({
      mode: { kind: 'auto', label: 'x' },
      engine: 'sqljs',
      trouble: 't',
      people,
      overdue: { count: 1, names: ['c'] },
    });
    expect(warnings.length).toBeGreaterThanOrEqual(6);
    for (const { mend } of warnings) expect(mend.length).toBeGreaterThan(20);
  });

  it('does not call a lock that is over one', () => {
    expect(textsOf({ people: peopleOf(...TWO_ADMINS, { name: 'dan', lockedUntil: NOW - 1 }) })).toEqual([]);
  });
});

describe('who was required to pair long ago', () => {
  function required(name: string, requiredAt: number, requiredFrom: number | null = null, disabled = false): User {
    return {
      ...{ id: name as UserId, name, nameKey: name as NameKey, display: '', group: '', role: 'user', disabled },
      ...{
        passwordHash: null,
        mustChangePassword: false,
        passwordExpiresAt: null,
        lastLoginAt: null,
        createdAt: 0,
        passwordVersion: 1,
      },
      ...{
        lockedUntil: null,
        version: 1,
        twoFactor: { ...TWO_FACTOR_OFF, state: 'required', requiredAt, requiredFrom },
      },
    };
  }

  it('counts from the date where there was one, and leaves disabled accounts out', () => {
    const long = NOW - 15 * DAY;
    const users = [
      required('late', long),
      required('dated', long, NOW - DAY),
      required('new', NOW - DAY),
      required('gone', long, null, true),
    ];
    expect(overdueOf(users, NOW)).toEqual({ count: 1, names: ['late'] });
  });

  it('names three at most', () => {
    expect(namesText({ count: 3, names: ['a', 'b', 'c'] })).toBe('a, b, c');
    expect(namesText({ count: 9, names: ['a', 'b', 'c'] })).toBe('a, b, c and 6 more');
  });
});
