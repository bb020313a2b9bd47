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
  const keyboard = openKeyboard(late);
  try {
    let reply = await conversation.start();
    for (;;) {
      for (const message of reply) show(message);
      const last = reply.at(-1);
      if (last?.type === 'done') return last;
      if (last?.type !== 'ask') throw new Error('a reply ends in a question or the verdict');
      const typed = await keyboard.ask(last);
      if (late.aborted) reply = await conversation.timeOut();
      else if (typed === undefined) reply = await conversation.cancel();
      else reply = await conversation.answer(last.id, typed);
    }
  } finally {
    keyboard.close();
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

/** Raw from the first question to the last: in between, the terminal itself would show what is typed ahead. */
function openKeyboard(late: AbortSignal) {
  let echo = false;
  const screen = new Writable({
    write(chunk, _encoding, written) {
      if (echo) process.stdout.write(chunk);
      written();
    },
  });
  const lines = createInterface({ input: process.stdin, output: screen, terminal: true, historySize: 0 });
  let gone = false;
  let answered: (typed: string | undefined) => void = () => {};
  const giveUp = () => answered(undefined);
  lines.on('line', (typed) => answered(typed));
  lines.on('SIGINT', giveUp);
  late.addEventListener('abort', giveUp);
  lines.on('close', () => {
    gone = true;
    giveUp();
  });

  /** Undefined at Ctrl-C, at the end of the input and when the time is up. A secret is not shown while it is typed. */
  function ask({ label, options, secret }: Ask): Promise<string | undefined> {
    if (gone || late.aborted) return Promise.resolve(undefined);
    process.stdout.write(options === undefined ? `${label}: ` : `${label} (${options.join(', ')}): `);
    echo = !secret;
    return new Promise((resolve) => {
      answered = (typed) => {
        if (secret) process.stdout.write('\n');
        // What is typed until the next question is nobody's answer, and not shown.
        echo = false;
        answered = () => {};
        resolve(typed);
      };
    });
  }

  return { ask, close: () => lines.close() };
}

const gate = openGate({ config: '/etc/gatehouse/config.ini' });
const done = await logOn(gate.begin({ terminal: 'own form' }));
await gate.close();
if (done.outcome !== 'granted') process.exit(exitStatus(done));

console.log(`Welcome, ${done.user} (${done.method}).`);
