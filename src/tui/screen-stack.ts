/** The screens that are open, one on the other. Each is read again only where something was written since it was read. */
import type { StoreApi } from 'zustand/vanilla';
import type { ConsoleState } from './console-state.ts';
import type { OpenScreen } from './panel.ts';

export type ScreenStack = {
  open(screen: OpenScreen): void;
  /** Nothing but these from now on. */
  replace(screens: readonly OpenScreen[]): void;
  /** False: it is not open, or the only one. */
  close(screen: OpenScreen): boolean;
  /** Secrets go from the state of all of them. */
  forget(): void;
  readTop(): Promise<void>;
};

/** `seen` is the store's revision as it was last asked for; screens read what is there now when they are made. */
export function createScreenStack(
  { getState, setState }: StoreApi<ConsoleState>,
  seen: () => string | undefined,
): ScreenStack {
  const readAt = new WeakMap<OpenScreen, string>();

  function justRead(screen: OpenScreen): OpenScreen {
    const revision = seen();
    if (revision !== undefined) readAt.set(screen, revision);
    return screen;
  }

  function forget(): void {
    for (const screen of getState().screens) screen.forget?.();
  }

  return {
    open: (screen) => setState(({ screens }) => ({ screens: [...screens, justRead(screen)] })),
    replace(screens) {
      forget();
      setState({ screens: screens.map(justRead) });
    },
    close(screen) {
      const { screens } = getState();
      if (screens.length < 2 || !screens.includes(screen)) return false;
      screen.forget?.();
      setState({ screens: screens.filter((one) => one !== screen) });
      return true;
    },
    forget,
    async readTop() {
      const top = getState().screens.at(-1);
      const revision = seen();
      if (top === undefined || readAt.get(top) === revision) return;
      if (revision !== undefined) readAt.set(top, revision);
      await top.refresh?.();
    },
  };
}
