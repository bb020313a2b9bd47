import { describe, expect, it } from 'vitest';
import type { ListedUser } from '../../src/core/ports.ts';
import type { UserId } from '../../src/core/user.ts';
import {
  cleared,
  EMPTY_TABLE,
  isNarrowed,
  moveTo,
  nextGroup,
  nextState,
  reversed,
  rowAtCursor,
  rowOf,
  sortColumnFrom,
  toggleMark,
  toggleShownMarks,
  type UsersTable,
  windowOf,
  withGroup,
  withHeight,
  withRows,
  withSearch,
  withSort,
  withState,
} from '../../src/tui/users-table.ts';
import { array, assert, constantFrom, property, string } from '../support/properties.ts';

const NOW = Date.parse('2026-03-02T08:00:00Z');

function listed(name: string, more: Partial<ListedUser> = {}): ListedUser {
  return {
    ...{ id: `id-${name}` as UserId, name, display: '', group: 'wards', role: 'user', state: 'off' },
    ...{ disabled: false, lastLoginAt: null, lockedUntil: null },
    ...more,
  };
}

function tableOf(...users: readonly ListedUser[]): UsersTable {
  const rows = users.map((user) => rowOf(user, NOW));
  return withRows(withHeight(EMPTY_TABLE, 5), rows);
}

const numbered = (count: number) =>
  tableOf(...Array.from({ length: count }, (_, at) => listed(`u${String(at).padStart(3, '0')}`)));
const names = (table: UsersTable) => table.shown.map((row) => row.name);

/** As the code before it looked: each row, for each word. */
function lookedThrough(table: UsersTable, search: string): readonly string[] {
  const words = search.toLowerCase().split(/\s+/);
  return table.rows.filter((row) => words.every((word) => row.searched.includes(word))).map((row) => row.name);
}

describe('searching the table', () => {
  it('finds the same however the search was typed, corrected and typed again', () => {
    const people = [listed('anna', { display: 'ΑΝΝΑ ΣΑΣ' }), listed('annie b'), listed('bob', { group: 'ann' })];
    const table = tableOf(...people, listed('b'), listed('ab', { state: 'paired' }), listed('a'));
    const edits = array(constantFrom('a', 'n', 'b', ' ', 'Σ', 'Α', 'A', '\b'), { maxLength: 30 });
    assert(
      property(edits, string({ maxLength: 3 }), (keys, pasted) => {
        let typed = '';
        let now = table;
        for (const key of [...keys, pasted]) {
          typed = key === '\b' ? typed.slice(0, -1) : typed + key;
          now = withSearch(now, typed);
          expect(names(now)).toEqual(lookedThrough(table, typed));
        }
      }),
    );
  });

  const table = tableOf(
    listed('alice', { display: 'Alice Liddell', state: 'paired', lastLoginAt: NOW }),
    listed('bruno', { group: 'Theatre', role: 'admin' }),
    listed('ZOË', { display: 'Ångström', disabled: true }),
  );

  it.each([
    ['name', 'ali', ['alice']],
    ['display name', 'LIDDELL', ['alice']],
    ['group', 'theat', ['bruno']],
    ['role', 'admin', ['bruno']],
    ['two-factor state', 'paired', ['alice']],
    ['account', 'disabled', ['ZOË']],
    ['last log-on', '2026-03', ['alice']],
    ['letters of any case and script', 'ångström zoë', ['ZOË']],
    ['several words, in any order', 'liddell ali', ['alice']],
  ])('finds by %s', (_, search, found) => {
    expect(names(withSearch(table, search))).toEqual(found);
  });

  it('finds the same whether it is typed letter by letter or pasted, and all again when it is cleared', () => {
    let typed = table;
    for (const text of ['b', 'br', 'bru']) typed = withSearch(typed, text);
    expect(names(typed)).toEqual(names(withSearch(table, 'bru')));
    expect(names(withSearch(withSearch(typed, 'al'), ''))).toEqual(names(table));
  });

  it('does not find across two columns', () => {
    expect(names(withSearch(table, 'alicealice'))).toEqual([]);
  });
});

