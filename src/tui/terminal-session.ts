/**
 * The terminal while the console has it: from `openSession` to `close` it is raw, on its second screen, and nothing typed is echoed
 * or read by anybody else, whatever programs are shown one after the other. Invariants: it is put back on every way out; a key
 * counts for a question only where it came after the question was on the screen.
 */

import type { ReadStream } from 'node:tty';
import type { ReactNode } from 'react';
import type { Config } from '../core/config/model.ts';
import { type TerminalCapabilities, type TerminalEnvironment, terminalCapabilities } from '../terminal/capabilities.ts';
import { createInkInput } from '../terminal/ink-input.ts';
import { type InkScreen, showInk } from '../terminal/ink-screen.ts';
import type { Key } from '../terminal/keys.ts';
import { readKeys } from '../terminal/keys-reader.ts';
import { openScreen } from '../terminal/screen.ts';
import { guardTerminal } from '../terminal/terminal-guard.ts';
import type { Size } from './panel.ts';

export type ConsoleTerminal = {
  readonly input: ReadStream;
  /** Descriptor of `input`. */
  readonly fd: number;
  readonly output: NodeJS.WriteStream;
  readonly environment: TerminalEnvironment;
};

/** What is shown: draws itself, takes keys, and is told when the terminal or a signal ends it. */
export type Program = {
  readonly tree: ReactNode;
  /** What the next key would answer. */
  question(): object | undefined;
  /** That question is on the screen now. Until then keys are pressed as answers to the one before, and so do nothing. */
  wasRead(question: object | undefined): void;
  press(keys: readonly Key[]): void;
  resize(size: Size): void;
  /** Once a second. */
  tick(): void;
  /** 130 ended by a signal, 77 the terminal is gone, 70 it could not be drawn. */
  leave(status: number): void;
};

/** How Backspace is typed into Ink. */
export const INK_BACKSPACE = '\x7f';

export type TerminalSession = {
  capabilities(colour: Config['terminal']['colour']): TerminalCapabilities;
  size(): Size;
  /** Everything again, on a screen that others may have drawn on. */
  repaint(): void;
  /** For a component of Ink's world that has the keyboard: what was typed, taken in before this returns. */
  typeIntoInk(text: string): void;
  /** Shows a program until what it gives is called. */
  show(program: Program): () => void;
  close(): void;
};

export function openSession(terminal: ConsoleTerminal): TerminalSession {
  const { input, output, environment: env } = terminal;
  const inkInput = createInkInput();
  let program: Program | undefined;
  let ink: InkScreen | undefined;
  /** What the last frame asked. */
  let asked: object | undefined;
  /** What ended the terminal while nothing was shown that could be told. */
  let ended: number | undefined;

  const capabilities = (colour: Config['terminal']['colour']) => terminalCapabilities({ env, output, colour });
  const size = (): Size => {
    const { columns, rows } = capabilities('never');
    return { columns, rows };
  };
  function end(status: number): void {
    if (program === undefined) ended = status;
    else program.leave(status);
  }

  const screen = openScreen({ output, capabilities: capabilities('never') });
  const guard = guardTerminal({
    input,
    fd: terminal.fd,
    onEnd: (meaning) => end(meaning === 'cancelled' ? 130 : 77),
    onContinued: () => ink?.repaint(),
  });
  const reader = readKeys(input, { keys: (keys) => program?.press(keys), ended: () => end(77) });
  const onResize = (): void => program?.resize(size());
  output.on('resize', onResize);
  const heart = setInterval(() => program?.tick(), TICK_MS);

  /** For the moment before a frame is written: what it asks can be read from then on. */
  function askOnScreen(): void {
    const question = program?.question();
    if (question === asked) return;
    asked = question;
    reader.forget();
    guard.dropTypeAhead();
    program?.wasRead(question);
  }

  function show(shown: Program): () => void {
    program = shown;
    asked = undefined;
    ink = showInk({
      ...{ tree: shown.tree, output, screen, input: inkInput },
      onFrame: askOnScreen,
      onBroken: () => shown.leave(70),
    });
    if (ended !== undefined) shown.leave(ended);
    return () => {
      if (program !== shown) return;
      program = undefined;
      ink?.close();
      ink = undefined;
      screen.clear();
    };
  }

  return {
    capabilities,
    size,
    repaint: () => ink?.repaint(),
    typeIntoInk(text) {
      // Settled before as well: the component may have come with the key before this one.
      for (const part of inkParts(text)) {
        ink?.settle();
        inkInput.write(part);
      }
      ink?.settle();
    },
    show,
    close() {
      clearInterval(heart);
      output.off('resize', onResize);
      reader.stop();
      ink?.close();
      screen.close();
      guard.release();
    },
  };
}

/** SPEC §5: what others change shows up within 2 s; a second until it is noticed, and the time to read it. */
const TICK_MS = 1000;

/** Ink takes Backspace for a key only where it comes alone. */
function inkParts(text: string): readonly string[] {
  return text.split(/(\x7f)/).filter((part) => part !== '');
}
