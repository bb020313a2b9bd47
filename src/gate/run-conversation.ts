/**
 * The one loop between a conversation and a person. Invariant: a grant comes out of here only where the conversation's own
 * reply to an answer was a grant and nothing had interrupted it; every other way out is a verdict that is none.
 */
import type { Ask, Conversation, Done, Message, Notice, Pair, RecoveryNotice } from '../core/login/message.ts';

export type Answered =
  | { readonly kind: 'answered'; readonly value: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'input-ended' }
  /** The JSON conversation broke its own rules too often. */
  | { readonly kind: 'bad-line' };

export type Shown = Notice | RecoveryNotice | Pair;

/** How a front end asks a person. It may reject: then the login is over. */
export type Asker = {
  /** What a reply says before its question or verdict, which comes along so that the screen can be laid out for it. */
  show(messages: readonly Shown[], next: Ask | Done): Promise<void>;
  ask(ask: Ask): Promise<Answered>;
};

/** What ends a login from outside of it. */
export type Interruption =
  | 'cancelled'
  | 'input-ended'
  | 'timed-out'
  /** The server is being stopped: nothing that the person did. */
  | 'stopping';

/** Never rejects, and settles at the latest `graceMs` after `interrupted` does. */
export async function runConversation(run: {
  readonly conversation: Conversation;
  readonly asker: Asker;
  readonly interrupted: Promise<Interruption>;
  /** A QR code is shown, and the secret lives so long: TimeoutSeconds is short for installing an app and scanning. */
  readonly onPairing?: ((expiresInSeconds: number) => void) | undefined;
  /** How long a conversation may take to write down that it was interrupted. */
  readonly graceMs: number;
}): Promise<Done> {
  const { conversation, asker, graceMs } = run;
  const interruption = run.interrupted.then((why): Interrupted => ({ interrupted: why }));
  const orInterrupted = <T>(work: Promise<T>) => Promise.race([interruption, work]);
  try {
    let reply = conversation.start();
    for (;;) {
      const messages = await orInterrupted(reply);
      if (isInterrupted(messages)) return await endOf(conversation, messages.interrupted, asker, graceMs);
      const last = messages.at(-1);
      if (last === undefined || (last.type !== 'ask' && last.type !== 'done')) return BROKEN;
      for (const message of messages) if (message.type === 'pair') run.onPairing?.(message.expiresInSeconds);
      const shown = await orInterrupted(asker.show(messages.filter(isShown), last));
      if (last.type === 'done') return last;
      if (isInterrupted(shown)) return await endOf(conversation, shown.interrupted, asker, graceMs);
      const answered = await orInterrupted(asker.ask(last));
      if (isInterrupted(answered)) return await endOf(conversation, answered.interrupted, asker, graceMs);
      switch (answered.kind) {
        case 'answered':
          reply = conversation.answer(last.id, answered.value);
          break;
        case 'cancelled':
        case 'input-ended':
          return await endOf(conversation, answered.kind, asker, graceMs);
        case 'bad-line':
          await endOf(conversation, 'input-ended', NOBODY, graceMs);
          return { type: 'done', outcome: 'denied', reason: 'bad-line' };
      }
    }
  } catch {
    return BROKEN;
  }
}

type Interrupted = { readonly interrupted: Interruption };

const BROKEN: Done = { type: 'done', outcome: 'unavailable', reason: 'internal' };
const NOBODY: Asker = { show: async () => {}, ask: async () => ({ kind: 'input-ended' }) };

/** The conversation's own verdict on its interruption where it gives one in time, else ours. */
async function endOf(conversation: Conversation, why: Interruption, asker: Asker, graceMs: number): Promise<Done> {
  const reply = await within(graceMs, askToEnd(conversation, why));
  const done = reply?.at(-1);
  if (why === 'stopping') return VERDICTS.stopping;
  // A grant that came through in the moment of the interruption is none: nobody may be there any more.
  if (done?.type !== 'done' || done.outcome === 'granted') return VERDICTS[why];
  await within(graceMs, asker.show(reply?.filter(isShown) ?? [], done));
  return done;
}

function askToEnd(conversation: Conversation, why: Interruption): Promise<readonly Message[]> {
  switch (why) {
    case 'cancelled':
      return conversation.cancel();
    case 'input-ended':
    case 'stopping':
      return conversation.inputEnded();
    case 'timed-out':
      return conversation.timeOut();
  }
}

/** What an interruption means where the conversation itself does not say it. */
export const VERDICTS: Readonly<Record<Interruption, Done>> = {
  cancelled: { type: 'done', outcome: 'cancelled', reason: 'cancelled' },
  'input-ended': { type: 'done', outcome: 'denied', reason: 'input-ended' },
  'timed-out': { type: 'done', outcome: 'denied', reason: 'timed-out' },
  stopping: { type: 'done', outcome: 'unavailable', reason: 'busy' },
};

/** Undefined when it takes longer or breaks. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([work, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

function isInterrupted(value: unknown): value is Interrupted {
  return typeof value === 'object' && value !== null && 'interrupted' in value;
}

function isShown(message: Message): message is Shown {
  return message.type === 'notice' || message.type === 'pair';
}
