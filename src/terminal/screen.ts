/**
 * The screen that gate and console draw on. Invariant: from `openScreen` to `close` everything is drawn on the alternate screen
 * (or on one that is wiped row by row), so nothing of a form or a QR code stays in the scrollback; `close` runs on
 * every way out that a process has a say in, and leaves cursor, colours and paste mode as a shell expects them.
 */
import type { TerminalCapabilities } from './capabilities.ts';

export type ScreenOutput = Pick<NodeJS.WriteStream, 'write'> & { readonly rows?: number };

export type Screen = {
  /** Empties it and puts the cursor into its first cell. */
  clear(): void;
  /** The same on a terminal that somebody else has drawn on meanwhile. */
  reenter(): void;
  /** Back to the screen before. Further calls do nothing. */
  close(): void;
};

export function openScreen(from: {
  readonly output: ScreenOutput;
  readonly capabilities: Pick<TerminalCapabilities, 'alternateScreen' | 'rows'>;
}): Screen {
  const { output, capabilities } = from;
  let open = true;

  function write(text: string): void {
    try {
      output.write(text);
    } catch {
      // Hung up.
    }
  }

  function wiped(): string {
    return eraseRows(output.rows ?? capabilities.rows);
  }

  function close(): void {
    if (!open) return;
    open = false;
    process.off('exit', close);
    write(`${PASTE_OFF}${wiped()}${capabilities.alternateScreen ? MAIN_SCREEN : ''}${SHOW_CURSOR}`);
  }

  function enter(): void {
    write(`${capabilities.alternateScreen ? ALTERNATE_SCREEN : ''}${wiped()}${PASTE_ON}`);
  }

  // Before other listeners: the terminal may be closed by one of them.
  process.prependListener('exit', close);
  enter();
  return {
    clear: () => write(wiped()),
    reenter: () => {
      if (open) enter();
    },
    close,
  };
}

/** Each row by itself: several terminals save a screen that is erased as a whole (ED 2) into the scrollback. */
function eraseRows(rows: number): string {
  const erased = Array.from({ length: rows }, (_, row) => `\x1b[${row + 1};1H\x1b[2K`);
  return `\x1b[0m${erased.join('')}\x1b[H`;
}

/** xterm's private modes: 1049 second screen, 2004 bracketed paste; DECTCEM, the cursor. Unknown ones are ignored. */
const ALTERNATE_SCREEN = '\x1b[?1049h';
const MAIN_SCREEN = '\x1b[?1049l';
const PASTE_ON = '\x1b[?2004h';
const PASTE_OFF = '\x1b[?2004l';
const SHOW_CURSOR = '\x1b[?25h';
