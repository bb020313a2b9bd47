/** A host program that speaks the JSON conversation with `gatehouse login`, one process a log-on. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Ask, Done, Message, Pair } from '../../src/core/login/message.ts';
import { GATEHOUSE } from './gatehouse-process.ts';

export type HostAnswers = Readonly<
  Partial<Record<Ask['field'], string | ((said: readonly Message[]) => string | undefined | Promise<string>)>>
>;

export type HostLogin = {
  readonly status: number | null;
  readonly said: readonly Message[];
  readonly done: Done | undefined;
  readonly stderr: string;
};

/** A question without an answer ends the input. */
export async function jsonLogin(
  folder: string,
  answers: HostAnswers,
  more: {
    readonly arguments?: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
    /** Fields of `begin`. */
    readonly begin?: Readonly<Record<string, unknown>>;
  } = {},
): Promise<HostLogin> {
  const { PATH = '', HOME = '' } = process.env;
  const gate = spawn(GATEHOUSE, ['login', '--front-end', 'json', ...(more.arguments ?? [])], {
    cwd: folder,
    env: { PATH, HOME, ...more.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const said: Message[] = [];
  const failures: unknown[] = [];
  let stderr = '';
  gate.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  gate.stdin.on('error', () => undefined);
  const status = new Promise<number | null>((settle) => gate.on('close', settle));
  gate.stdin.write(`${JSON.stringify({ ...more.begin, type: 'begin' })}\n`);
  for await (const line of createInterface({ input: gate.stdout })) {
    const message = JSON.parse(line) as Message;
    said.push(message);
    if (message.type !== 'ask') continue;
    // Not waited for: the gate may end the conversation while the answer is still thought over.
    answerTo(answers[message.field], said).then(
      (value) => {
        if (value === undefined) gate.stdin.end();
        else gate.stdin.write(`${JSON.stringify({ type: 'answer', id: message.id, value })}\n`);
      },
      (thrown: unknown) => {
        failures.push(thrown);
        gate.kill();
      },
    );
  }
  if (failures.length > 0) throw failures[0];
  const done = said.find((message): message is Done => message.type === 'done');
  return { status: await status, said, done, stderr };
}

async function answerTo(reply: HostAnswers[Ask['field']], said: readonly Message[]): Promise<string | undefined> {
  return typeof reply === 'function' ? reply(said) : reply;
}

export function pairIn(said: readonly Message[]): Pair {
  const pair = said.find((message): message is Pair => message.type === 'pair');
  if (pair === undefined) throw new Error(`no QR code in ${JSON.stringify(said)}`);
  return pair;
}

export function secretIn(uri: string): string {
  return new URL(uri).searchParams.get('secret') ?? '';
}
