/**
 * The screens that Tab goes through, in their order. To add one:
 *
 * 1. `screens/<name>-model.ts`: `open<Name>(desk): OpenScreen`. It keeps its state in a zustand store, changes it at once in
 *    `act`, asks and tells through the `Desk` (`desk.act` for everything that writes; `confirm`, `fillIn`, `tell` for
 *    dialogues), reads again in `refresh`, and drops secrets in `forget`. No React but the line that names its view.
 * 2. `screens/<name>.tsx`: the view: its state and `ViewProps` in, rows out (`Rows`, or any Ink tree that fits `room`). Text
 *    from outside goes through `cell`, `lastCell` or `inertText`; styles come from `look.theme`. 80x24 without colour is
 *    enough for all of it.
 * 3. Its keys: a context and rows in `keymap.ts`. Nothing else reads keys. What the role or the state forbids, `offers` denies.
 * 4. Its line in `SCREENS` below, its id in `panel.ts`, tests in `test/tui`.
 */
import type { Permission } from '../../core/roles.ts';
import type { Desk } from '../desk.ts';
import type { OpenScreen, ScreenId } from '../panel.ts';
import { openAudit } from './audit-model.tsx';
import { openConfig } from './config-model.tsx';
import { openOverview } from './overview-model.tsx';
import { openUsers } from './users-model.tsx';

export type ScreenEntry = {
  readonly id: ScreenId;
  /** Who has not this permission does not see it. */
  readonly permission: Permission;
  readonly open: (desk: Desk) => OpenScreen;
};

export const SCREENS: readonly ScreenEntry[] = [
  { id: 'overview', permission: 'read', open: openOverview },
  { id: 'users', permission: 'read', open: openUsers },
  { id: 'config', permission: 'read', open: openConfig },
  { id: 'audit', permission: 'read', open: openAudit },
];

export function firstScreen(desk: Desk): OpenScreen | undefined {
  return allowed(desk)[0]?.open(desk);
}

/** The one `by` places on, around the end; undefined where there is no other. */
export function neighbourScreen(desk: Desk, from: ScreenId | undefined, by: 1 | -1): OpenScreen | undefined {
  const screens = allowed(desk);
  const at = screens.findIndex((entry) => entry.id === from);
  const next = screens[(at + by + screens.length) % screens.length];
  return screens.length < 2 ? undefined : next?.open(desk);
}

function allowed(desk: Desk): readonly ScreenEntry[] {
  return SCREENS.filter((entry) => desk.may(entry.permission));
}
