/**
 * Answers out of keys, edited and echoed here, since the terminal is raw. Keys that come while nothing is asked are dropped,
 * but for Ctrl-C, and for those that came together with the Enter of a question whose successor takes them.
 */
import type { Readable } from 'node:stream';
import type { Key } from '../../terminal/keys.ts';
import { readKeys } from '../../terminal/keys-reader.ts';
import { editLine, emptyLine, type Line, lineEcho, lineText, tooLong } from '../../terminal/line-editor.ts';
import type { Answered } from '../run-conversation.ts';
import type { Answers, NoAnswer, Question } from './answers.ts';

type Open = { readonly question: Question; readonly settle: (answer: Answered | NoAnswer) => void; line: Line };

export function typedAnswers(typed: {
  readonly input: Readable;
  readonly write: (text: string) => void;
  /** Drops what the terminal holds and nobody has read. */
  readonly dropTypeAhead: () => void;
  /** The first key came. */
  readonly onFirstKey: () => void;
  /** Ctrl-C between two questions, or the end of input at any time. */
  readonly onInterrupted: (why: 'cancelled' | 'input-ended') => void;
}): Answers {
  const { input, write, dropTypeAhead, onFirstKey, onInterrupted } = typed;
  let open: Open | undefined;
  /** Keys behind an Enter, of the same chunk. */
  let behindEnter: readonly Key[] = [];
  let untouched = true;

  const reader = readKeys(input, {
    keys(keys) {
      take(keys);
      if (untouched) onFirstKey();
      untouched = false;
    },
    ended: () => onInterrupted('input-ended'),
  });

  function take(keys: readonly Key[]): void {
    for (const [index, key] of keys.entries()) {
      if (open === undefined) {
        if (isInterrupt(key)) onInterrupted('cancelled');
      } else if (edit(open, key) === 'settled') {
        behindEnter = keys.slice(index + 1);
        return;
      }
    }
  }

  function edit(asked: Open, key: Key): 'settled' | 'open' {
    const step = editLine(asked.line, key);
    if (step.kind === 'editing' || step.kind === 'entered') {
      asked.line = step.line;
      if (step.echo !== '') write(step.echo);
      if (step.kind === 'editing') return 'open';
    }
    write('\n');
    open = undefined;
    switch (step.kind) {
      case 'entered':
        asked.settle(tooLong(step.line) ? { kind: 'too-long' } : { kind: 'answered', value: lineText(step.line) });
        return 'settled';
      case 'cancelled':
        asked.settle({ kind: 'cancelled' });
        return 'settled';
      case 'ended':
        asked.settle({ kind: 'input-ended' });
        return 'settled';
    }
  }

  return {
    read: (question) =>
      new Promise((settle) => {
        const before = behindEnter;
        behindEnter = [];
        if (question.typedBefore === 'dropped') {
          reader.forget();
          dropTypeAhead();
        }
        if (question.typedBefore !== 'waits') write(question.prompt);
        open = { question, settle, line: emptyLine(question.show) };
        if (question.typedBefore === 'taken') take(before);
      }),
    redraw() {
      if (open !== undefined) write(`${open.question.prompt}${lineEcho(open.line)}`);
    },
    close() {
      open = undefined;
      reader.stop();
    },
  };
}

function isInterrupt(key: Key): boolean {
  return key.kind === 'control' && (key.letter === 'c' || key.letter === '\\');
}
