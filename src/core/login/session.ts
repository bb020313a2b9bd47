/**
 * Runs a login: events in, the machine's effects through the ports, messages out. One answer is worked on at a time; what
 * breaks inside ends the login as unavailable, never as a grant and never as a rejected promise.
 */
import type { Ask, Conversation, Message } from './message.ts';
import { promptOf } from './prompt.ts';
import { doneMessage, type Effect, INITIAL, type LoginContext, type LoginEvent, type LoginState } from './state.ts';
import { transition } from './transition.ts';
import { noticeOf } from './wording.ts';

/** What carries an effect out; effects that answer with an event return it. Throws only what `explain` understands. */
export type EffectRunner = {
  run(effect: PortEffect): Promise<LoginEvent | undefined>;
  /** The event for something thrown. */
  explain(thrown: unknown): Extract<LoginEvent, { type: 'failed' }>;
};

type Spoken = 'say' | 'show-pair' | 'show-recovery-codes';
export type SpokenEffect = Extract<Effect, { do: Spoken }>;
export type PortEffect = Exclude<Effect, { do: Spoken }>;

export function createSession(options: {
  readonly context: LoginContext;
  readonly runner: EffectRunner;
  readonly nonce: string | undefined;
  /** True once the login took longer than TimeoutSeconds. */
  readonly overdue: () => boolean;
}): Conversation {
  const { context, runner, nonce, overdue } = options;
  let state: LoginState = INITIAL;
  let asks = 0;
  let open: Ask | undefined;
  let queue: Promise<readonly Message[]> = Promise.resolve([]);

  /** Feeds events to the machine until it waits for a person or is done; collects what is to be said. */
  async function feed(first: LoginEvent): Promise<Message[]> {
    const messages: Message[] = [];
    let next: LoginEvent | undefined = first;
    while (next !== undefined) {
      const moved: ReturnType<typeof transition> = transition(context, state, next);
      state = moved.state;
      next = undefined;
      for (const effect of moved.effects) {
        if (isSpoken(effect)) messages.push(spoken(effect));
        else next = (await outcomeOf(effect)) ?? next;
      }
    }
    messages.push(closing());
    return messages;
  }

  async function outcomeOf(effect: PortEffect): Promise<LoginEvent | undefined> {
    try {
      return await runner.run(effect);
    } catch (thrown) {
      // A verdict stands whether or not it could be written down; everything else that breaks ends the login.
      return effect.do === 'record-verdict' ? undefined : runner.explain(thrown);
    }
  }

  /** The message that every reply ends with: the open question, or the verdict. */
  function closing(): Message {
    const prompt = promptOf(state);
    if (prompt !== undefined) {
      asks += 1;
      open = { type: 'ask', id: asks, ...prompt };
      return open;
    }
    if (state.at !== 'done') state = { at: 'done', verdict: { outcome: 'unavailable', reason: 'internal' } };
    open = undefined;
    return doneMessage(state.verdict, nonce);
  }

  function inTurn(work: () => Promise<readonly Message[]>): Promise<readonly Message[]> {
    queue = queue.then(work, work);
    return queue;
  }

  return {
    start: () => inTurn(() => feed({ type: 'started' })),
    answer: (id, value) =>
      inTurn(async () => {
        if (open === undefined) return [closing()];
        if (overdue()) return feed({ type: 'timed-out' });
        if (id !== open.id) return [noticeOf('old-answer'), open];
        return feed({ type: 'answered', value });
      }),
    cancel: () => inTurn(() => feed({ type: 'cancelled' })),
    timeOut: () => inTurn(() => feed({ type: 'timed-out' })),
    inputEnded: () => inTurn(() => feed({ type: 'input-ended' })),
  };
}

function isSpoken(effect: Effect): effect is SpokenEffect {
  return effect.do === 'say' || effect.do === 'show-pair' || effect.do === 'show-recovery-codes';
}

function spoken(effect: SpokenEffect): Message {
  switch (effect.do) {
    case 'say':
      return noticeOf(effect.notice, effect.values);
    case 'show-pair':
      return effect.shown;
    case 'show-recovery-codes':
      return { ...noticeOf('recovery-codes'), codes: effect.codes };
  }
}
