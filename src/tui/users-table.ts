/**
 * The table of users: search, filters, sorting, marks, cursor and window. Pure, and fast with 100,000 rows: they are kept
 * in their sorted order with one lower-cased search string each.
 */
import { statusOf } from '../core/directory/user-summary.ts';
import type { ListedUser } from '../core/ports.ts';
import { TWO_FACTOR_STATES, type TwoFactorState } from '../core/two-factor.ts';
import { type EpochMs, ROLES, type Role, type UserId, type UserStatus } from '../core/user.ts';
import { dateText } from './date-text.ts';
import { everyone, filtered, foundRows, type Narrowing, narrowed } from './users-search.ts';

export type UserRow = {
  readonly id: UserId;
  readonly name: string;
  readonly display: string;
  readonly group: string;
  readonly role: Role;
  readonly state: TwoFactorState;
  readonly status: UserStatus;
  readonly lastLoginAt: EpochMs | null;
  /** Every column, lower-cased. */
  readonly searched: string;
};

export const SORT_COLUMNS = ['name', 'state', 'status', 'role', 'group', 'last-log-on', 'display'] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];
export type Sort = { readonly column: SortColumn; readonly direction: 'up' | 'down' };

export type UsersTable = {
  /** All users, sorted. */
  readonly rows: readonly UserRow[];
  /** Those that search and filters leave, in the same order. */
  readonly shown: readonly UserRow[];
  readonly groups: readonly string[];
  /** What `search` and its beginnings find among all rows. */
  readonly narrowing: Narrowing;
  readonly search: string;
  readonly state: TwoFactorState | undefined;
  readonly group: string | undefined;
  readonly sort: Sort;
  readonly marks: ReadonlySet<UserId>;
  /** Index into `shown`; 0 where it is empty. */
  readonly cursor: number;
  /** Index of the first row of the window. */
  readonly top: number;
  /** Rows of the window. */
  readonly height: number;
};

export const EMPTY_TABLE: UsersTable = {
  rows: [],
  shown: [],
  groups: [],
  narrowing: everyone([]),
  search: '',
  state: undefined,
  group: undefined,
  sort: { column: 'name', direction: 'up' },
  marks: new Set(),
  cursor: 0,
  top: 0,
  height: 1,
};

/** `before`: the row of the same user as it was; it is kept where nothing changed, so that reading again costs no memory. */
export function rowOf(user: ListedUser, now: EpochMs, before?: UserRow): UserRow {
  const { id, name, display, group, role, state, lastLoginAt } = user;
  const status = statusOf(user, now);
  if (
    before?.id === id &&
    before.name === name &&
    before.display === display &&
    before.group === group &&
    before.role === role &&
    before.state === state &&
    before.status === status &&
    before.lastLoginAt === lastLoginAt
  ) {
    return before;
  }
  const searched =
    `${name}\n${display}\n${group}\n${role}\n${state}\n${status}\n${dateText(lastLoginAt)}`.toLowerCase();
  return { id, name, display, group, role, state, status, lastLoginAt, searched };
}

/** Other rows, for the same people mostly: the cursor stays on its user, marks of users who are gone go. */
export function withRows(table: UsersTable, rows: readonly UserRow[]): UsersTable {
  const groups = [...new Set(rows.map((row) => row.group))].filter((group) => group !== '').sort();
  const sorted = sortRows(rows, table.sort);
  const ids = table.marks.size === 0 ? undefined : new Set(rows.map((row) => row.id));
  const marks = ids === undefined ? table.marks : new Set([...table.marks].filter((id) => ids.has(id)));
  const group = table.group !== undefined && groups.includes(table.group) ? table.group : undefined;
  return reshown(searchedAgain({ ...table, rows: sorted, groups, marks, group }));
}

export function withSearch(table: UsersTable, search: string): UsersTable {
  return reshown({ ...table, search, narrowing: narrowed(table.narrowing, search), cursor: 0, top: 0 });
}

export function withState(table: UsersTable, state: TwoFactorState | undefined): UsersTable {
  return reshown({ ...table, state });
}

export function withGroup(table: UsersTable, group: string | undefined): UsersTable {
  return reshown({ ...table, group });
}

/** All states, then one after the other. */
export function nextState(state: TwoFactorState | undefined): TwoFactorState | undefined {
  return state === undefined ? TWO_FACTOR_STATES[0] : TWO_FACTOR_STATES[TWO_FACTOR_STATES.indexOf(state) + 1];
}

export function nextGroup(table: UsersTable): string | undefined {
  return table.group === undefined ? table.groups[0] : table.groups[table.groups.indexOf(table.group) + 1];
}

export function withSort(table: UsersTable, sort: Sort): UsersTable {
  const rows = sortRows(table.rows, sort);
  return reshown(searchedAgain({ ...table, rows, sort }));
}

