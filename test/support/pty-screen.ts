/** A program in a real pseudoterminal (emulated-pty.ts) that ends with the test. */
import { onTestFinished } from 'vitest';
import { emulatedPty, type PtyOptions, type PtyScreen } from './emulated-pty.ts';

export type { PtyOptions, PtyScreen } from './emulated-pty.ts';

export function openPty(file: string, args: readonly string[], options: PtyOptions = {}): PtyScreen {
  const screen = emulatedPty(file, args, options);
  onTestFinished(screen.close);
  return screen;
}
