/** Where the answers of the line front end come from: keys of a terminal, or the lines of a pipe. */
import type { Answered } from '../run-conversation.ts';

export type Question = {
  /** Drawn before the answer, in one line. */
  readonly prompt: string;
  /** A character of the answer as the screen shows it; undefined: a secret. */
  readonly show: ((character: string) => string) | undefined;
  /** What was typed before this question counts for it, or is dropped; or its prompt is drawn already, and what came since waits. */
  readonly typedBefore: 'dropped' | 'taken' | 'waits';
};

/** Longer than any answer, or bytes that are no UTF-8: nothing that could be right, so it is not an answer at all. */
export type NoAnswer = { readonly kind: 'too-long' | 'not-text' };

export type Answers = {
  read(question: Question): Promise<Answered | NoAnswer>;
  /** The open question and what of its answer shows, again, on a screen that was cleared. */
  redraw(): void;
  close(): void;
};