describe('filters, sorting and marks', () => {
  const table = tableOf(
    listed('c', { state: 'paired', group: 'B', lastLoginAt: 3 }),
    listed('a', { state: 'off', group: 'A', lastLoginAt: 9 }),
    listed('b', { state: 'required', group: '', role: 'admin' }),
  );

  it('goes through the states and the groups and back to all', () => {
    const states = [nextState(undefined), nextState('off'), nextState('paired')];
    expect(states).toEqual(['off', 'required', undefined]);
    const first = withGroup(table, nextGroup(table));
    expect(names(first)).toEqual(['a']);
    expect(nextGroup(withGroup(first, nextGroup(first)))).toBeUndefined();
  });

  it('joins search, state and group', () => {
    expect(names(withState(withGroup(table, 'B'), 'paired'))).toEqual(['c']);
    expect(names(withState(withGroup(table, 'B'), 'off'))).toEqual([]);
  });

  it('sorts by each column both ways, the name deciding among equals', () => {
    const by = (column: UsersTable['sort']['column']) => names(withSort(table, { column, direction: 'up' }));
    expect(by('name')).toEqual(['a', 'b', 'c']);
    expect(by('state')).toEqual(['a', 'b', 'c']);
    expect(by('group')).toEqual(['b', 'a', 'c']);
    expect(by('role')).toEqual(['b', 'a', 'c']);
    expect(by('last-log-on')).toEqual(['b', 'c', 'a']);
    expect(names(withSort(table, reversed({ column: 'name', direction: 'up' })))).toEqual(['c', 'b', 'a']);
  });

  it('goes on only to columns that are drawn, around the end', () => {
    expect(sortColumnFrom({ column: 'status', direction: 'down' }, 1, ['name', 'status', 'group'])).toEqual({
      column: 'group',
      direction: 'up',
    });
    expect(sortColumnFrom({ column: 'name', direction: 'up' }, -1, ['name', 'status', 'group']).column).toBe('group');
  });

  it('marks the user under the cursor and goes on, and counts each once', () => {
    const marked = toggleMark(toggleMark(table));
    expect([...marked.marks]).toEqual(['id-a', 'id-b']);
    expect(marked.cursor).toBe(2);
    expect(toggleMark(moveTo(marked, 0)).marks.has('id-a' as UserId)).toBe(false);
  });

  it('marks all that are shown, and unmarks them the second time, without touching the others', () => {
    const one = toggleMark(table);
    const shown = toggleShownMarks(withSearch(one, 'admin'));
    expect(shown.marks.size).toBe(2);
    expect([...toggleShownMarks(shown).marks]).toEqual(['id-a']);
  });

  it('drops search, filters and marks at once', () => {
    const narrow = toggleMark(withState(withSearch(table, 'a'), 'off'));
    expect(isNarrowed(narrow)).toBe(true);
    expect(isNarrowed(cleared(narrow))).toBe(false);
    expect(names(cleared(narrow))).toEqual(['a', 'b', 'c']);
  });
});

describe('the window', () => {
  it('stays where it is while the cursor moves inside it, and then moves by one row', () => {
    let table = numbered(20);
    for (let step = 0; step < 4; step += 1) table = moveTo(table, table.cursor + 1);
    expect(table.top).toBe(0);
    table = moveTo(table, table.cursor + 1);
    expect(table.top).toBe(1);
    expect(windowOf(table).map((row) => row.name)).toEqual(['u001', 'u002', 'u003', 'u004', 'u005']);
  });

  it('never leaves the list', () => {
    const table = numbered(7);
    expect(moveTo(table, -5).cursor).toBe(0);
    expect(moveTo(table, 99)).toMatchObject({ cursor: 6, top: 2 });
    expect(moveTo(tableOf(), 3)).toMatchObject({ cursor: 0, top: 0 });
    expect(rowAtCursor(tableOf())).toBeUndefined();
  });

  it('keeps the cursor in sight when it gets smaller, and is full when it gets bigger', () => {
    const end = moveTo(numbered(20), 19);
    expect(withHeight(end, 3)).toMatchObject({ cursor: 19, top: 17 });
    expect(withHeight(end, 30)).toMatchObject({ cursor: 19, top: 0 });
  });
});

describe('reading the users again', () => {
  it('keeps the cursor on its user and the marks of those who are still there', () => {
    const table = toggleMark(tableOf(listed('a'), listed('b'), listed('c')));
    const after = withRows(
      table,
      [listed('0'), listed('b'), listed('c')].map((user) => rowOf(user, NOW)),
    );
    expect(rowAtCursor(after)?.name).toBe('b');
    expect(after.marks.size).toBe(0);
    const kept = withRows(
      table,
      [listed('a'), listed('b', { group: 'new' })].map((user) => rowOf(user, NOW)),
    );
    expect([...kept.marks]).toEqual(['id-a']);
  });

  it('keeps search and filters, and lets a filter go whose group is gone', () => {
    const table = withGroup(withSearch(tableOf(listed('xena', { group: 'x' }), listed('b')), 'xena'), 'x');
    const after = withRows(
      table,
      [listed('xena'), listed('b')].map((user) => rowOf(user, NOW)),
    );
    expect(after.group).toBeUndefined();
    expect(names(after)).toEqual(['xena']);
  });

  it('keeps the very row of a user of whom nothing changed, and makes another where anything did', () => {
    const before = rowOf(listed('a'), NOW);
    expect(rowOf(listed('a'), NOW, before)).toBe(before);
    for (const change of [
      { state: 'paired' },
      { disabled: true },
      { lockedUntil: NOW + 1 },
      { lastLoginAt: 1 },
      { group: 'x' },
    ] as const) {
      expect(rowOf(listed('a', change), NOW, before)).not.toBe(before);
    }
  });
});
