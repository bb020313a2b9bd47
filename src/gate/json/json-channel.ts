/**
 * JSON lines over a pair of streams, a process's own or a socket. Lines come in bounded, lines go out with back-pressure: a host
 * that does not read holds the conversation up (until TimeoutSeconds), it does not fill the memory.
 */
import type { Readable, Writable } from 'node:stream';
import { boundedLines } from '../bounded-lines.ts';
import { type ClientLine, decodeClientLine, type LineProblem } from './client-line.ts';

export type Received =
  | { readonly kind: 'line'; readonly line: ClientLine }
  | { readonly kind: 'problem'; readonly problem: LineProblem }
  | { readonly kind: 'end' };

export type JsonChannel = {
  receive(): Promise<Received>;
  /** Resolves when the line is handed over; rejects when nobody is there to read it. */
  send(message: object): Promise<void>;
  close(): void;
};

export function jsonChannel(streams: { readonly input: Readable; readonly output: Writable }): JsonChannel {
  const { input, output } = streams;
  const lines = boundedLines(input);
  // A write's own callback tells of it; without a listener the error would end the process.
  output.on('error', () => {});
  return {
    async receive() {
      const line = await lines.next();
      switch (line.kind) {
        case 'line':
          return decodeClientLine(line.text);
        case 'too-long':
        case 'not-text':
          return { kind: 'problem', problem: line.kind };
        case 'end':
          return line;
      }
    },
    send: (message) =>
      new Promise((resolve, reject) => {
        output.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => lines.close(),
  };
}
