/** The table of users: what is drawn of its window. One row, one `Text`; a move of the cursor changes two of them. */

import { fieldText } from '../../terminal/credentials-field-text.ts';
import { inertText } from '../../terminal/inert-text.ts';
import { Rows } from '../../terminal/rows.tsx';
import { dateText } from '../date-text.ts';
import type { Look } from '../look.ts';
import type { Size, ViewProps } from '../panel.ts';
import { cell, lastCell } from '../text-cell.ts';
import { SORT_COLUMNS, type SortColumn, type UserRow, type UsersTable, windowOf, withHeight } from '../users-table.ts';
import type { UsersState } from './users-model.tsx';

/** Rows of users in this room: above them the search and the column titles. */
export function tableRows(room: Size): number {
  return Math.max(1, room.rows - ROWS_ABOVE);
}

export function Users({ state, room, look }: ViewProps & { readonly state: UsersState }) {
  return <Rows lines={usersLines(state, { room, look })} {...room} />;
}

export function usersLines(state: UsersState, { room, look }: ViewProps): readonly string[] {
  const table = withHeight(state.table, tableRows(room));
  if (look.capabilities.screenReader) return spokenLines(state, table, look);
  const columns = columnsIn(room.columns);
  const rows = windowOf(table).map((row, index) =>
    rowLine(row, {
      columns,
      width: room.columns,
      look,
      marked: table.marks.has(row.id) ? 'marked' : 'not',
      at: table.top + index === table.cursor ? 'cursor' : 'else',
    }),
  );
  const none =
    state.loaded === undefined ? 'Reading the users...' : 'No user is like that. Esc drops search and filters.';
  return [
    statusLine(state, table, { room, look }),
    headLine(table, columns, look),
    ...(rows.length === 0 ? [`   ${none}`] : rows),
  ];
}

/** The columns of this width, for sorting. */
export function sortColumnsIn(width: number): readonly SortColumn[] {
  return columnsIn(width).map((column) => column.sort);
}

const ROWS_ABOVE = 2;
const MARGIN = 3;

type Column = {
  readonly sort: SortColumn;
  readonly title: string;
  readonly width: number;
  readonly text: (row: UserRow) => string;
};

const COLUMNS: Readonly<Record<SortColumn, Omit<Column, 'width' | 'sort'>>> = {
  name: { title: 'User', text: (row) => row.name },
  state: { title: '2FA', text: (row) => row.state },
  status: { title: 'Account', text: (row) => row.status },
  role: { title: 'Role', text: (row) => row.role },
  group: { title: 'Group', text: (row) => row.group },
  'last-log-on': { title: 'Last log-on', text: (row) => dateText(row.lastLoginAt) },
  display: { title: 'Name', text: (row) => row.display },
};

/** The widths at 80 columns; whatever a window has beyond them goes to the names. */
const WIDTHS: Readonly<Record<Exclude<SortColumn, 'display'>, number>> = {
  name: 16,
  state: 8,
  status: 8,
  role: 8,
  group: 12,
  'last-log-on': 11,
};

/** The display name is last, whatever its characters do; the role has no room in 80 columns. */
function columnsIn(width: number): readonly Column[] {
  const wide = width >= 100;
  const spare = Math.max(0, width - 100);
  return SORT_COLUMNS.filter((sort) => wide || sort !== 'role').map((sort) => ({
    sort,
    ...COLUMNS[sort],
    width: widthIn(sort, spare),
  }));
}

function widthIn(sort: SortColumn, spare: number): number {
  if (sort === 'display') return 0;
  if (sort === 'name') return WIDTHS.name + Math.min(16, Math.floor(spare / 3));
  if (sort === 'group') return WIDTHS.group + Math.min(12, Math.floor(spare / 4));
  return WIDTHS[sort];
}

