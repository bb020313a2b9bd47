import { describe, expect, test } from 'vitest';
import { lazyConversation } from '../../src/gate/lazy-conversation.ts';
import { CODE, fakeConversation, GRANTED, INCORRECT, PASSWORD, USERNAME } from '../support/fake-conversation.ts';

const PASSWORD_FIRST = { ...PASSWORD, id: 1 };
const BROKEN = { type: 'done', outcome: 'unavailable', reason: 'unavailable' } as const;

describe('a conversation whose facility is not open yet', () => {
  test('asks for name and password without it, and replays them', async () => {
    const real = fakeConversation([[USERNAME], [PASSWORD], [CODE], [GRANTED]]);
    let opened = 0;
    const lazy = lazyConversation({
      givenName: undefined,
      open: async () => {
        opened += 1;
        return real;
      },
    });
    expect(await lazy.start()).toEqual([USERNAME]);
    expect(await lazy.answer(1, 'alice')).toEqual([PASSWORD]);
    expect(opened).toBe(0);
    expect(await lazy.answer(2, 'secret')).toEqual([CODE]);
    expect(real.heard).toEqual(['start', 'answer 1 alice', 'answer 2 secret']);
    expect(await lazy.answer(3, '123456')).toEqual([GRANTED]);
    expect(opened).toBe(1);
  });

  test('asks for the password first where the name is given', async () => {
    const real = fakeConversation([[PASSWORD_FIRST], [GRANTED]]);
    const lazy = lazyConversation({ givenName: 'alice', open: async () => real });
    expect(await lazy.start()).toEqual([PASSWORD_FIRST]);
    expect(await lazy.answer(1, 'secret')).toEqual([GRANTED]);
    expect(real.heard).toEqual(['start', 'answer 1 secret']);
  });

  test('says what the real one says instead, and the password is not replayed to it', async () => {
    const real = fakeConversation([[INCORRECT, BROKEN]]);
    const lazy = lazyConversation({ givenName: undefined, open: async () => real });
    await lazy.start();
    await lazy.answer(1, 'alice');
    expect(await lazy.answer(2, 'secret')).toEqual([INCORRECT, BROKEN]);
    expect(real.heard).toEqual(['start']);
  });

  test('leaves an empty name and an answer with another id to the real one', async () => {
    const real = fakeConversation([[USERNAME], [INCORRECT, { ...USERNAME, id: 2 }]]);
    const lazy = lazyConversation({ givenName: undefined, open: async () => real });
    await lazy.start();
    expect(await lazy.answer(1, '  ')).toEqual([INCORRECT, { ...USERNAME, id: 2 }]);
    expect(real.heard).toEqual(['start', 'answer 1   ']);
  });

  test.each([
    ['cancel', 'cancelled'],
    ['timeOut', 'timed-out'],
    ['inputEnded', 'input-ended'],
  ] as const)('ends by %s without being opened, and is no grant', async (how, reason) => {
    const lazy = lazyConversation({
      givenName: undefined,
      open: () => {
        throw new Error('was opened');
      },
    });
    await lazy.start();
    await lazy.answer(1, 'alice');
    expect((await lazy[how]()).at(-1)).toMatchObject({ type: 'done', reason });
  });

  test('rejects where it cannot be opened', async () => {
    const lazy = lazyConversation({ givenName: undefined, open: () => Promise.reject(new Error('broken')) });
    lazy.warm();
    await lazy.start();
    await lazy.answer(1, 'alice');
    await expect(lazy.answer(2, 'secret')).rejects.toThrow('broken');
  });
});
