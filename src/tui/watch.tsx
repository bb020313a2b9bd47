/** Draws a state again whenever it changes. */
import type { ReactNode } from 'react';
import { type StoreApi, useStore } from 'zustand';

export function Watch<State>({
  store,
  draw,
}: {
  readonly store: StoreApi<State>;
  readonly draw: (state: State) => ReactNode;
}): ReactNode {
  return draw(useStore(store));
}
