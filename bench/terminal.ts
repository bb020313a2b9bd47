/** A program in a pseudo-terminal of 80x24, with a stopwatch that begins just before the fork. */
import { type IPty, spawn } from '@lydell/node-pty';

export type TerminalProgram = {
  readonly pid: number;
  /** Milliseconds from the fork to the moment when all that was written matches. Rejects when the program ends before, or is silent. */
  shows(wanted: RegExp): Promise<number>;
  /** Takes what was written so far away, so that `shows` waits for something new. */
  forget(): void;
  type(keys: string): void;
  /** Bytes written so far. */
  bytes(): number;
  /** Everything written since `forget`. */
  text(): string;
  /** Milliseconds from the fork to the end, and the exit status. */
  ended(): Promise<{ readonly ms: number; readonly status: number }>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
};

export type TerminalStart = {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  /** The value of TERM. */
  readonly terminal: string;
  readonly columns?: number;
  readonly rows?: number;
};

export function startInTerminal(start: TerminalStart): TerminalProgram {
  const { file, args, environment, folder, terminal, columns = 80, rows = 24 } = start;
  let text = '';
  let bytes = 0;
  let waiting: { readonly wanted: RegExp; readonly found: (ms: number) => void } | undefined;

  const begun = performance.now();
  const env = { ...environment, TERM: terminal };
  const pty: IPty = spawn(file, [...args], { cols: columns, rows, cwd: folder, env, name: terminal });
  pty.onData((data) => {
    const now = performance.now();
    text += data;
    bytes += Buffer.byteLength(data);
    if (waiting === undefined || !waiting.wanted.test(text)) return;
    waiting.found(now - begun);
    waiting = undefined;
  });
  const ended = new Promise<{ readonly ms: number; readonly status: number }>((resolve) => {
    pty.onExit(({ exitCode }) => resolve({ ms: performance.now() - begun, status: exitCode }));
  });

  async function shows(wanted: RegExp): Promise<number> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await Promise.race([
        new Promise<number>((found) => {
          if (wanted.test(text)) found(performance.now() - begun);
          else waiting = { wanted, found };
        }),
        ended.then(({ status }) => {
          throw new Error(`${file} ended (${status}) before it showed ${wanted}: ${lastShown()}`);
        }),
        new Promise<never>((_, fail) => {
          const silent = () => fail(new Error(`${file} does not show ${wanted}: ${lastShown()}`));
          timer = setTimeout(silent, LONGEST_WAIT_MS);
        }),
      ]);
    } finally {
      clearTimeout(timer);
    }
  }

  const lastShown = () => JSON.stringify(text.slice(-300));

  return {
    pid: pty.pid,
    shows,
    forget() {
      text = '';
    },
    type: (keys) => pty.write(keys),
    bytes: () => bytes,
    text: () => text,
    ended: () => ended,
    async kill() {
      pty.kill('SIGKILL');
      await ended;
    },
  };
}

const LONGEST_WAIT_MS = 30_000;
