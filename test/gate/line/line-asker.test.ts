import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Ask } from '../../../src/core/login/message.ts';
import { lineAsker } from '../../../src/gate/line/line-asker.ts';
import type { PairScreen } from '../../../src/gate/line/pair-screen.ts';
import { pipedAnswers } from '../../../src/gate/line/piped-answers.ts';
import { plainText } from '../../../src/gate/line/plain-text.ts';
import { typedAnswers } from '../../../src/gate/line/typed-answers.ts';
import { CODE, GRANTED, INCORRECT, PASSWORD, USERNAME } from '../../support/fake-conversation.ts';

const CHOICE: Ask = {
  type: 'ask',
  id: 4,
  field: 'choice',
  label: 'Pair now',
  secret: false,
  options: ['pair', 'later'],
};
const NO_PAIR_SCREEN: PairScreen = {
  isOpen: () => false,
  open: async () => {},
  say() {},
  redraw() {},
  close() {},
};

function typing(firstPrompt: 'drawn' | 'to-draw' = 'to-draw') {
  const input = new PassThrough();
  const written: string[] = [];
  const interrupts: string[] = [];
  let drops = 0;
  const write = (text: string) => void written.push(text);
  const answers = typedAnswers({
    input,
    write,
    dropTypeAhead: () => {
      drops += 1;
    },
    onFirstKey() {},
    onInterrupted: (why) => void interrupts.push(why),
  });
  const asker = lineAsker({
    answers,
    write,
    plain: plainText({ unicode: true }),
    pairScreen: NO_PAIR_SCREEN,
    firstPrompt,
  });
  return { input, asker, answers, interrupts, shown: () => written.join(''), drops: () => drops };
}

describe('questions as plain lines', () => {
  test('behind a first prompt that is on the screen already nothing is dropped, and it is not drawn twice', async () => {
    const { input, asker, answers, shown, drops } = typing('drawn');
    const name = asker.ask(USERNAME);
    expect(shown()).toBe('');
    input.write('ali');
    await new Promise((resolve) => setImmediate(resolve));
    answers.redraw();
    input.write('ce\r');
    expect(await name).toEqual({ kind: 'answered', value: 'alice' });
    expect(drops()).toBe(0);
    const code = asker.ask({ ...USERNAME, id: 2, field: 'code', label: 'Code' });
    expect(shown()).toBe('aliUser name: alice\nCode: ');
    expect(drops()).toBe(1);
    input.write('123456\r');
    expect(await code).toEqual({ kind: 'answered', value: '123456' });
  });

  test('what is typed before a question is dropped, but for a password right behind the name', async () => {
    const { input, asker, shown, drops } = typing();
    const name = asker.ask(USERNAME);
    input.write('alice\rhunter2\rand more\r');
    expect(await name).toEqual({ kind: 'answered', value: 'alice' });
    expect(await asker.ask(PASSWORD)).toEqual({ kind: 'answered', value: 'hunter2' });
    const code = asker.ask(CODE);
    input.write('123456\r');
    expect(await code).toEqual({ kind: 'answered', value: '123456' });
    expect(shown()).toBe('User name: alice\nPassword: \nCode: 123456\n');
    expect(drops()).toBe(2);
  });

  test('a password pasted together with its name in marks is not split over the two', async () => {
    const { input, asker } = typing();
    const name = asker.ask(USERNAME);
    input.write('\x1b[200~alice\nhunter2\n\x1b[201~');
    expect(await name).toEqual({ kind: 'answered', value: 'alice' });
    const password = asker.ask(PASSWORD);
    input.write('right\r');
    expect(await password).toEqual({ kind: 'answered', value: 'right' });
  });

  test('Ctrl-C while nothing is asked interrupts, any other key does not', async () => {
    const { input, interrupts, asker } = typing();
    const name = asker.ask(USERNAME);
    input.write('alice\r');
    await name;
    input.write('x\x1b[A\r');
    input.write('\x03');
    await new Promise((resolve) => setImmediate(resolve));
    expect(interrupts).toEqual(['cancelled']);
  });

  test('an answer that cannot be one is asked again', async () => {
    const { input, asker, shown } = typing();
    const password = asker.ask(PASSWORD);
    input.write(`${'x'.repeat(5000)}\r`);
    while (!shown().includes('too long')) await new Promise((resolve) => setImmediate(resolve));
    input.write('right\r');
    expect(await password).toEqual({ kind: 'answered', value: 'right' });
    expect(shown()).toBe('Password: \nThat is too long.\nPassword: \n');
  });

  test.each([
    ['p', 'pair'],
    ['PAIR', 'pair'],
    ['later', 'later'],
    ['x', 'x'],
    ['', ''],
  ])('a choice takes the beginning of an option: %j is %j', async (typed, value) => {
    const { input, asker, shown } = typing();
    const choice = asker.ask(CHOICE);
    input.write(`${typed}\r`);
    expect(await choice).toEqual({ kind: 'answered', value });
    expect(shown()).toContain('Pair now [pair/later]: ');
  });

  test('Enter alone takes the only option there is', async () => {
    const { input, asker } = typing();
    const choice = asker.ask({ ...CHOICE, options: ['continue'] });
    input.write('\r');
    expect(await choice).toEqual({ kind: 'answered', value: 'continue' });
  });

  test('recovery codes stand one on a line, and notices are drawn inert', async () => {
    const { asker, shown } = typing();
    await asker.show(
      [
        { ...INCORRECT, text: 'a\x1b[2Jb' },
        { ...INCORRECT, text: 'Codes:', codes: ['AAAA', 'BBBB'] },
      ],
      GRANTED,
    );
    expect(shown()).toBe('a<U+001B>[2Jb\nCodes:\n  AAAA\n  BBBB\n');
  });
});

describe('answers out of a pipe', () => {
  test('are exact lines, with either line end; what has none is no answer', async () => {
    const input = new PassThrough();
    const answers = pipedAnswers({ input, write() {} });
    input.end(' alice \r\n\npäss\nhalf');
    const question = { prompt: '', show: undefined, typedBefore: 'dropped' } as const;
    expect(await answers.read(question)).toEqual({ kind: 'answered', value: ' alice ' });
    expect(await answers.read(question)).toEqual({ kind: 'answered', value: '' });
    expect(await answers.read(question)).toEqual({ kind: 'answered', value: 'päss' });
    expect(await answers.read(question)).toEqual({ kind: 'input-ended' });
    expect(await answers.read(question)).toEqual({ kind: 'input-ended' });
  });
});
