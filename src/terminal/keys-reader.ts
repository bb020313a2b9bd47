/** Keys as they come out of a terminal in raw mode, with the clock that a lone Esc needs. */
import type { Readable } from 'node:stream';
import {
  decodeKeys,
  ESCAPE_HOLD_MS,
  holdsEscape,
  type Key,
  type KeyDecoding,
  NO_KEYS_YET,
  settleKeys,
} from './keys.ts';

export type KeyListener = {
  /** The keys that came together, in order. */
  keys(keys: readonly Key[]): void;
  /** Hang-up or end of file: no key will come any more. Called once. */
  ended(): void;
};

export type KeyReader = {
  /** Forgets the beginning of a key or paste. */
  forget(): void;
  /** Stops reading; the stream stays open. */
  stop(): void;
};

export function readKeys(input: Readable, listener: KeyListener): KeyReader {
  let state: KeyDecoding = NO_KEYS_YET;
  let hold: NodeJS.Timeout | undefined;
  let over = false;

  function onData(chunk: Uint8Array | string): void {
    clearTimeout(hold);
    take(decodeKeys(state, typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk));
    if (holdsEscape(state)) hold = setTimeout(settleSoon, ESCAPE_HOLD_MS);
  }

  /** On a busy machine the time is up before what has come meanwhile was read: once more around, then it counts as silence. */
  function settleSoon(): void {
    const held = state;
    setImmediate(() => {
      if (state === held) take(settleKeys(state));
    });
  }

  function take(decoded: { readonly state: KeyDecoding; readonly keys: readonly Key[] }): void {
    state = decoded.state;
    if (decoded.keys.length > 0) listener.keys(decoded.keys);
  }

  function onEnd(): void {
    if (over) return;
    over = true;
    listener.ended();
  }

  input.on('data', onData);
  input.on('end', onEnd);
  input.on('close', onEnd);
  input.on('error', onEnd);
  input.resume();
  return {
    forget() {
      clearTimeout(hold);
      state = NO_KEYS_YET;
    },
    stop() {
      over = true;
      clearTimeout(hold);
      input.off('data', onData);
      input.off('end', onEnd);
      input.off('close', onEnd);
      input.pause();
    },
  };
}
