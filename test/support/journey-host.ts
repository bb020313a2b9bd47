/** A talk of a host program: one JSON object a line, in the order in which they come. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import type { Ask, Message } from '../../src/core/login/message.ts';
import { GATEHOUSE } from './gatehouse-process.ts';
import type { JourneyFacility } from './journey-facility.ts';
import { type Talk, verdictOf, wordsPattern } from './journey-talk.ts';

export function hostTalk(at: JourneyFacility): Talk {
  const { PATH = '', HOME = '' } = process.env;
  const gate = spawn(GATEHOUSE, ['login', '--front-end', 'json'], {
    cwd: at.folder,
    env: { PATH, HOME },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void gate.kill('SIGKILL'));
  const status = new Promise<number>((settle) => gate.on('close', (code) => settle(code ?? -1)));
  const lines = createInterface({ input: gate.stdout })[Symbol.asyncIterator]();
  const send = (line: object): void => void gate.stdin.write(`${JSON.stringify(line)}\n`);
  send({ type: 'begin', recoveryCodes: true });

  async function next<Found extends Message>(
    what: string,
    fits: (message: Message) => message is Found,
  ): Promise<Found> {
    const heard: string[] = [];
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`never heard ${what}, but: ${heard.join(' ')}`);
      heard.push(value);
      const message = JSON.parse(value) as Message;
      if (fits(message)) return message;
      if (message.type === 'ask') throw new Error(`never heard ${what}, but: ${heard.join(' ')}`);
    }
  }

  const asked = (field: Ask['field']) =>
    next(`the question ${field}`, (message): message is Ask => message.type === 'ask' && message.field === field);

  return {
    async answer(field, value) {
      send({ type: 'answer', id: (await asked(field)).id, value });
    },
    async choose(option) {
      const { id, options } = await asked('choice');
      if (!options?.includes(option)) throw new Error(`${option} is not among ${options?.join(', ')}`);
      send({ type: 'answer', id, value: option });
    },
    async says(words) {
      await next(
        words,
        (message): message is Message => message.type === 'notice' && wordsPattern(words).test(message.text),
      );
    },
    key: async () => (await next('a pairing', (message) => message.type === 'pair')).key,
    async giveUp(field) {
      await asked(field);
      send({ type: 'cancel' });
    },
    async readLastWord() {},
    async end() {
      const done = await next('done', (message) => message.type === 'done');
      gate.stdin.end();
      return { status: await status, verdict: verdictOf(done) };
    },
  };
}
