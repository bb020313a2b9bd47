/** A real pseudo-terminal with a program in it: what it shows, what is typed, how it ends. */
import { type IPty, spawn } from '@lydell/node-pty';
import { onTestFinished } from 'vitest';

export type Terminal = {
  readonly pid: number;
  /** Everything that came out so far, as bytes decoded from UTF-8. */
  shown(): string;
  /** Resolves when `text` (or a match) came out behind what earlier calls waited for; rejects when the program ends before. */
  until(text: string | RegExp): Promise<string>;
  type(text: string | Uint8Array): void;
  resize(columns: number, rows: number): void;
  kill(signal: NodeJS.Signals): void;
  /** The other end of the line is gone. */
  hangUp(): void;
  /** Exit status; 128 and the signal's number where a signal ended it. */
  readonly ended: Promise<number>;
};

export function openTerminal(
  file: string,
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly cwd?: string;
    readonly columns?: number;
    readonly rows?: number;
  } = {},
): Terminal {
  const { env = {}, cwd = '/', columns = 80, rows = 24 } = options;
  const pty: IPty = spawn(file, [...args], {
    cols: columns,
    rows,
    cwd,
    env: cleaned({ ...BASE, ...env }),
    encoding: null,
  });
  const decoder = new TextDecoder();
  const waiting = new Set<() => void>();
  let output = '';
  let seen = 0;
  let status: number | undefined;

  pty.onData((data: string | Uint8Array) => {
    output += typeof data === 'string' ? data : decoder.decode(data, { stream: true });
    for (const look of waiting) look();
  });
  const ended = new Promise<number>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      // Output that is on its way still counts.
      setImmediate(() => {
        status = signal ? 128 + signal : exitCode;
        for (const look of waiting) look();
        resolve(status);
      });
    });
  });
  onTestFinished(() => {
    if (status === undefined) pty.kill('SIGKILL');
  });

  return {
    pid: pty.pid,
    shown: () => output,
    until: (text) =>
      new Promise((resolve, reject) => {
        function look(): void {
          const rest = output.slice(seen);
          const match =
            typeof text === 'string'
              ? { index: rest.indexOf(text), 0: text }
              : (text.exec(rest) ?? { index: -1, 0: '' });
          if (match.index >= 0) {
            const end = match.index + match[0].length;
            seen += end;
            waiting.delete(look);
            resolve(rest.slice(0, end));
          } else if (status !== undefined) {
            waiting.delete(look);
            reject(new Error(`ended with ${status} before ${String(text)} came; shown: ${JSON.stringify(output)}`));
          }
        }
        waiting.add(look);
        look();
      }),
    // Both are there, but not in the declarations.
    type: (text) => Reflect.apply(pty.write, pty, [typeof text === 'string' ? text : Buffer.from(text)]),
    resize: (newColumns, newRows) => pty.resize(newColumns, newRows),
    kill: (signal) => pty.kill(signal),
    hangUp: () => Reflect.apply(Reflect.get(pty, 'destroy'), pty, []),
    ended,
  };
}

const BASE = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/', LANG: 'C.UTF-8', TERM: 'dumb' };

function cleaned(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}
