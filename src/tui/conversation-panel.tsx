/** A log-on as something that has the keyboard; where it failed, it says why and Enter begins another. */
import { createStore, type StoreApi, useStore } from 'zustand';
import { toFault } from '../core/errors.ts';
import type { Conversation, Done, Notice } from '../core/login/message.ts';
import { Rows } from '../terminal/rows.tsx';
import { type ConversationText, conversationLines } from './components/conversation-lines.ts';
import { type RunningConversation, runConversation } from './conversation-state.ts';
import type { Desk } from './desk.ts';
import type { Panel, ViewProps } from './panel.ts';

export type Granted = Extract<Done, { outcome: 'granted' }>;

type AttemptState = {
  readonly running: RunningConversation;
  /** Set where the last one ended without a grant, or its user has no business here. */
  readonly ended: readonly string[] | undefined;
};

export type ConversationPanel = Panel & {
  /** Ends it: no verdict will be told. */
  close(): void;
};

export function createConversationPanel(from: {
  readonly desk: Desk;
  readonly begin: () => Conversation;
  readonly givenName: string | undefined;
  readonly title: string;
  readonly intro: readonly string[];
  /** A sentence where this user, though granted, is not let in. */
  readonly onGranted: (done: Granted) => Promise<string | undefined>;
  readonly onGivenUp: () => void;
}): ConversationPanel {
  const { desk, title, intro } = from;
  const store = createStore<AttemptState>(() => ({ running: run(), ended: undefined }));

  function run(): RunningConversation {
    const { terminal, login } = desk.config();
    return runConversation({
      conversation: from.begin(),
      givenName: from.givenName,
      timeoutSeconds: login.timeoutSeconds,
      qrSeconds: terminal.qrSeconds,
      now: () => desk.clock.now(),
      onDone: (done, notices) => void ended(done, notices),
    });
  }

  async function ended(done: Done, notices: readonly Notice[]): Promise<void> {
    if (done.outcome === 'cancelled') return from.onGivenUp();
    if (done.outcome !== 'granted') {
      const said = notices.map((notice) => notice.text);
      store.setState({ ended: said.length > 0 ? said : [DENIED] });
      return;
    }
    const problem = await from.onGranted(done).catch((thrown: unknown) => toFault(thrown).message);
    if (problem !== undefined) store.setState({ ended: [problem] });
  }

  return {
    contexts: () => ['conversation'],
    question() {
      const { running, ended: over } = store.getState();
      return over ?? running.question();
    },
    offers: () => true,
    act(action) {
      const { running, ended: over } = store.getState();
      if (over !== undefined) {
        if (action === 'cancel') from.onGivenUp();
        else if (action === 'answer') store.setState({ running: run(), ended: undefined });
        return;
      }
      if (action === 'answer') running.answer();
      else if (action === 'next-choice') running.choose(1);
      else if (action === 'previous-choice') running.choose(-1);
      else if (action === 'invert') running.invert();
      else if (action === 'cancel') running.cancel();
    },
    typing: () => true,
    type(key) {
      const { running, ended: over } = store.getState();
      if (over === undefined) running.type(key);
    },
    tick(now) {
      const { running, ended: over } = store.getState();
      if (over === undefined) running.tick(now);
    },
    close: () => store.getState().running.forget(),
    draw: (props) => <ConversationView store={store} text={{ title, intro }} {...props} />,
  };
}

const DENIED = 'You were not let in.';

function ConversationView({
  store,
  text,
  room,
  look,
}: ViewProps & { readonly store: StoreApi<AttemptState>; readonly text: Omit<ConversationText, 'foot'> }) {
  const { running, ended } = useStore(store);
  const state = useStore(running.store);
  const { paint } = look.theme;
  const foot = [
    `${paint('key', 'Enter')} ${ended === undefined ? 'Go on' : 'Try again'}   ${paint('key', 'Esc')} Cancel`,
  ];
  const shown =
    ended === undefined
      ? state
      : {
          ...state,
          asked: undefined,
          notices: ended.map((line) => ({ type: 'notice', level: 'error', text: line }) as const),
        };
  return <Rows lines={conversationLines(shown, { ...text, foot }, { room, look })} {...room} />;
}
