/** Answers out of a pipe or file: a line an answer, exact but for its line end. End of input ends the login. */
import type { Readable } from 'node:stream';
import { boundedLines } from '../bounded-lines.ts';
import type { Answers } from './answers.ts';

export function pipedAnswers(piped: { readonly input: Readable; readonly write: (text: string) => void }): Answers {
  const { input, write } = piped;
  const lines = boundedLines(input);
  return {
    async read({ prompt }) {
      write(prompt);
      const line = await lines.next();
      // Nobody typed an Enter that would have ended the line of the prompt.
      write('\n');
      switch (line.kind) {
        case 'line':
          return { kind: 'answered', value: line.text.replace(/\r$/, '') };
        case 'too-long':
        case 'not-text':
          return line;
        case 'end':
          return { kind: 'input-ended' };
      }
    },
    redraw() {},
    close: () => lines.close(),
  };
}
