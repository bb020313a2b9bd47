/**
 * A program in a real pseudoterminal, its bytes taken in by a real emulator. Nothing sleeps: `until` waits for what the screen
 * shows, and says what it showed instead when it never does.
 */
import { spawn } from '@lydell/node-pty';
import headless, { type Terminal } from '@xterm/headless';
import { screenText } from './terminal-picture.ts';

export type PtyScreen = {
  readonly terminal: Terminal;
  readonly pid: number;
  type(keys: string): void;
  /** What the screen says once it does; a failure says what it did instead. */
  until(wanted: RegExp | ((screen: string) => boolean)): Promise<string>;
  /** The visible rows, joined by line ends, without trailing blanks. */
  text(): string;
  /** All that the program has written, the scrollback and other screens included. */
  bytes(): string;
  resize(columns: number, rows: number): void;
  readonly exited: Promise<number>;
  /** Ends the program, where it has not ended. */
  close(): void;
};

export type PtyOptions = {
  readonly columns?: number;
  readonly rows?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
};

export function emulatedPty(file: string, args: readonly string[], options: PtyOptions = {}): PtyScreen {
  const { columns = 80, rows = 24, environment = {}, folder = process.cwd() } = options;
  const { PATH = '', HOME = '' } = process.env;
  const terminal = new headless.Terminal({ cols: columns, rows, scrollback: 1000, allowProposedApi: true });
  const child = spawn(file, [...args], {
    cols: columns,
    rows,
    cwd: folder,
    env: { PATH, HOME, TERM: 'xterm-256color', LANG: 'C.UTF-8', ...environment },
    encoding: null,
  });
  const chunks: Buffer[] = [];
  const watchers = new Set<() => void>();
  let status: number | undefined;

  child.onData((data: string | Buffer) => {
    const chunk = Buffer.from(data);
    chunks.push(chunk);
    terminal.write(chunk, () => {
      for (const watch of watchers) watch();
    });
  });
  const exited = new Promise<number>((resolve) =>
    child.onExit(({ exitCode, signal }) => {
      status = signal ? 128 + signal : exitCode;
      resolve(status);
    }),
  );
  const text = (): string => screenText(terminal).join('\n').trimEnd();
  const bytes = (): string => Buffer.concat(chunks).toString();

  function until(wanted: RegExp | ((screen: string) => boolean)): Promise<string> {
    const isThere = (screen: string): boolean => (wanted instanceof RegExp ? wanted.test(screen) : wanted(screen));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        watchers.delete(watch);
        const ending = status === undefined ? 'still runs' : `ended with ${status}`;
        reject(new Error(`never saw ${wanted}; the program ${ending}, the screen says:\n${text()}`));
      }, PATIENCE_MS);
      function watch(): void {
        const screen = text();
        // In the midst of a frame (DECSET 2026) a screen says half of what it will, and nobody sees it.
        if (terminal.modes.synchronizedOutputMode || !isThere(screen)) return;
        clearTimeout(timer);
        watchers.delete(watch);
        resolve(screen);
      }
      watchers.add(watch);
      watch();
    });
  }

  return {
    terminal,
    pid: child.pid,
    type: (keys) => child.write(keys),
    until,
    text,
    bytes,
    resize(newColumns, newRows) {
      terminal.resize(newColumns, newRows);
      child.resize(newColumns, newRows);
    },
    exited,
    close() {
      if (status === undefined) child.kill('SIGKILL');
      terminal.dispose();
    },
  };
}

/** Only for what never comes: a loaded machine takes its time. */
const PATIENCE_MS = 20_000;
