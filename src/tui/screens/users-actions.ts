/** What a key makes of the table of users. Pure. */
import type { Action } from '../keymap.ts';
import {
  cleared,
  moveTo,
  nextGroup,
  nextState,
  reversed,
  type SortColumn,
  sortColumnFrom,
  toggleMark,
  toggleShownMarks,
  type UsersTable,
  withGroup,
  withSort,
  withState,
} from '../users-table.ts';

/** Undefined: the action is none of the table's. `columns`: those that are drawn. */
export function tableAfter(table: UsersTable, action: Action, columns: readonly SortColumn[]): UsersTable | undefined {
  switch (action) {
    case 'up':
      return moveTo(table, table.cursor - 1);
    case 'down':
      return moveTo(table, table.cursor + 1);
    case 'page-up':
      return moveTo(table, table.cursor - table.height);
    case 'page-down':
      return moveTo(table, table.cursor + table.height);
    case 'first':
      return moveTo(table, 0);
    case 'last':
      return moveTo(table, table.shown.length - 1);
    case 'mark':
      return toggleMark(table);
    case 'mark-shown':
      return toggleShownMarks(table);
    case 'clear':
      return cleared(table);
    case 'filter-state':
      return withState(table, nextState(table.state));
    case 'filter-group':
      return withGroup(table, nextGroup(table));
    case 'sort-next':
      return withSort(table, sortColumnFrom(table.sort, 1, columns));
    case 'sort-previous':
      return withSort(table, sortColumnFrom(table.sort, -1, columns));
    case 'sort-reverse':
      return withSort(table, reversed(table.sort));
    default:
      return undefined;
  }
}
