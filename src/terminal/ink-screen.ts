/**
 * An Ink tree on a screen that is ours already. Ink draws and does nothing else: it never reads the input (its `useInput`
 * loses F-keys and keys typed fast), never ends the process, leaves console and alternate screen alone.
 */
import { render } from 'ink';
import type { ReactNode } from 'react';
import type { InkInput } from './ink-input.ts';
import type { Screen } from './screen.ts';

export type InkScreen = {
  /** Draws everything again, on a screen that others may have drawn on. */
  repaint(): void;
  /** What has changed is worked in before this returns, effects too; drawn a little later. */
  settle(): void;
  /** Takes the tree down; the screen stays open. Further calls do nothing. */
  close(): void;
};

/** The screen's cursor must be in its first cell, or what is drawn there must be what the tree draws first. */
export function showInk(from: {
  readonly tree: ReactNode;
  readonly output: NodeJS.WriteStream;
  readonly screen: Screen;
  /** Called before a frame is written, and where one is what stands there already. */
  readonly onFrame?: () => void;
  /** The tree threw and is gone; the screen is still open. */
  readonly onBroken: () => void;
  /** Where components of Ink's world are in the tree that take keys. Never the terminal. */
  readonly input?: InkInput;
}): InkScreen {
  const { tree, output, screen, onFrame, onBroken, input } = from;
  // Ours comes before Ink's own listener: after a resize nobody knows what is where, so all of it is drawn anew.
  const onResize = (): void => forget();
  output.on('resize', onResize);
  output.write(HOME);
  const ink = render(tree, {
    stdout: onFrame === undefined ? output : announced(output, onFrame),
    ...(input === undefined ? {} : { stdin: input.stream }),
    interactive: true,
    exitOnCtrlC: false,
    patchConsole: false,
    incrementalRendering: true,
    // A key that repeats comes 30 times a second: at Ink's 30 frames every second one would wait for the next frame.
    maxFps: 60,
    ...(onFrame === undefined ? {} : { onRender: onFrame }),
  });
  let shown = true;
  ink.waitUntilExit().catch(() => {
    close();
    onBroken();
  });

  function forget(): void {
    ink.clear();
    screen.clear();
  }

  function close(): void {
    if (!shown) return;
    shown = false;
    output.off('resize', onResize);
    ink.unmount();
  }

  return {
    repaint() {
      if (!shown) return;
      forget();
      ink.rerender(tree);
    },
    settle() {
      // Ink flushes React's work in here: what an event changed is committed, and its handlers are new.
      if (shown) ink.rerender(tree);
    },
    close,
  };
}

/** The same stream, with a word before each write. */
function announced(output: NodeJS.WriteStream, onWrite: () => void): NodeJS.WriteStream {
  return new Proxy(output, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      const method = member.bind(target);
      if (name !== 'write') return method;
      return (...written: readonly unknown[]) => {
        onWrite();
        return method(...written);
      };
    },
  });
}

const HOME = '\x1b[H';
