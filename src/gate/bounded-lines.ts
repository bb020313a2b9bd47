/**
 * Lines of a stream, pulled one at a time, of at most LONGEST_LINE_BYTES each: what is longer is read away without being kept.
 * Invariant: whatever comes in, no more than one line and one chunk is held, and the stream waits until it is asked again.
 */
import type { Readable } from 'node:stream';

export const LONGEST_LINE_BYTES = 65_536;

export type InputLine =
  /** Without its LF. Bytes that are no UTF-8 make the line `not-text`. */
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'not-text' }
  | { readonly kind: 'too-long' }
  /** The end, a broken stream included. What stands before it without an LF is no line: it may have been cut. */
  | { readonly kind: 'end' };

export type BoundedLines = { next(): Promise<InputLine>; close(): void };

export function boundedLines(input: Readable): BoundedLines {
  const ready: InputLine[] = [];
  let waiting: ((line: InputLine) => void) | undefined;
  let parts: Uint8Array[] = [];
  let length = 0;
  let ended = false;

  function deliver(line: InputLine): void {
    if (waiting === undefined) {
      ready.push(line);
      return;
    }
    const settle = waiting;
    waiting = undefined;
    input.pause();
    settle(line);
  }

  function onData(data: Uint8Array | string): void {
    let chunk = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF)) {
      keep(chunk.subarray(0, end));
      deliver(finished());
      chunk = chunk.subarray(end + 1);
    }
    keep(chunk);
  }

  function keep(bytes: Uint8Array): void {
    length += bytes.length;
    if (length <= LONGEST_LINE_BYTES) parts.push(bytes);
    else parts = [];
  }

  function finished(): InputLine {
    const line: InputLine = length > LONGEST_LINE_BYTES ? { kind: 'too-long' } : decoded(parts);
    parts = [];
    length = 0;
    return line;
  }

  function onEnd(): void {
    ended = true;
    parts = [];
    waiting?.({ kind: 'end' });
    waiting = undefined;
  }

  input.pause();
  input.on('data', onData);
  input.on('end', onEnd);
  input.on('close', onEnd);
  input.on('error', onEnd);
  return {
    next: () =>
      new Promise((settle) => {
        const line = ready.shift();
        if (line !== undefined) settle(line);
        else if (ended || input.destroyed || input.readableEnded) settle({ kind: 'end' });
        else {
          waiting = settle;
          input.resume();
        }
      }),
    close() {
      ended = true;
      input.off('data', onData);
      input.pause();
    },
  };
}

const LF = 0x0a;

function decoded(parts: readonly Uint8Array[]): InputLine {
  try {
    return {
      kind: 'line',
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts)),
    };
  } catch {
    return { kind: 'not-text' };
  }
}
