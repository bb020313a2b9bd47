/**
 * A secret from a person or a script: from the first line of stdin, or typed without echo; never from argv or the environment.
 * While it is typed the terminal is raw, so that no key makes a signal; it is put back on every way out. What was typed before the
 * question is no part of it.
 */
import { StringDecoder } from 'node:string_decoder';
import { Fault } from '../core/errors.ts';
import { dropTypeAhead } from '../terminal/terminal-guard-drain.ts';

/** The first line of stdin, without its line end. Faults: `bad-data` where there is none or it is not UTF-8. */
export async function secretFromStdin(): Promise<string> {
  // Somebody who types at the prompt must not see it.
  if (process.stdin.isTTY) return typedWithoutEcho('Password: ');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    length += bytes.length;
    if (bytes.includes(0x0a)) break;
    if (length > LINE_MAX_BYTES) throw new Fault('bad-data', 'The first line of the input is too long for a password.');
  }
  const text = decodeUtf8(firstLine(Buffer.concat(chunks)));
  if (text === '') throw new Fault('bad-data', 'No password came in.', { hint: 'Its first line is read from stdin.' });
  return text;
}

/** Asks twice; empty where nothing was typed. Faults: `usage` without a terminal, `cancelled`, `bad-data` where the two differ. */
export async function newSecretFromTerminal(label: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new Fault('usage', 'There is no terminal to ask for a password at.', {
      hint: 'Give it on stdin with --password-stdin.',
    });
  }
  const first = await typedWithoutEcho(`${label}: `);
  if (first === '') return '';
  const again = await typedWithoutEcho('The same again: ');
  if (first !== again) throw new Fault('bad-data', 'The two passwords are not the same.');
  return first;
}

const LINE_MAX_BYTES = 64 * 1024;

function firstLine(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0x0a);
  const line = end < 0 ? bytes : bytes.subarray(0, end);
  return line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (cause) {
    throw new Fault('bad-data', 'The password is not UTF-8 text.', { cause });
  }
}

/** What came in after the line that was read: two lines pasted at once answer two questions. */
let typedAhead = '';

function typedWithoutEcho(question: string): Promise<string> {
  const { stdin, stderr } = process;
  return new Promise((resolve, reject) => {
    const decoder = new StringDecoder('utf8');
    let typed = '';
    const restore = () => {
      stdin.off('data', onData).off('end', onEnd).pause();
      if (stdin.isTTY) stdin.setRawMode(false);
      for (const signal of ENDING_SIGNALS) process.off(signal, onSignal);
      stderr.write('\n');
    };
    const cancel = () => {
      restore();
      reject(new Fault('cancelled', 'Cancelled.'));
    };
    const onEnd = cancel;
    const onSignal = cancel;
    const take = (text: string) => {
      const characters = [...text];
      for (const [index, character] of characters.entries()) {
        const step = afterKey(typed, character);
        typed = step.typed;
        if (step.next === 'cancel') return cancel();
        if (step.next === 'done') {
          typedAhead = characters.slice(index + 1).join('');
          restore();
          return resolve(typed);
        }
      }
    };
    const onData = (chunk: Buffer) => take(decoder.write(chunk));
    stdin.setRawMode(true);
    for (const signal of ENDING_SIGNALS) process.on(signal, onSignal);
    if (typedAhead === '') dropTypeAhead(stdin.fd);
    stderr.write(question);
    stdin.on('data', onData).on('end', onEnd).resume();
    const ahead = typedAhead;
    typedAhead = '';
    take(ahead);
  });
}

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

type AfterKey = { readonly typed: string; readonly next: 'more' | 'done' | 'cancel' };

/** Raw keys: Enter, Ctrl-C, Ctrl-D on an empty line, Backspace, Ctrl-U; other control characters are no part of a password. */
function afterKey(typed: string, character: string): AfterKey {
  switch (character) {
    case '\r':
    case '\n':
      return { typed, next: 'done' };
    case '\u0003':
      return { typed: '', next: 'cancel' };
    case '\u0004':
      return { typed, next: typed === '' ? 'cancel' : 'more' };
    case '\u007f':
    case '\b':
      return { typed: [...typed].slice(0, -1).join(''), next: 'more' };
    case '\u0015':
      return { typed: '', next: 'more' };
    default:
      return { typed: /\p{Cc}/u.test(character) ? typed : typed + character, next: 'more' };
  }
}
