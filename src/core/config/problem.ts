/**
 * What is wrong with a configuration, said so that an administrator can mend it: where, what, and what would be right.
 * Text that came out of the file is shown inert and short, because a problem is printed on a terminal.
 */
import { inert } from '../visible-text.ts';

export type Problem = {
  readonly file: string;
  /** 1-based; null where the text did not come from a line (a value typed into the form or `config set`). */
  readonly line: number | null;
  /** `2FA`, `Section.Key`, or what stands there instead. */
  readonly key: string;
  readonly wrong: string;
  readonly right: string;
};

/** What reading one value came to; `wrong` and `right` are halves of one sentence. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly wrong: string; readonly right: string };

/** `config.ini:4: Login.Attempts: "three" is not a whole number; write a number from 1 to 10` */
export function problemText(problem: Problem): string {
  const place = problem.line === null ? inert(problem.file) : `${inert(problem.file)}:${problem.line}`;
  return `${place}: ${clipped(problem.key)}: ${reasonText(problem)}`;
}

/** The sentence alone, for a form that shows it beside the field. */
export function reasonText(reason: { readonly wrong: string; readonly right: string }): string {
  return `${reason.wrong}; ${reason.right}`;
}

const SHOWN_CHARACTERS = 40;

/** Foreign text as it may stand in a sentence. */
export function quoted(text: string): string {
  return `"${clipped(text)}"`;
}

export function clipped(text: string): string {
  // Cut before spelling out: a line of a megabyte is not spelled out to be thrown away.
  const characters = [...text.slice(0, SHOWN_CHARACTERS * 2 + 2)];
  const head = inert(characters.slice(0, SHOWN_CHARACTERS).join(''));
  return characters.length > SHOWN_CHARACTERS ? `${head}...` : head;
}
