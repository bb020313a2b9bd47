/** User Properties (FAQ): everything about one user, and all that can be done for them. */
import { createStore } from 'zustand/vanilla';
import { type ClockReading, phoneClock } from '../../core/clock-drift.ts';
import type { User } from '../../core/ports.ts';
import { stateAt } from '../../core/two-factor.ts';
import type { Activity, Desk } from '../desk.ts';
import { editUser } from '../flows/edit-user.ts';
import { rehearseAndRequire } from '../flows/require-two-factor.ts';
import {
  deactivate,
  disable,
  enable,
  makeOneTimeCode,
  makeRecoveryCodes,
  remove,
  setPassword,
  showQrCode,
  unlock,
} from '../flows/user-care.ts';
import type { Action } from '../keymap.ts';
import type { OpenScreen } from '../panel.ts';
import type { UserRow } from '../users-table.ts';
import { Watch } from '../watch.tsx';
import { UserProperties } from './user.tsx';

export type UserState = {
  readonly name: string;
  /** Undefined until it is read, and once the user is gone. */
  readonly user: User | undefined;
  readonly known: 'reading' | 'there' | 'gone';
  readonly activity: readonly Activity[];
  readonly phone: ClockReading;
  readonly now: number;
};

export function openUser(desk: Desk, { id, name }: Pick<UserRow, 'id' | 'name'>): OpenScreen {
  const store = createStore<UserState>(() => ({
    ...{ name, user: undefined, known: 'reading', activity: [], phone: { kind: 'unknown', users: 0 } },
    now: desk.clock.now(),
  }));
  let activityUntil = 0;
  desk.read(refresh);

  async function refresh(): Promise<void> {
    const user = await desk.directory.byId(id);
    const now = desk.clock.now();
    if (user === undefined) return store.setState({ user, known: 'gone', activity: [], now });
    const changed = JSON.stringify(user) !== JSON.stringify(store.getState().user);
    store.setState({ user, known: 'there', now });
    // Somebody who does little is looked for through all of a long trail: not at each log-on of anybody else.
    if (!changed && now < activityUntil) return;
    activityUntil = now + ACTIVITY_MS;
    store.setState({ activity: await desk.recentActivity(user.name, MOST_ACTIVITY) });
    store.setState({ phone: phoneClock(await desk.facility.audit.codeMatches(), user.name) });
  }

  async function care(user: User, work: (desk: Desk, user: User) => Promise<unknown>): Promise<void> {
    await work(desk, user);
    activityUntil = 0;
    desk.read(refresh);
  }

  async function removeAndClose(_: Desk, user: User): Promise<void> {
    if (await remove(desk, user)) desk.close(screen);
  }

  function act(action: Action): void {
    const { user } = store.getState();
    const work = WORK[action];
    if (user === undefined) return;
    if (action === 'remove') void care(user, removeAndClose);
    else if (work !== undefined) void care(user, work);
  }

  function offers(action: Action): boolean {
    const { user } = store.getState();
    if (user === undefined) return false;
    const now = desk.clock.now();
    const state = stateAt(user.twoFactor, now);
    const may = (permission: Parameters<Desk['may']>[0]): boolean => desk.may(permission, user.role);
    switch (action) {
      case 'activate':
        return state === 'off' && may('manage-two-factor');
      case 'deactivate':
        return state !== 'off' && may('manage-two-factor');
      case 'show-qr':
        return state !== 'off' && may('show-qr');
      case 'one-time':
        return state !== 'off' && may('one-time-code');
      case 'recovery':
        return state === 'paired' && may('manage-two-factor');
      case 'set-password':
        return may('set-password');
      case 'unlock':
        return user.lockedUntil !== null && user.lockedUntil > now && may('unlock');
      case 'switch-off':
        return !user.disabled && may('manage-users');
      case 'switch-on':
        return user.disabled && may('manage-users');
      case 'edit':
      case 'remove':
        return may('manage-users');
      default:
        return false;
    }
  }

  const screen: OpenScreen = {
    id: 'user',
    title: () => 'User Properties',
    contexts: () => ['user'],
    offers,
    act,
    typing: () => false,
    type() {},
    tick: (now) => store.setState({ now }),
    refresh,
    draw: (props) => <Watch store={store} draw={(state) => <UserProperties state={state} {...props} />} />,
  };
  return screen;
}

const MOST_ACTIVITY = 50;
const ACTIVITY_MS = 10_000;

const WORK: Partial<Readonly<Record<Action, (desk: Desk, user: User) => Promise<unknown>>>> = {
  activate: (desk, user) => rehearseAndRequire(desk, { kind: 'users', ids: [user.id] }, null),
  deactivate,
  'show-qr': showQrCode,
  'one-time': makeOneTimeCode,
  recovery: makeRecoveryCodes,
  'set-password': setPassword,
  unlock,
  'switch-off': disable,
  'switch-on': enable,
  edit: editUser,
};
