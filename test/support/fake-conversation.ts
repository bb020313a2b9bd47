/** A conversation that follows a script: what it says at the start and to each answer. */
import type { Conversation, Message } from '../../src/core/login/message.ts';

export type FakeConversation = Conversation & {
  /** What was asked of it, in order: `start`, `answer 1 alice`, `cancel`, `timeOut`, `inputEnded`. */
  readonly heard: readonly string[];
};

export const GRANTED = {
  type: 'done',
  outcome: 'granted',
  user: 'alice',
  method: 'password+totp',
  paired: true,
} as const satisfies Message;

export const USERNAME = { type: 'ask', id: 1, field: 'username', label: 'User name', secret: false } as const;
export const PASSWORD = { type: 'ask', id: 2, field: 'password', label: 'Password', secret: true } as const;
export const CODE = { type: 'ask', id: 3, field: 'code', label: 'Code', secret: false } as const;
export const INCORRECT = { type: 'notice', level: 'error', text: 'Login incorrect.' } as const satisfies Message;

/** One reply for the start and one for each answer; behind the last, every answer is never settled. */
export function fakeConversation(replies: readonly (readonly Message[])[]): FakeConversation {
  const heard: string[] = [];
  let next = 0;
  const reply = async (): Promise<readonly Message[]> => {
    const messages = replies[next];
    next += 1;
    return messages ?? new Promise<never>(() => {});
  };
  return {
    heard,
    start() {
      heard.push('start');
      return reply();
    },
    answer(id, value) {
      heard.push(`answer ${id} ${value}`);
      return reply();
    },
    async cancel() {
      heard.push('cancel');
      return [{ type: 'done', outcome: 'cancelled', reason: 'cancelled' }];
    },
    async timeOut() {
      heard.push('timeOut');
      return [{ type: 'done', outcome: 'denied', reason: 'timed-out' }];
    },
    async inputEnded() {
      heard.push('inputEnded');
      return [{ type: 'done', outcome: 'denied', reason: 'input-ended' }];
    },
  };
}
