/**
 * Invariant: from `guardTerminal` until `release` nothing typed is echoed, makes a signal, stops the process or is read by
 * anybody else; `release` gives the terminal back as it was, and runs on every way out that a process has a say in.
 */
import type { ReadStream } from 'node:tty';
import { dropTypeAhead } from './terminal-guard-drain.ts';
import { catchSignals, type SignalMeaning } from './terminal-guard-signals.ts';

export type TerminalGuard = {
  /** Drops what was typed and not read yet; for the moment before a question. */
  dropTypeAhead(): void;
  /** Puts the terminal back. Further calls do nothing. */
  release(): void;
};

export function guardTerminal(guarded: {
  readonly input: ReadStream;
  /** The descriptor that `input` reads. */
  readonly fd: number;
  /** The login is to end: a signal came. */
  readonly onEnd: (meaning: SignalMeaning) => void;
  /** The process was stopped from outside and goes on. The terminal is raw again; what is on the screen may not be ours. */
  readonly onContinued: () => void;
}): TerminalGuard {
  const { input, fd, onEnd, onContinued } = guarded;
  const wasRaw = input.isRaw;
  let released = false;

  const letGoOfSignals = catchSignals({
    end: onEnd,
    continued() {
      // Node believes that the terminal is raw still; the shell has changed it.
      setRaw(input, 'cooked');
      setRaw(input, 'raw');
      dropTypeAhead(fd);
      onContinued();
    },
  });
  process.prependListener('exit', release);
  setRaw(input, 'raw');

  function release(): void {
    if (released) return;
    released = true;
    process.off('exit', release);
    letGoOfSignals();
    input.pause();
    dropTypeAhead(fd);
    if (!wasRaw) setRaw(input, 'cooked');
  }

  return { dropTypeAhead: () => void dropTypeAhead(fd), release };
}

/** A terminal that is gone cannot be set; its end of input ends the login. */
function setRaw(input: ReadStream, mode: 'raw' | 'cooked'): void {
  try {
    input.setRawMode(mode === 'raw');
  } catch {
    // Hung up.
  }
}
