/**
 * A host program that draws the log-on itself: `begin` gives a conversation, each reply of which ends in a question or the verdict.
 * Here the drawing is prompts of readline; a program with a form of its own does the same three things: show, ask, answer.
 */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { type Ask, type Conversation, type Done, exitStatus, type Message, openGate } from 'gatehouse/gate';

/** The host watches the clock: a conversation waits for ever. */
const TIMEOUT_SECONDS = 120;

async function logOn(conversation: Conversation): Promise<Done> {
  const late = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
  let reply = await conversation.start();
  for (;;) {
    for (const message of reply) show(message);
    const last = reply.at(-1);
    if (last?.type === 'done') return last;
    if (last?.type !== 'ask') throw new Error('a reply ends in a question or the verdict');
    const typed = await ask(last, late);
    if (late.aborted) reply = await conversation.timeOut();
    else if (typed === undefined) reply = await conversation.cancel();
    else reply = await conversation.answer(last.id, typed);
  }
}

function show(message: Message): void {
  if (message.type === 'notice') {
    console.log(message.text);
    // Shown this once; a program that cannot show them does not ask for them.
    if ('codes' in message) console.log(message.codes.join('\n'));
  }
  if (message.type === 'pair') {
    console.log(`Add an account to your authenticator app: ${message.label}, ${message.user}`);
    console.log(`Key: ${message.key}`);
  }
}

/** Undefined at Ctrl-C, at the end of the input and when the time is up. A secret is not shown while it is typed. */
function ask({ label, options, secret }: Ask, late: AbortSignal): Promise<string | undefined> {
  const prompt = options === undefined ? `${label}: ` : `${label} (${options.join(', ')}): `;
  const silent = new Writable({ write: (_chunk, _encoding, written) => written() });
  const lines = createInterface({ input: process.stdin, output: secret ? silent : process.stdout, terminal: true });
  if (!secret) lines.setPrompt(prompt);
  // Only now, with the terminal's own echo off: a fast typist answers a prompt at once.
  process.stdout.write(prompt);
  return new Promise((resolve) => {
    const end = (typed: string | undefined) => {
      late.removeEventListener('abort', giveUp);
      resolve(typed);
      lines.close();
      // Between two questions too, what is typed ahead is not echoed.
      quiet(true);
      if (secret) process.stdout.write('\n');
    };
    const giveUp = () => end(undefined);
    lines.once('line', end);
    lines.once('SIGINT', giveUp);
    lines.once('close', giveUp);
    late.addEventListener('abort', giveUp);
  });
}

function quiet(raw: boolean): void {
  if (process.stdin.isTTY) process.stdin.setRawMode(raw);
}

const gate = openGate({ config: '/etc/gatehouse/config.ini' });
const done = await logOn(gate.begin({ terminal: 'own form' }));
await gate.close();
quiet(false);
if (done.outcome !== 'granted') process.exit(exitStatus(done));

console.log(`Welcome, ${done.user} (${done.method}).`);
