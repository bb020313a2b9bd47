/**
 * The line front end: notices and questions as plain lines. Of a secret nothing is echoed; the QR code and the key leave the
 * screen again (`pair-screen`). Answers that cannot be right (over-long, no text) are asked again without costing an attempt.
 */
import type { Ask, Done, Pair, RecoveryNotice } from '../../core/login/message.ts';
import type { TerminalCapabilities } from '../../terminal/capabilities.ts';
import type { Answered, Asker, Shown } from '../run-conversation.ts';
import type { Answers, Question } from './answers.ts';
import type { PairScreen } from './pair-screen.ts';
import type { PlainText } from './plain-text.ts';

export function lineAsker(line: {
  readonly answers: Answers;
  readonly write: (text: string) => void;
  readonly plain: PlainText;
  readonly pairScreen: PairScreen;
  readonly firstPrompt: 'drawn' | 'to-draw';
}): Asker {
  const { answers, write, plain, pairScreen, firstPrompt } = line;
  let before: Ask['field'] | undefined;

  async function show(messages: readonly Shown[], next: Ask | Done): Promise<void> {
    const pair = messages.find((message): message is Pair => message.type === 'pair');
    const lines = messages.flatMap((message) => linesOf(message, plain));
    if (pair !== undefined) await pairScreen.open(pair, lines);
    else if (pairScreen.isOpen() && next.type === 'ask' && next.field === 'code') pairScreen.say(lines);
    else {
      pairScreen.close();
      for (const text of lines) write(`${text}\n`);
    }
  }

  async function ask(asked: Ask): Promise<Answered> {
    const typedBefore = typedBeforeThe(asked.field);
    before = asked.field;
    const question: Question = {
      prompt: promptText(asked, plain),
      show: asked.secret ? undefined : plain,
      typedBefore,
    };
    for (let tries = 0; tries < MOST_NON_ANSWERS; tries += 1) {
      const answer = await answers.read(tries === 0 ? question : { ...question, typedBefore: 'dropped' });
      switch (answer.kind) {
        case 'too-long':
          write('That is too long.\n');
          break;
        case 'not-text':
          write('That is not text.\n');
          break;
        case 'answered':
          return { kind: 'answered', value: chosen(asked, answer.value) };
        default:
          return answer;
      }
    }
    return { kind: 'input-ended' };
  }

  function typedBeforeThe(field: Ask['field']): Question['typedBefore'] {
    if (before === undefined && firstPrompt === 'drawn') return 'waits';
    return before === 'username' && field === 'password' ? 'taken' : 'dropped';
  }

  return { show, ask };
}

/** A stream of noise is not somebody who answers. */
const MOST_NON_ANSWERS = 10;

/** What undoes what a gate that was killed may have left: the alternate screen, a hidden cursor, colours, marks around what is pasted. */
export function settled({ alternateScreen }: Pick<TerminalCapabilities, 'alternateScreen'>): string {
  return alternateScreen ? '\x1b[?47l\x1b[?25h\x1b[0m\x1b[?2004l' : '';
}

export function promptText(ask: Ask, plain: PlainText): string {
  const label = plain(ask.label);
  return ask.options === undefined ? `${label}: ` : `${label} [${ask.options.map(plain).join('/')}]: `;
}

/** The beginning of an option does for it; Enter alone where there is but one. */
function chosen(ask: Ask, typed: string): string {
  if (ask.options === undefined) return typed;
  const start = typed.trim().toLowerCase();
  const matches = ask.options.filter((option) => option.startsWith(start));
  const [only] = matches;
  return only !== undefined && matches.length === 1 ? only : typed;
}

function linesOf(message: Shown, plain: PlainText): readonly string[] {
  if (message.type === 'pair') return [];
  const text = message.text.split('\n').map(plain);
  return isRecovery(message) ? [...text, ...message.codes.map((code) => `  ${plain(code)}`)] : text;
}

function isRecovery(message: Shown): message is RecoveryNotice {
  return 'codes' in message;
}
