/** `gatehouse login --front-end json`: the conversation on stdin and stdout. */
import type { Begin, Conversation, Done } from '../core/login/message.ts';
import { interruption } from '../gate/interruption.ts';
import { jsonChannel } from '../gate/json/json-channel.ts';
import { serveJson } from '../gate/json/json-gate.ts';
import { catchSignals } from '../terminal/terminal-guard-signals.ts';
import { VERSION } from './version.ts';

export async function runJsonLogin(login: {
  readonly fixed: Begin;
  readonly timeoutSeconds: number;
  readonly converse: (begin: Begin) => Promise<Conversation>;
}): Promise<Done> {
  const { fixed, timeoutSeconds, converse } = login;
  const interrupt = interruption(timeoutSeconds);
  catchSignals({ end: interrupt.now, continued: () => {} });
  const done = await serveJson({
    channel: jsonChannel({ input: process.stdin, output: process.stdout }),
    version: VERSION,
    fixed,
    converse,
    interrupted: interrupt.happened,
    onPairing: interrupt.allow,
    graceMs: GRACE_MS,
  });
  interrupt.over();
  return done;
}

const GRACE_MS = 2000;
