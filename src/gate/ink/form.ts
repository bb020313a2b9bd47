/**
 * The form without its screen: keys in, answers out, and a view for whoever draws. Invariants: keys reach a field in the order
 * they were typed, whether or not a screen has kept up; what was typed is in the field alone until it is answered; QR
 * code, key and recovery codes leave the view with the question they belong to.
 */
import type { Ask, Done, Notice, Pair, RecoveryNotice } from '../../core/login/message.ts';
import { FIELD_LABELS } from '../../core/login/wording.ts';
import type { Key } from '../../terminal/keys.ts';
import type { Answered, Asker, Shown } from '../run-conversation.ts';
import { formAction, isInterrupt } from './form-keys.ts';
import { openQuestion, type Question } from './form-question.ts';
import type { AnsweredField, FormView, OpenQuestion } from './form-view.ts';
import { pairingPicture } from './pairing-picture.ts';

export type Form = Asker & {
  /** Keys that came together, in order. */
  take(keys: readonly Key[]): void;
  view(): FormView;
  /** Returns what ends it. */
  subscribe(listener: () => void): () => void;
  /** Forgets everything; its timers stop. */
  close(): void;
};

export function createForm(from: {
  readonly label: string | undefined;
  /** The name that came with the call; it is shown, not asked. */
  readonly givenName: string | undefined;
  readonly qrSeconds: number;
  /** Drops what the terminal holds and nobody has read. */
  readonly dropTypeAhead: () => void;
  /** A key that cancels, while nothing is asked. */
  readonly onCancel: () => void;
  readonly onRedraw: () => void;
}): Form {
  const { label, givenName, qrSeconds, dropTypeAhead, onCancel, onRedraw } = from;
  const listeners = new Set<() => void>();
  const picture = pairingPicture({ qrSeconds, onBlanked: publish });
  let open: { readonly question: Question; readonly settle: (answered: Answered) => void } | undefined;
  let answered: readonly AnsweredField[] = givenName === undefined ? [] : [nameRow(givenName)];
  let lastField: Ask['field'] | undefined;
  /** Typed behind the user name's Enter; the password's, for its prompt follows at once. */
  let held: Key[] = [];
  let notices: readonly Notice[] = [];
  let recoveryCodes: readonly string[] | undefined;
  let help: FormView['help'] = 'hidden';
  let over: { readonly done: Done; readonly read: () => void } | undefined;
  let pace: 'at-once' | 'slow' = 'at-once';
  let slowTimer: NodeJS.Timeout | undefined;
  let view = viewNow();

  function viewNow(): FormView {
    return { label, answered, open: openNow(), notices, pairing: picture.shown(), recoveryCodes, help };
  }

  function openNow(): OpenQuestion {
    if (over !== undefined) return { kind: 'over', done: over.done };
    return open?.question.shown() ?? { kind: 'waiting', pace };
  }

  function publish(): void {
    view = viewNow();
    for (const listener of listeners) listener();
  }

  async function show(messages: readonly Shown[], next: Ask | Done): Promise<void> {
    notices = messages.filter(isNotice).map(({ type, level, text }) => ({ type, level, text }));
    recoveryCodes = messages.find(isRecovery)?.codes;
    const pair = messages.find(isPair);
    if (pair !== undefined) await picture.open(pair);
    else if (next.type === 'done' || next.field !== 'code') picture.drop();
    if (next.type === 'done' && notices.length > 0) await lastWord(next);
  }

  /** What came with the verdict would be gone with the screen: it stays until it was read. */
  function lastWord(done: Done): Promise<void> {
    dropTypeAhead();
    return new Promise((resolve) => {
      const timer = setTimeout(read, LAST_WORD_MS);
      function read(): void {
        clearTimeout(timer);
        over = undefined;
        resolve();
      }
      over = { done, read };
      canGoOn();
    });
  }

  function ask(asked: Ask): Promise<Answered> {
    return new Promise((settle) => {
      const before = lastField === 'username' && asked.field === 'password' ? held : [];
      if (before.length === 0) dropTypeAhead();
      held = [];
      lastField = asked.field;
      answered = rowsAbove(answered, asked.label);
      open = { question: openQuestion(asked), settle };
      canGoOn();
      if (before.length > 0) take(before);
    });
  }

  /** Something can be typed or read again. */
  function canGoOn(): void {
    clearTimeout(slowTimer);
    pace = 'at-once';
    publish();
  }

  function take(keys: readonly Key[]): void {
    for (const key of keys) takeOne(key);
    publish();
  }

  function takeOne(key: Key): void {
    const action = formAction(key);
    if (action === 'redraw') onRedraw();
    else if (help === 'shown' && !isInterrupt(key)) {
      if (action === 'help' || action === 'cancel' || action === 'enter') help = 'hidden';
    } else if (over !== undefined) {
      if (action === 'enter' || action === 'cancel') over.read();
    } else if (action === 'help') help = 'shown';
    else if (action === 'picture') picture.toggle();
    else if (action === 'polarity') picture.turnRound();
    else if (action === 'cancel') cancel();
    else if (open !== undefined) typed(open.question, key);
    else if (lastField === 'username' && held.length < MOST_HELD) held.push(key);
  }

  function typed(question: Question, key: Key): void {
    const step = question.take(key);
    switch (step.kind) {
      case 'open':
        return;
      case 'refused':
        notices = [step.notice];
        return;
      case 'answered':
        if (step.row !== undefined) answered = [...answered, step.row];
        settle(step.answered);
    }
  }

  function cancel(): void {
    help = 'hidden';
    if (open === undefined) onCancel();
    else settle({ kind: 'cancelled' });
  }

  function settle(given: Answered): void {
    const settled = open;
    open = undefined;
    settled?.question.clear();
    notices = [];
    recoveryCodes = undefined;
    slowTimer = setTimeout(() => {
      pace = 'slow';
      publish();
    }, SLOW_MS);
    settled?.settle(given);
  }

  return {
    show,
    ask,
    take,
    view: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      clearTimeout(slowTimer);
      over?.read();
      open?.question.clear();
      open = undefined;
      held = [];
      answered = [];
      notices = [];
      recoveryCodes = undefined;
      picture.drop();
      publish();
    },
  };
}

/** A password's check and a durable write take about 150 ms; only longer ones are worth a word. */
const SLOW_MS = 400;
const LAST_WORD_MS = 10_000;
const MOST_HELD = 1000;

function nameRow(name: string): AnsweredField {
  return { label: FIELD_LABELS.username, shown: { text: name, length: [...name].length, secret: false } };
}

/** A question that is asked again takes its row and those below it away. */
function rowsAbove(rows: readonly AnsweredField[], label: string): readonly AnsweredField[] {
  const at = rows.findIndex((row) => row.label === label);
  return at < 0 ? rows : rows.slice(0, at);
}

function isNotice(message: Shown): message is Notice {
  return message.type === 'notice';
}

function isRecovery(message: Shown): message is RecoveryNotice {
  return 'codes' in message;
}

function isPair(message: Shown): message is Pair {
  return message.type === 'pair';
}
