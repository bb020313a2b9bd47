/** The conversation of a facility that could not be opened: it says so and is over. Never a grant. */
import { toFault } from '../core/errors.ts';
import type { Conversation, Message, UnavailableReason } from '../core/login/message.ts';
import { noticeOf } from '../core/login/wording.ts';

export function unavailableConversation(thrown: unknown): Conversation {
  const fault = toFault(thrown);
  const reason = reasonOf(fault.code);
  const notice = noticeOf(reason, { problem: fault.message });
  const reply: readonly Message[] = [notice, { type: 'done', outcome: 'unavailable', reason }];
  const over = async () => reply;
  return { start: over, answer: over, cancel: over, timeOut: over, inputEnded: over };
}

function reasonOf(code: ReturnType<typeof toFault>['code']): UnavailableReason {
  if (code === 'busy' || code === 'configuration' || code === 'internal') return code;
  return 'unavailable';
}