/** `by` columns further among those that are drawn. */
export function sortColumnFrom(sort: Sort, by: 1 | -1, columns: readonly SortColumn[] = SORT_COLUMNS): Sort {
  const at = columns.indexOf(sort.column);
  const next = columns[(at + by + columns.length) % columns.length] ?? 'name';
  return { column: next, direction: 'up' };
}

export function reversed(sort: Sort): Sort {
  return { ...sort, direction: sort.direction === 'up' ? 'down' : 'up' };
}

export function moveTo(table: UsersTable, row: number): UsersTable {
  const cursor = Math.max(0, Math.min(row, table.shown.length - 1));
  return { ...table, cursor, top: topFor(table, cursor) };
}

export function withHeight(table: UsersTable, height: number): UsersTable {
  if (height === table.height) return table;
  const resized = { ...table, height: Math.max(1, height) };
  return { ...resized, top: topFor(resized, resized.cursor) };
}

/** Marks the user under the cursor, or no longer, and goes on to the next row. */
export function toggleMark(table: UsersTable): UsersTable {
  const row = rowAtCursor(table);
  if (!row) return table;
  const marks = new Set(table.marks);
  if (!marks.delete(row.id)) marks.add(row.id);
  return moveTo({ ...table, marks }, table.cursor + 1);
}

/** Marks all that are shown; where they are marked already, unmarks them. */
export function toggleShownMarks(table: UsersTable): UsersTable {
  const marks = new Set(table.marks);
  const all = table.shown.every((row) => marks.has(row.id));
  for (const row of table.shown) {
    if (all) marks.delete(row.id);
    else marks.add(row.id);
  }
  return { ...table, marks };
}

/** Neither search nor filters nor marks. */
export function cleared(table: UsersTable): UsersTable {
  const narrowing = narrowed(table.narrowing, '');
  return reshown({ ...table, narrowing, search: '', state: undefined, group: undefined, marks: new Set() });
}

export function isNarrowed(table: UsersTable): boolean {
  return table.search !== '' || table.state !== undefined || table.group !== undefined || table.marks.size > 0;
}

export function rowAtCursor(table: UsersTable): UserRow | undefined {
  return table.shown[table.cursor];
}

/** The rows that are drawn. */
export function windowOf(table: UsersTable): readonly UserRow[] {
  return table.shown.slice(table.top, table.top + table.height);
}

/** The search over rows that are others than before, or in another order. */
function searchedAgain(table: UsersTable): UsersTable {
  return { ...table, narrowing: narrowed(everyone(table.rows), table.search) };
}

/** Filters what the search found, and keeps the cursor on its user, or near where it was. */
function reshown(table: UsersTable): UsersTable {
  const { narrowing, state, group } = table;
  const fits = (row: UserRow) =>
    (state === undefined || row.state === state) && (group === undefined || row.group === group);
  const found = foundRows(narrowing);
  const shown = state === undefined && group === undefined ? found : filtered(found, fits);
  const kept = rowAtCursor(table);
  const at = kept === undefined ? -1 : indexOfUser(shown, kept.id, table.cursor);
  return moveTo({ ...table, shown }, at < 0 ? table.cursor : at);
}

/** Mostly a user stays where he was. */
function indexOfUser(rows: readonly UserRow[], id: UserId, near: number): number {
  return rows[near]?.id === id ? near : rows.findIndex((row) => row.id === id);
}

/** The window moves only as far as it must: a cursor that moves inside it repaints two rows. */
function topFor(table: UsersTable, cursor: number): number {
  const { height, shown } = table;
  const most = Math.max(0, shown.length - height);
  if (cursor < table.top) return Math.min(cursor, most);
  if (cursor >= table.top + height) return Math.min(cursor - height + 1, most);
  return Math.min(table.top, most);
}

function sortRows(rows: readonly UserRow[], { column, direction }: Sort): readonly UserRow[] {
  const compare = COMPARE[column];
  const sign = direction === 'up' ? 1 : -1;
  return rows.toSorted((one, other) => sign * compare(one, other) || byText(one.searched, other.searched));
}

type Compare = (one: UserRow, other: UserRow) => number;

/** The search string begins with the name, lower-cased. Code units, not a collation: that takes a second for 100,000. */
const COMPARE: Readonly<Record<SortColumn, Compare>> = {
  name: (one, other) => byText(one.searched, other.searched),
  state: (one, other) => TWO_FACTOR_STATES.indexOf(one.state) - TWO_FACTOR_STATES.indexOf(other.state),
  status: (one, other) => byText(one.status, other.status),
  role: (one, other) => ROLES.indexOf(other.role) - ROLES.indexOf(one.role),
  group: (one, other) => byText(one.group, other.group),
  'last-log-on': (one, other) => (one.lastLoginAt ?? 0) - (other.lastLoginAt ?? 0),
  display: (one, other) => byText(one.display, other.display),
};

function byText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
