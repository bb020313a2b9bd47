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
  more: { readonly arguments?: readonly string[]; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<HostLogin> {
  const { PATH = '', HOME = '' } = process.env;
  const gate = spawn(GATEHOUSE, ['login', '--front-end', 'json', ...(more.arguments ?? [])], {
    cwd: folder,
    env: { PATH, HOME, ...more.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const said: Message[] = [];
  let stderr = '';
  gate.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  gate.stdin.on('error', () => undefined);
  const status = new Promise<number | null>((settle) => gate.on('close', settle));
  gate.stdin.write('{"type":"begin"}\n');
  for await (const line of createInterface({ input: gate.stdout })) {
    const message = JSON.parse(line) as Message;
    said.push(message);
    if (message.type !== 'ask') continue;
    const reply = answers[message.field];
    const value = typeof reply === 'function' ? await reply(said) : reply;
    if (value === undefined) gate.stdin.end();
    else gate.stdin.write(`${JSON.stringify({ type: 'answer', id: message.id, value })}\n`);
  }
  const done = said.find((message): message is Done => message.type === 'done');
  return { status: await status, said, done, stderr };
}

export function pairIn(said: readonly Message[]): Pair {
  const pair = said.find((message): message is Pair => message.type === 'pair');
  if (pair === undefined) throw new Error(`no QR code in ${JSON.stringify(said)}`);
  return pair;
}

export function secretIn(uri: string): string {
  return new URL(uri).searchParams.get('secret') ?? '';
}
