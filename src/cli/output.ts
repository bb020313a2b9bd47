/** What commands print: results on stdout, everything said beside them on stderr, so that stdout can be piped anywhere. */
import { EXIT_STATUS, type Fault } from '../core/errors.ts';
import { inert } from '../core/visible-text.ts';

export type OutputForm = 'text' | 'json';

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** Advice and warnings; nothing a script waits for. */
export function remark(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** The end of a command that went wrong: a sentence and a next step, or the same as JSON. Returns the exit status. */
export function printFault(fault: Fault, form: OutputForm): number {
  const { code, message, hint } = fault;
  if (form === 'json') {
    process.stderr.write(`${JSON.stringify({ error: { code, message, hint: hint ?? null } })}\n`);
  } else {
    const lines = [`gatehouse: ${message}`, ...(hint === undefined ? [] : [`  ${hint}`])];
    // A message of several lines is ours; what stands in one came from outside.
    process.stderr.write(`${lines.join('\n').split('\n').map(inert).join('\n')}\n`);
  }
  return EXIT_STATUS[code];
}

/** Text from outside as it may be drawn here: inert, and 7-bit on a terminal whose locale is not UTF-8. */
export function drawn(text: string): string {
  return isNarrowTerminal() ? inert(text).replace(/[^\x20-\x7e]/gu, spelledOut) : inert(text);
}

/** A pipe gets UTF-8 whatever the locale: a script's environment often has none. */
function isNarrowTerminal(): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  return process.stdout.isTTY === true && !/utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}

function spelledOut(character: string): string {
  return `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;
}
