import { describe, expect, test } from 'vitest';
import type { Conversation, Message } from '../../src/core/login/message.ts';
import { type Answered, type Asker, type Interruption, runConversation } from '../../src/gate/run-conversation.ts';
import { CODE, fakeConversation, GRANTED, INCORRECT, PASSWORD, USERNAME } from '../support/fake-conversation.ts';

const NEVER = new Promise<never>(() => {});
const SCRIPT = [[USERNAME], [PASSWORD], [INCORRECT, CODE], [GRANTED]];
const ANSWER: Answered = { kind: 'answered', value: 'typed' };

/** Says the answers one after the other, and never anything behind the last. */
function asker(...answers: readonly Answered[]): Asker & { readonly shown: string[] } {
  const rest = [...answers];
  const shown: string[] = [];
  return {
    shown,
    show: async (messages) => {
      shown.push(...messages.map((message) => (message.type === 'notice' ? message.text : message.type)));
    },
    ask: async () => rest.shift() ?? NEVER,
  };
}

function run(conversation: Conversation, by: Asker, interrupted: Promise<Interruption> = NEVER) {
  return runConversation({ conversation, asker: by, interrupted, graceMs: 20 });
}

describe('a conversation', () => {
  test('is a grant when its own reply to the last answer says so', async () => {
    const conversation = fakeConversation(SCRIPT);
    const by = asker(ANSWER, ANSWER, ANSWER);
    expect(await run(conversation, by)).toEqual(GRANTED);
    expect(conversation.heard).toEqual(['start', 'answer 1 typed', 'answer 2 typed', 'answer 3 typed']);
    expect(by.shown).toEqual(['Login incorrect.']);
  });

  test.each([
    ['cancelled', { kind: 'cancelled' }, 'cancel', 'cancelled'],
    ['at the end of input', { kind: 'input-ended' }, 'inputEnded', 'input-ended'],
    ['after too many bad lines', { kind: 'bad-line' }, 'inputEnded', 'bad-line'],
  ] as const)('%s is told of it and is no grant', async (_, answer, heard, reason) => {
    const conversation = fakeConversation(SCRIPT);
    expect(await run(conversation, asker(ANSWER, answer))).toMatchObject({ reason });
    expect(conversation.heard.at(-1)).toBe(heard);
  });

  test.each(['cancelled', 'input-ended', 'timed-out'] as const)('interrupted (%s) while it waits', async (why) => {
    const { promise, resolve } = Promise.withResolvers<Interruption>();
    const done = run(fakeConversation([[USERNAME]]), asker(), promise);
    resolve(why);
    expect(await done).toMatchObject({ reason: why });
  });

  test('that never settles ends when its time is up', async () => {
    const stuck: Conversation = { ...fakeConversation([]), start: () => NEVER, timeOut: () => NEVER };
    expect(await run(stuck, asker(), Promise.resolve('timed-out'))).toMatchObject({
      outcome: 'denied',
      reason: 'timed-out',
    });
  });

  test('whose grant comes together with the interruption is no grant', async () => {
    const late: Conversation = { ...fakeConversation([]), start: () => NEVER, cancel: async () => [GRANTED] };
    expect(await run(late, asker(), Promise.resolve('cancelled'))).toMatchObject({ outcome: 'cancelled' });
  });

  const broken: [string, Partial<Conversation>][] = [
    ['that rejects', { start: () => Promise.reject(new Error('broken')) }],
    [
      'that throws',
      {
        start: () => {
          throw new Error('broken');
        },
      },
    ],
    ['that says nothing', { start: async () => [] }],
    ['that ends in a notice', { start: async () => [INCORRECT] }],
    ['that rejects an answer', { answer: () => Promise.reject(new Error('broken')) }],
  ];
  test.each(broken)('%s is unavailable', async (_, part) => {
    const conversation = { ...fakeConversation(SCRIPT), ...part };
    expect(await run(conversation, asker(ANSWER, ANSWER))).toEqual({
      type: 'done',
      outcome: 'unavailable',
      reason: 'internal',
    });
  });

  test('whose screen breaks is unavailable, also with a grant on the way', async () => {
    const replies: Message[][] = [[GRANTED]];
    const by: Asker = { show: () => Promise.reject(new Error('EIO')), ask: () => NEVER };
    expect(await run(fakeConversation(replies), by)).toMatchObject({ outcome: 'unavailable' });
  });
});
