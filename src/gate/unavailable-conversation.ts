/** The conversation of a facility that could not be opened: it says so and is over. Never a grant. */
import type { Conversation, Message } from '../core/login/message.ts';
import { unavailableBecause } from '../core/login/unavailable.ts';
import { noticeOf } from '../core/login/wording.ts';

export function unavailableConversation(thrown: unknown): Conversation {
  const { reason, text = '', notice = reason } = unavailableBecause(thrown);
  const reply: readonly Message[] = [
    noticeOf(notice, { problem: text }),
    { type: 'done', outcome: 'unavailable', reason },
  ];
  const over = async () => reply;
  return { start: over, answer: over, cancel: over, timeOut: over, inputEnded: over };
}
