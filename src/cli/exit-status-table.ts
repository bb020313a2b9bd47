/** What each exit status means: for the help, the README and the manual pages. */
import { EXIT_STATUS } from '../core/errors.ts';

export const EXIT_STATUSES: readonly { readonly status: number; readonly word: string; readonly meaning: string }[] = [
  { status: 0, word: 'done', meaning: 'granted, done' },
  { status: EXIT_STATUS.usage, word: 'usage', meaning: "the call's words are wrong" },
  { status: EXIT_STATUS['bad-data'], word: 'bad data', meaning: 'the data is wrong' },
  { status: EXIT_STATUS['not-found'], word: 'no such user or file', meaning: 'no such user or file' },
  {
    status: EXIT_STATUS.unavailable,
    word: 'unavailable',
    meaning: 'unavailable: something is missing, unreadable or damaged',
  },
  { status: EXIT_STATUS.internal, word: 'internal', meaning: 'a defect of Gatehouse' },
  { status: EXIT_STATUS.exists, word: 'refuses to overwrite', meaning: 'refuses to overwrite' },
  { status: EXIT_STATUS.busy, word: 'busy, try again', meaning: 'the store is busy or away: try again' },
  { status: EXIT_STATUS.denied, word: 'denied', meaning: 'denied' },
  { status: EXIT_STATUS.configuration, word: 'configuration', meaning: 'the configuration is wrong' },
  { status: EXIT_STATUS.cancelled, word: 'cancelled', meaning: 'cancelled' },
];

/** The sentence below the help of the program. */
export function exitStatusHelp(): string {
  return `Exit status: ${EXIT_STATUSES.map(({ status, word }) => `${status} ${word}`).join(', ')}.`;
}

/** A Markdown table of all of them. */
export function exitStatusMarkdown(): string {
  const rows = EXIT_STATUSES.map(({ status, meaning }) => `| ${status} | ${meaning} |`);
  return `| status | meaning |\n|---|---|\n${rows.join('\n')}\n`;
}
