/**
 * What Ink reads in place of the terminal: keys that our own decoder has read, handed on to a component of Ink's world such as
 * ink-text-input. Such a component loses keys that come while it draws; so a key is handed over, and what it changed is drawn
 * (`InkScreen.settle`), before the next one.
 */
import { EventEmitter } from 'node:events';

export type InkInput = {
  /** For Ink's `stdin`. */
  readonly stream: NodeJS.ReadStream;
  /** Read by Ink before it returns. No control characters but Backspace. */
  write(text: string): void;
};

export function createInkInput(): InkInput {
  const events = new EventEmitter();
  let waiting: string | null = null;
  const source = Object.assign(events, {
    isTTY: true,
    read(): string | null {
      const text = waiting;
      waiting = null;
      return text;
    },
    setEncoding() {},
    setRawMode() {},
    resume() {},
    pause() {},
    ref() {},
    unref() {},
  });
  return {
    // Ink asks for a whole ReadStream and uses these members of it alone (its components/App, use-input).
    stream: source as unknown as NodeJS.ReadStream,
    write(text) {
      waiting = text;
      events.emit('readable');
    },
  };
}
