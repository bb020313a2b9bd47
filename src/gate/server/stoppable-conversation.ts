/**
 * A conversation that can be stopped without taking back what is being decided: an answer that is being worked on is worked on to its end, and
 * a verdict that comes out of it is told; whoever is only being asked is interrupted.
 */
import type { Conversation, Message } from '../../core/login/message.ts';

export type StoppableConversation = { readonly conversation: Conversation; stop(): void };

export function stoppable(real: Conversation, interrupt: () => void): StoppableConversation {
  let working = 0;
  let stopping = false;

  async function reply(work: Promise<readonly Message[]>): Promise<readonly Message[]> {
    working += 1;
    try {
      const messages = await work;
      if (stopping && messages.at(-1)?.type !== 'done') interrupt();
      return messages;
    } finally {
      working -= 1;
    }
  }

  return {
    conversation: {
      start: () => reply(real.start()),
      answer: (id, value) => reply(real.answer(id, value)),
      cancel: () => real.cancel(),
      timeOut: () => real.timeOut(),
      inputEnded: () => real.inputEnded(),
    },
    stop() {
      stopping = true;
      if (working === 0) interrupt();
    },
  };
}
