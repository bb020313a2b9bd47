/**
 * A log-on inside the console: signing in, unlocking, step-up. Invariants: what is typed is in the field alone until it is
 * answered; QR code, key and recovery codes leave the state with the question they belong to; the verdict is the gate's.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Ask, Conversation, Done, Message, Notice, Pair } from '../core/login/message.ts';
import { type CredentialsField, createCredentialsField, type FieldShown } from '../terminal/credentials-field.ts';
import type { Key } from '../terminal/keys.ts';
import { type QrCodes, qrCodes } from '../terminal/qr-matrix.ts';
import type { QrPolarity } from '../terminal/qr-picture.ts';

export type Asked =
  | { readonly kind: 'field'; readonly label: string; readonly shown: FieldShown }
  | { readonly kind: 'choice'; readonly label: string; readonly options: readonly string[]; readonly selected: number }
  | { readonly kind: 'waiting' };

export type ConversationState = {
  readonly answered: readonly { readonly label: string; readonly shown: FieldShown }[];
  /** Undefined: nothing any more, it is over. */
  readonly asked: Asked | undefined;
  readonly notices: readonly Notice[];
  /** `codes` undefined: blanked after QrSeconds. */
  readonly pairing:
    | { readonly pair: Pair; readonly codes: QrCodes | undefined; readonly polarity: QrPolarity }
    | undefined;
  readonly recoveryCodes: readonly string[] | undefined;
};

export type RunningConversation = {
  readonly store: StoreApi<ConversationState>;
  /** What is asked, until the next question. Name and password are one: who types both is not held up. */
  question(): object;
  type(key: Key): void;
  /** Enter. */
  answer(): void;
  choose(by: 1 | -1): void;
  invert(): void;
  cancel(): void;
  tick(now: number): void;
  /** Drops everything, without a verdict to be told. */
  forget(): void;
};

export function runConversation(from: {
  readonly conversation: Conversation;
  readonly givenName: string | undefined;
  readonly timeoutSeconds: number;
  readonly qrSeconds: number;
  readonly now: () => number;
  /** Called once, with what was said together with the verdict. */
  readonly onDone: (done: Done, notices: readonly Notice[]) => void;
}): RunningConversation {
  const { conversation, givenName, now, onDone } = from;
  let deadline = now() + from.timeoutSeconds * 1000;
  const store = createStore<ConversationState>(() => ({
    ...NOTHING,
    answered: givenName === undefined ? [] : [nameRow(givenName)],
  }));
  let open: Ask | undefined;
  let field: CredentialsField = createCredentialsField({ secret: true });
  let question: object = {};
  /** Typed behind the Enter of the user name: the password, which is asked next, has it. */
  let held: Key[] = [];
  let lastField: Ask['field'] | undefined;
  let blankAt = Number.POSITIVE_INFINITY;
  let over: 'over' | undefined;

  void hear(conversation.start());

  async function hear(reply: Promise<readonly Message[]>): Promise<void> {
    const messages = await reply;
    const pair = messages.find((message): message is Pair => message.type === 'pair');
    const codes = pair === undefined ? undefined : await qrCodes(pair.uri);
    if (over !== undefined) return;
    const notices = messages.filter((message): message is Notice => message.type === 'notice');
    const closing = messages.at(-1);
    if (closing?.type === 'done') return end(closing, notices);
    if (pair !== undefined) {
      store.setState({ pairing: { pair, codes, polarity: 'light-on-dark' } });
      blankAt = now() + from.qrSeconds * 1000;
      // Installing an app and scanning takes longer than a log-on.
      deadline = Math.max(deadline, now() + pair.expiresInSeconds * 1000);
    }
    if (closing?.type !== 'ask') return;
    if (closing.field !== 'code') store.setState({ pairing: undefined });
    store.setState({ notices, recoveryCodes: notices.find(hasCodes)?.codes });
    ask(closing);
  }

  function ask(next: Ask): void {
    open = next;
    field = createCredentialsField({ secret: next.secret });
    const rows = store.getState().answered;
    const again = rows.findIndex((row) => row.label === next.label);
    store.setState({ asked: askedNow(0), answered: again < 0 ? rows : rows.slice(0, again) });
    const keys = holds() ? held : [];
    if (!holds() || next.field !== 'password') question = next;
    lastField = next.field;
    held = [];
    for (const key of keys) type(key);
  }

  function holds(): boolean {
    return lastField === 'username';
  }

  function askedNow(selected: number): Asked {
    if (open === undefined) return { kind: 'waiting' };
    const { label, options } = open;
    return options === undefined
      ? { kind: 'field', label, shown: field.shown() }
      : { kind: 'choice', label, options, selected };
  }

  function type(key: Key): void {
    if (open === undefined) {
      if (holds() && held.length < MOST_HELD) held.push(key);
      return;
    }
    if (open.options !== undefined) return;
    const step = field.take(key);
    if (step.kind === 'entered') {
      give(step.value);
      return;
    }
    if (step.kind === 'too-long') store.setState({ notices: [TOO_LONG] });
    store.setState({ asked: askedNow(0) });
  }

  function answer(): void {
    const { asked } = store.getState();
    if (open === undefined) type(ENTER);
    else if (asked?.kind === 'choice') give(asked.options[asked.selected] ?? '');
    else type(ENTER);
  }

  function give(value: string): void {
    if (open === undefined) return;
    const { id, label, secret, options } = open;
    const shown = { text: secret ? '' : value, length: [...value].length, secret };
    open = undefined;
    const { answered } = store.getState();
    store.setState({
      answered: options === undefined ? [...answered, { label, shown }] : answered,
      asked: { kind: 'waiting' },
      notices: [],
      recoveryCodes: undefined,
    });
    void hear(conversation.answer(id, value));
  }

  function end(done: Done, notices: readonly Notice[]): void {
    over = 'over';
    clear();
    onDone(done, notices);
  }

  function clear(): void {
    open = undefined;
    held = [];
    field.clear();
    store.setState({ ...NOTHING, answered: [] });
  }

  return {
    store,
    question: () => question,
    type,
    answer,
    choose(by) {
      const { asked } = store.getState();
      if (asked?.kind !== 'choice') return;
      store.setState({ asked: askedNow((asked.selected + by + asked.options.length) % asked.options.length) });
    },
    invert() {
      const { pairing } = store.getState();
      if (pairing === undefined) return;
      const polarity = pairing.polarity === 'light-on-dark' ? 'dark-on-light' : 'light-on-dark';
      store.setState({ pairing: { ...pairing, polarity } });
    },
    cancel() {
      field.clear();
      void hear(conversation.cancel());
    },
    tick(at) {
      const { pairing } = store.getState();
      if (pairing?.codes !== undefined && at >= blankAt) store.setState({ pairing: { ...pairing, codes: undefined } });
      if (over === undefined && at >= deadline) void hear(conversation.timeOut());
    },
    forget() {
      if (over !== undefined) return;
      over = 'over';
      clear();
      void conversation.cancel();
    },
  };
}

const NOTHING: ConversationState = {
  answered: [],
  asked: { kind: 'waiting' },
  notices: [],
  pairing: undefined,
  recoveryCodes: undefined,
};
const ENTER: Key = { kind: 'named', name: 'enter' };
const MOST_HELD = 1000;
const TOO_LONG: Notice = { type: 'notice', level: 'error', text: 'That is too long.' };

function nameRow(name: string): ConversationState['answered'][number] {
  return { label: 'User name', shown: { text: name, length: [...name].length, secret: false } };
}

function hasCodes(notice: Notice): notice is Notice & { readonly codes: readonly string[] } {
  return 'codes' in notice;
}
