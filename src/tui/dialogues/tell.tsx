/**
 * Something to be read and closed. What is in it is dropped when it closes, so codes and passwords that are shown once are in
 * no state afterwards; after `QrSeconds` they go from the screen by themselves.
 */
import { createStore, type StoreApi, useStore } from 'zustand';
import { Rows } from '../../terminal/rows.tsx';
import { type DialogueTone, drawDialogue } from '../components/dialogue-lines.ts';
import { scrolled } from '../components/scroll.ts';
import type { DialogueDesk } from '../desk.ts';
import type { Body, Dialogue } from '../dialogue.ts';
import type { Action } from '../keymap.ts';
import type { ViewProps } from '../panel.ts';

export type Notice = {
  readonly title: string;
  readonly tone?: DialogueTone;
  readonly body: Body;
  /** Shown once: blanked after `QrSeconds`. */
  readonly secret?: 'secret';
};

type TellState = Notice & { readonly top: number; readonly secondsLeft: number | undefined };

const BLANKED: Body = {
  paragraphs: ['This was on the screen long enough, and is not kept. Make a new one where it is still needed.'],
};

/** Resolves when it was closed. */
export function tell(desk: DialogueDesk, notice: Notice): Promise<void> {
  return new Promise((resolve) => desk.show(createTell(desk, notice, resolve)));
}

function createTell(desk: DialogueDesk, notice: Notice, resolve: () => void): Dialogue {
  const seconds = desk.config().terminal.qrSeconds;
  const until = notice.secret === undefined ? undefined : desk.clock.now() + seconds * 1000;
  const store = createStore<TellState>(() => ({
    ...notice,
    top: 0,
    secondsLeft: until === undefined ? undefined : seconds,
  }));

  function close(): void {
    store.setState({ body: BLANKED });
    desk.hide(dialogue);
    resolve();
  }

  const dialogue: Dialogue = {
    contexts: () => ['told'],
    offers: () => true,
    act(action) {
      if (action === 'close') close();
      else store.setState((state) => ({ top: scrolledIn(desk, state, action) }));
    },
    typing: () => false,
    type() {},
    tick(now) {
      if (until === undefined || store.getState().secondsLeft === undefined) return;
      const secondsLeft = Math.ceil((until - now) / 1000);
      store.setState(secondsLeft > 0 ? { secondsLeft } : { secondsLeft: undefined, body: BLANKED, top: 0 });
    },
    dismiss: close,
    draw: (props) => <TellView store={store} {...props} />,
  };
  return dialogue;
}

function TellView({ store, room, look }: ViewProps & { readonly store: StoreApi<TellState> }) {
  return <Rows lines={drawn(useStore(store), { room, look }).lines} {...room} />;
}

function drawn(state: TellState, { room, look }: ViewProps) {
  const { paint } = look.theme;
  const blanks = state.secondsLeft === undefined ? '' : paint('muted', `   blanked in ${state.secondsLeft} s`);
  return drawDialogue({ tone: 'plain', ...state, foot: [`${paint('key', 'Enter')} Close${blanks}`] }, room, look);
}

function scrolledIn(desk: DialogueDesk, state: TellState, action: Action): number {
  const { listRows } = drawn(state, { room: desk.room(), look: desk.look() });
  return scrolled({ top: state.top, rows: listRows }, action, state.body.list?.length ?? 0);
}
