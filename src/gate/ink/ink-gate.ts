/**
 * A login by the full-screen form. The first frame is painted by plain writes, keys are taken from then on, and Ink is loaded
 * behind it; should it not load, or break, the plain frames go on. Invariant: whatever happens to the drawing, the terminal is
 * guarded until the verdict is there and put back before anybody else has it.
 */
import type { ReadStream, WriteStream } from 'node:tty';
import type { Config } from '../../core/config/model.ts';
import type { Done } from '../../core/login/message.ts';
import { noticeOf } from '../../core/login/wording.ts';
import { type TerminalEnvironment, terminalCapabilities } from '../../terminal/capabilities.ts';
import { inertText } from '../../terminal/inert-text.ts';
import { readKeys } from '../../terminal/keys-reader.ts';
import { openScreen } from '../../terminal/screen.ts';
import { guardTerminal } from '../../terminal/terminal-guard.ts';
import { interruption } from '../interruption.ts';
import type { LazyConversation } from '../lazy-conversation.ts';
import { type Asker, runConversation } from '../run-conversation.ts';
import { createForm } from './form.ts';
import { showForm } from './show-form.ts';

/** Never rejects. */
export async function runInkGate(gate: {
  readonly conversation: Omit<LazyConversation, 'first'>;
  readonly input: { readonly stream: ReadStream; readonly fd: number };
  readonly output: WriteStream;
  readonly environment: TerminalEnvironment;
  readonly settings: Config['terminal'];
  readonly timeoutSeconds: number;
  /** Its label stands on top. */
  readonly mode: Config['mode'];
  /** The name that came with the call. */
  readonly givenName: string | undefined;
}): Promise<Done> {
  const { conversation, input, output, environment, settings, timeoutSeconds, mode, givenName } = gate;
  const capabilities = terminalCapabilities({ env: environment, output, colour: settings.colour });
  const interrupt = interruption(timeoutSeconds);
  const guard = guardTerminal({
    input: input.stream,
    fd: input.fd,
    onEnd: interrupt.now,
    onContinued: () => picture.reenter(),
  });
  const onGone = (): void => interrupt.now('input-ended');
  output.on('error', onGone);
  const screen = openScreen({ output, capabilities });
  const form = createForm({
    label: mode === undefined || mode.kind === 'off' ? undefined : mode.label,
    givenName,
    qrSeconds: settings.qrSeconds,
    dropTypeAhead() {
      reader.forget();
      guard.dropTypeAhead();
    },
    onCancel: () => interrupt.now('cancelled'),
    onRedraw: () => picture.repaint(),
  });
  const picture = showForm({ form, output, screen, look: { capabilities, qr: settings.qr }, now: Date.now });
  const reader = readKeys(input.stream, {
    keys(keys) {
      form.take(keys);
      conversation.warm();
    },
    ended: onGone,
  });

  let said: readonly string[] = [];
  const asker: Asker = {
    ask: form.ask,
    show(messages, next) {
      said = messages.flatMap((message) => (message.type === 'notice' ? message.text.split('\n') : []));
      return form.show(messages, next);
    },
  };
  const done = await runConversation({
    conversation,
    asker,
    interrupted: interrupt.happened,
    onPairing: interrupt.allow,
    graceMs: GRACE_MS,
  });
  interrupt.over();
  reader.stop();
  form.close();
  picture.close();
  screen.close();
  // The form is gone with its screen; why nobody was let in stays to be read.
  for (const line of farewell(done, said)) output.write(`${inertText(line, capabilities)}\n`);
  guard.release();
  output.off('error', onGone);
  return done;
}

/** For the audit trail to take down how a login ended; a person who pressed Ctrl-C waits no longer. */
const GRACE_MS = 2000;

function farewell(done: Done, said: readonly string[]): readonly string[] {
  switch (done.outcome) {
    case 'granted':
    case 'cancelled':
      return [];
    case 'denied':
      return said;
    case 'unavailable':
      return said.length > 0 ? said : [noticeOf('internal').text];
  }
}
