/**
 * A conversation that asks for name and password before the facility is open, since every log-on begins with them, and then
 * replays the answers to the real one. Invariant: it never settles anything itself; from the second answer on, each reply is
 * the real conversation's own, and so is the verdict.
 */
import type { Ask, Conversation, Done, Message } from '../core/login/message.ts';
import { FIELD_LABELS, noticeOf } from '../core/login/wording.ts';

export type LazyConversation = Conversation & {
  /** What `start` asks, and nothing before it. */
  readonly first: Ask;
  /** Begins to open the facility, for a moment when there is time. */
  warm(): void;
};

/** `open` is called at most once; where it rejects, so does the reply that needed it. */
export function lazyConversation(lazy: {
  readonly givenName: string | undefined;
  readonly open: () => Promise<Conversation>;
}): LazyConversation {
  const { givenName, open } = lazy;
  const first = givenName === undefined ? USERNAME : passwordAsk(1);
  let opened: Promise<Started> | undefined;
  /** The name, while the password is asked and the real conversation has not heard it. */
  let name: string | undefined;
  let ahead = true;

  function real(): Promise<Started> {
    if (opened === undefined) {
      opened = begin(open);
      // Nobody may be waiting for it yet.
      opened.catch(() => {});
    }
    return opened;
  }

  /** Brings the real conversation to where the person is. What it has to say if it is somewhere else. */
  async function catchUp(): Promise<{ readonly conversation: Conversation; readonly detour?: readonly Message[] }> {
    ahead = false;
    const { conversation, first: reply } = await real();
    if (!endsWith(reply, first)) return { conversation, detour: reply };
    if (name === undefined) return { conversation };
    const second = await conversation.answer(1, name);
    return endsWith(second, passwordAsk(2)) ? { conversation } : { conversation, detour: second };
  }

  async function answer(id: number, value: string): Promise<readonly Message[]> {
    if (!ahead) return (await real()).conversation.answer(id, value);
    if (givenName === undefined && name === undefined && id === 1 && value.trim() !== '') {
      name = value;
      return [passwordAsk(2)];
    }
    const { conversation, detour } = await catchUp();
    return detour ?? conversation.answer(id, value);
  }

  /** Until the real conversation has heard anything, there is nothing to end, and no reason to open the facility. */
  async function end(how: keyof Ending, verdict: Done): Promise<readonly Message[]> {
    if (!ahead) return (await real()).conversation[how]();
    return how === 'timeOut' ? [noticeOf('timed-out'), verdict] : [verdict];
  }

  return {
    first,
    warm: () => void real(),
    start: async () => [first],
    answer,
    cancel: () => end('cancel', { type: 'done', outcome: 'cancelled', reason: 'cancelled' }),
    timeOut: () => end('timeOut', { type: 'done', outcome: 'denied', reason: 'timed-out' }),
    inputEnded: () => end('inputEnded', { type: 'done', outcome: 'denied', reason: 'input-ended' }),
  };
}

type Ending = Pick<Conversation, 'cancel' | 'timeOut' | 'inputEnded'>;
type Started = { readonly conversation: Conversation; readonly first: readonly Message[] };

async function begin(open: () => Promise<Conversation>): Promise<Started> {
  const conversation = await open();
  return { conversation, first: await conversation.start() };
}

const USERNAME: Ask = { type: 'ask', id: 1, field: 'username', label: FIELD_LABELS.username, secret: false };

function passwordAsk(id: number): Ask {
  return { type: 'ask', id, field: 'password', label: FIELD_LABELS.password, secret: true };
}

/** A reply that only asks what was asked already; anything said beside it has to be heard. */
function endsWith(reply: readonly Message[], expected: Ask): boolean {
  const [only, ...more] = reply;
  return more.length === 0 && only?.type === 'ask' && only.id === expected.id && only.field === expected.field;
}
