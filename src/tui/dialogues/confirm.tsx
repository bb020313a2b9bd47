/** A question with Yes and No. Invariant: No is what Enter and Esc mean; Yes is a key of its own. */
import { createStore, type StoreApi, useStore } from 'zustand';
import { Rows } from '../../terminal/rows.tsx';
import { type DialogueTone, drawDialogue } from '../components/dialogue-lines.ts';
import { scrolled } from '../components/scroll.ts';
import type { DialogueDesk } from '../desk.ts';
import type { Body, Dialogue } from '../dialogue.ts';
import type { Action } from '../keymap.ts';
import type { ViewProps } from '../panel.ts';

export type Question = {
  readonly title: string;
  readonly tone?: DialogueTone;
  readonly body: Body;
  /** What Yes does, in a few words: `disable this account`. */
  readonly deed: string;
};

export type ConfirmState = Question & { readonly top: number };

/** True for Yes. */
export function confirm(desk: DialogueDesk, question: Question): Promise<boolean> {
  return new Promise((resolve) => desk.show(createConfirm(desk, question, resolve)));
}

function createConfirm(desk: DialogueDesk, question: Question, resolve: (yes: boolean) => void): Dialogue {
  const store = createStore<ConfirmState>(() => ({ ...question, top: 0 }));

  function answer(yes: boolean): void {
    desk.hide(dialogue);
    resolve(yes);
  }

  function act(action: Action): void {
    if (action === 'yes') answer(true);
    else if (action === 'no') answer(false);
    else store.setState((state) => ({ top: scrolledIn(desk, state, action) }));
  }

  const dialogue: Dialogue = {
    contexts: () => ['confirm'],
    offers: () => true,
    act,
    typing: () => false,
    type() {},
    dismiss: () => answer(false),
    draw: (props) => <ConfirmView store={store} {...props} />,
  };
  return dialogue;
}

function ConfirmView({ store, room, look }: ViewProps & { readonly store: StoreApi<ConfirmState> }) {
  const { lines } = drawn(useStore(store), { room, look });
  return <Rows lines={lines} {...room} />;
}

function drawn(state: ConfirmState, { room, look }: ViewProps) {
  const foot = [`${look.theme.paint('key', 'y')} Yes, ${state.deed}`, `${look.theme.paint('key', 'Enter')} No`];
  return drawDialogue({ tone: 'plain', ...state, foot }, room, look);
}

function scrolledIn(desk: DialogueDesk, state: ConfirmState, action: Action): number {
  const { listRows } = drawn(state, { room: desk.room(), look: desk.look() });
  return scrolled({ top: state.top, rows: listRows }, action, state.body.list?.length ?? 0);
}
