/**
 * A login by the line front end, from the first prompt to the verdict. The terminal is guarded for as long as it lasts, and the
 * first prompt is on it before anything else is done.
 */
import type { Readable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import type { Config } from '../../core/config/model.ts';
import type { Done } from '../../core/login/message.ts';
import { type TerminalEnvironment, type TerminalOutput, terminalCapabilities } from '../../terminal/capabilities.ts';
import { guardTerminal, type TerminalGuard } from '../../terminal/terminal-guard.ts';
import { catchSignals, type SignalMeaning } from '../../terminal/terminal-guard-signals.ts';
import { interruption } from '../interruption.ts';
import type { LazyConversation } from '../lazy-conversation.ts';
import { runConversation } from '../run-conversation.ts';
import type { Answers } from './answers.ts';
import { lineAsker, settled } from './line-asker.ts';
import { pairScreen } from './pair-screen.ts';
import { pipedAnswers } from './piped-answers.ts';
import { plainText } from './plain-text.ts';
import { typedAnswers } from './typed-answers.ts';

/** Where the questions are drawn. */
export type LineOutput = TerminalOutput & {
  write(text: string): unknown;
  on(event: 'resize' | 'error', listener: () => void): unknown;
  off(event: 'resize' | 'error', listener: () => void): unknown;
};

export type LineInput =
  | { readonly kind: 'terminal'; readonly stream: ReadStream; readonly fd: number }
  | { readonly kind: 'pipe'; readonly stream: Readable };

/** Never rejects. */
export async function runLineGate(gate: {
  readonly conversation: LazyConversation;
  /** `drawn`: on a terminal, by `drawFirstPrompt`. */
  readonly firstPrompt: 'drawn' | 'to-draw';
  readonly input: LineInput;
  readonly output: LineOutput;
  readonly environment: TerminalEnvironment;
  readonly settings: Config['terminal'];
  readonly timeoutSeconds: number;
}): Promise<Done> {
  const { conversation, firstPrompt, input, output, environment, settings, timeoutSeconds } = gate;
  const interrupt = interruption(timeoutSeconds);
  const capabilities = () => terminalCapabilities({ env: environment, output, colour: settings.colour });
  const seen = capabilities();
  const plain = plainText(seen);
  const write = (text: string) => void output.write(text);
  const screen = pairScreen({ write, capabilities, plain, settings, redrawQuestion: () => answers.redraw() });

  const guard =
    input.kind === 'terminal'
      ? guardTerminal({ ...input, input: input.stream, onEnd: interrupt.now, onContinued: again })
      : guardPipe(interrupt.now);
  const onGone = () => interrupt.now('input-ended');
  output.on('error', onGone);
  output.on('resize', screen.redraw);
  process.prependListener('exit', screen.close);
  if (firstPrompt === 'to-draw') write(settled(seen));
  const answers: Answers =
    input.kind === 'terminal'
      ? typedAnswers({
          input: input.stream,
          write,
          dropTypeAhead: guard.dropTypeAhead,
          onFirstKey: conversation.warm,
          onInterrupted: interrupt.now,
        })
      : pipedAnswers({ input: input.stream, write });
  if (input.kind === 'pipe') conversation.warm();

  function again(): void {
    if (screen.isOpen()) screen.redraw();
    else answers.redraw();
  }

  const asker = lineAsker({ answers, write, plain, pairScreen: screen, firstPrompt });
  const done = await runConversation({
    conversation,
    asker,
    interrupted: interrupt.happened,
    onPairing: interrupt.allow,
    graceMs: GRACE_MS,
  });
  interrupt.over();
  answers.close();
  screen.close();
  guard.release();
  output.off('resize', screen.redraw);
  process.off('exit', screen.close);
  return done;
}

/** Signals alone: there is no echo to turn off and nothing typed ahead. */
function guardPipe(onEnd: (meaning: SignalMeaning) => void): TerminalGuard {
  return { dropTypeAhead() {}, release: catchSignals({ end: onEnd, continued() {} }) };
}

/** For the audit trail to take down how a login ended; a person who pressed Ctrl-C waits no longer. */
const GRACE_MS = 2000;
