/**
 * Consent to what cannot be undone: `--yes`, or a person who types yes at a terminal. Invariants: the default is No; what was typed
 * before the question is no answer to it.
 */
import { createInterface } from 'node:readline';
import { Fault } from '../core/errors.ts';
import { dropTypeAhead } from '../terminal/terminal-guard-drain.ts';

/** `question` names what will happen. Faults: `usage` without a terminal, `cancelled` where the answer is not yes. */
export async function consent(question: string, given: { readonly yes?: boolean | undefined }): Promise<void> {
  if (given.yes === true) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new Fault('usage', `${question} That needs a yes.`, { hint: 'Say --yes.' });
  }
  const answer = await answerTo(`${question} Type yes to go on [No]: `);
  if (answer.trim().toLowerCase() !== 'yes') throw new Fault('cancelled', 'Nothing was changed.');
}

/**
 * Consent that is never an option alone: the words are typed, or are the first line of a script's input. Fault:
 * `cancelled`.
 */
export async function consentInWords(question: string, words: string): Promise<void> {
  const answer = await answerTo(`${question} Type "${words}" to go on: `);
  if (answer.trim() !== words) throw new Fault('cancelled', 'Nothing was changed.');
}

/** End of input is no answer: readline's own question() would never settle then. */
function answerTo(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // The terminal is raw from here on: half a line is dropped too.
  if (process.stdin.isTTY) dropTypeAhead(process.stdin.fd);
  return new Promise((resolve) => {
    let answer = '';
    lines.on('close', () => resolve(answer));
    lines.on('SIGINT', () => lines.close());
    lines.question(question, (line) => {
      answer = line;
      lines.close();
    });
  });
}
