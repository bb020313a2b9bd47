/** Users (the FAQ's User Manager): the table of everybody, search, selection, and Require 2FA. */

import { createStore } from 'zustand/vanilla';
import { createCredentialsField } from '../../terminal/credentials-field.ts';
import type { Key } from '../../terminal/keys.ts';
import type { Desk } from '../desk.ts';
import { addUser } from '../flows/add-user.ts';
import { requireTwoFactor } from '../flows/require-two-factor.ts';
import type { Action } from '../keymap.ts';
import type { OpenScreen } from '../panel.ts';
import {
  EMPTY_TABLE,
  isNarrowed,
  rowAtCursor,
  rowOf,
  type UserRow,
  type UsersTable,
  withHeight,
  withRows,
  withSearch,
} from '../users-table.ts';
import { Watch } from '../watch.tsx';
import { openUser } from './user-model.tsx';
import { sortColumnsIn, tableRows, Users } from './users.tsx';
import { tableAfter } from './users-actions.ts';

export type UsersState = {
  readonly table: UsersTable;
  readonly searching: 'searching' | undefined;
  readonly loaded: 'loaded' | undefined;
};

export function openUsers(desk: Desk): OpenScreen {
  const store = createStore<UsersState>(() => ({ table: EMPTY_TABLE, searching: undefined, loaded: undefined }));
  let field = createCredentialsField({ secret: false });
  /** As they were read: the next reading has most of them at the same place. */
  let inStoreOrder: readonly UserRow[] = [];
  desk.read(refresh);

  async function refresh(): Promise<void> {
    const now = desk.clock.now();
    const rows: UserRow[] = [];
    await desk.directory.visitUsers((user) => rows.push(rowOf(user, now, inStoreOrder[rows.length])));
    const same = rows.length === inStoreOrder.length && rows.every((row, index) => row === inStoreOrder[index]);
    inStoreOrder = rows;
    if (!same) change((table) => withRows(table, rows));
    store.setState({ loaded: 'loaded' });
  }

  /** The window may have another height by now; what the cursor does hangs on it. */
  function change(by: (table: UsersTable) => UsersTable): void {
    store.setState(({ table }) => ({ table: by(withHeight(table, tableRows(desk.room()))) }));
  }

  function search(text: string): void {
    field = createCredentialsField({ secret: false, text });
    change((table) => withSearch(table, text));
  }

  function act(action: Action): void {
    const columns = sortColumnsIn(desk.room().columns);
    change((table) => tableAfter(table, action, columns) ?? table);
    const { table } = store.getState();
    const row = rowAtCursor(table);
    switch (action) {
      case 'open':
        if (row) desk.open(openUser(desk, row));
        return;
      case 'search':
        store.setState({ searching: 'searching' });
        return;
      case 'search-keep':
        store.setState({ searching: undefined });
        return;
      case 'search-drop':
        store.setState({ searching: undefined });
        search('');
        return;
      case 'clear':
        search('');
        return;
      case 'add':
        void addUser(desk, table.groups);
        return;
      case 'require':
        void requireTwoFactor(desk, table);
        return;
      default:
    }
  }

  function type(key: Key): void {
    field.take(key.kind === 'paste' ? { kind: 'paste', text: key.text.replace(/[\r\n]+/g, ' ') } : key);
    change((table) => withSearch(table, field.value()));
  }

  function offers(action: Action): boolean {
    const { table, loaded } = store.getState();
    switch (action) {
      case 'add':
        return loaded !== undefined && desk.may('manage-users');
      case 'require':
        return loaded !== undefined && desk.may('manage-two-factor');
      case 'open':
      case 'mark':
      case 'mark-shown':
        return table.shown.length > 0;
      case 'filter-group':
        return table.groups.length > 0;
      case 'clear':
        return isNarrowed(table);
      default:
        return true;
    }
  }

  const searching = (): boolean => store.getState().searching !== undefined;
  return {
    id: 'users',
    title: () => 'Users',
    contexts: () => (searching() ? ['search'] : ['users', 'list']),
    offers,
    act,
    typing: searching,
    type,
    refresh,
    draw: (props) => <Watch store={store} draw={(state) => <Users state={state} {...props} />} />,
  };
}