function rowLine(
  row: UserRow,
  drawn: {
    readonly columns: readonly Column[];
    readonly width: number;
    readonly look: Look;
    readonly marked: 'marked' | 'not';
    readonly at: 'cursor' | 'else';
  },
): string {
  const { columns, width, look } = drawn;
  const { theme, capabilities } = look;
  const { pointer, ticked } = theme.glyphs;
  const cursor = drawn.at === 'cursor';
  const margin = `${cursor ? pointer : ' '}${drawn.marked === 'marked' ? ticked : ' '} `;
  const last = columns.at(-1);
  const used = MARGIN + columns.slice(0, -1).reduce((sum, column) => sum + column.width + 1, 0);
  const cells = columns.slice(0, -1).map((column) => {
    const text = cell(column.text(row), column.width, capabilities);
    return column.sort === 'status' && row.status !== 'active' ? theme.paint('warning', text) : text;
  });
  const rest = last === undefined ? '' : lastCell(last.text(row), Math.max(1, width - used), capabilities);
  const line = `${margin}${cells.join(' ')} ${rest}`;
  return cursor ? theme.paint('selected', line) : line;
}

function headLine(table: UsersTable, columns: readonly Column[], look: Look): string {
  const { up, down } = look.theme.glyphs;
  const arrow = table.sort.direction === 'up' ? up : down;
  const titles = columns.map(({ sort, title, width }) => {
    const shown = table.sort.column === sort ? `${title} ${arrow}` : title;
    return width === 0 ? shown : shown.slice(0, width).padEnd(width);
  });
  return look.theme.paint('strong', `   ${titles.join(' ')}`);
}

/** Search and filters, and what they leave. The cursor's place is not in it: it would be sent with each move. */
function statusLine(state: UsersState, table: UsersTable, { room: { columns: width }, look }: ViewProps): string {
  const { theme, capabilities } = look;
  const filters = [
    table.state === undefined ? '' : `2FA ${table.state}`,
    table.group === undefined
      ? ''
      : `group ${cell(table.group, Math.min(20, table.group.length), capabilities).trimEnd()}`,
    table.marks.size === 0 ? '' : `${table.marks.size} selected`,
  ].filter((text) => text !== '');
  const all = `${table.rows.length} ${table.rows.length === 1 ? 'user' : 'users'}`;
  const count = table.shown.length === table.rows.length ? all : `${table.shown.length} of ${all}`;
  const right = [...filters, state.loaded === undefined ? '' : count].join(` ${theme.glyphs.separator} `);
  const room = Math.max(8, width - right.length - 4);
  if (state.searching === undefined) {
    const search = table.search === '' ? '' : `/${lastCell(table.search, room - 1, capabilities)}`;
    return ` ${right}${search === '' ? '' : `   ${theme.paint('strong', search)}`}`;
  }
  const shown = { text: table.search, length: table.search.length, secret: false };
  const { text } = fieldText({ shown, columns: Math.min(40, room), theme, style: capabilities });
  return ` /${text} ${right}`;
}

/** Listened to, a table is one row at a time. */
function spokenLines(state: UsersState, table: UsersTable, look: Look): readonly string[] {
  const row = table.shown[table.cursor];
  const say = (text: string): string => inertText(text, look.capabilities);
  if (row === undefined) return [state.loaded === undefined ? 'Reading the users.' : 'No users.'];
  const mark = table.marks.has(row.id) ? ' Selected.' : '';
  const search = table.search === '' ? '' : ` Search: ${say(table.search)}.`;
  return [
    `User ${table.cursor + 1} of ${table.shown.length}: ${say(row.name)}.${mark} Two-factor ${row.state}. Account ${row.status}. Role ${row.role}.`,
    `Group ${say(row.group) || 'none'}. Last log-on ${dateText(row.lastLoginAt)}. ${say(row.display)}.${search}`,
    table.marks.size === 0 ? '' : `${table.marks.size} selected.`,
  ].filter((line) => line !== '');
}
