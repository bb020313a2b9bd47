/** A telnet terminal (RFC 854) that agrees to what a server asks, says the terminal type and environment it is told to, and types. */
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

const [IAC, DONT, DO, WONT, WILL, SB, SE] = [255, 254, 253, 252, 251, 250, 240];
/** RFC 857, 858, 1091, 1572. */
const [ECHO, SUPPRESS_GO_AHEAD, TERMINAL_TYPE, NEW_ENVIRON] = [1, 3, 24, 39];
const [IS, SEND, VAR, VALUE] = [0, 1, 0, 1];

export type TelnetClient = {
  shown(): string;
  /** Resolves when `text` came behind what earlier calls waited for; rejects where the line ends before. */
  until(text: string | RegExp): Promise<string>;
  type(text: string): void;
  readonly closed: Promise<void>;
};

export function telnetClient(
  port: number,
  says: { readonly terminal: string; readonly environment?: Readonly<Record<string, string>> },
): TelnetClient {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const looks = new Set<() => void>();
  let output = '';
  let seen = 0;
  let over = false;
  let pending = Buffer.alloc(0);
  const look = () => {
    for (const one of looks) one();
  };
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const taken = take(pending, socket, says);
      if (taken === undefined) break;
      output += taken.text;
      pending = pending.subarray(taken.length);
    }
    look();
  });
  const closed = new Promise<void>((resolve) => {
    socket.on('error', () => undefined);
    socket.on('close', () => {
      over = true;
      look();
      resolve();
    });
  });
  return {
    shown: () => output,
    type: (text) => void socket.write(text),
    closed,
    until: (text) =>
      new Promise((resolve, reject) => {
        const one = () => {
          const rest = output.slice(seen);
          const found = typeof text === 'string' ? { index: rest.indexOf(text), 0: text } : text.exec(rest);
          if (found !== null && found.index >= 0) {
            seen += found.index + found[0].length;
            looks.delete(one);
            resolve(rest.slice(0, found.index + found[0].length));
          } else if (over) {
            looks.delete(one);
            reject(new Error(`the line ended before ${text}: ${JSON.stringify(output)}`));
          }
        };
        looks.add(one);
        one();
      }),
  };
}

/** The next piece of what came: text, or a command, which is answered. Undefined where more has to come first. */
function take(
  bytes: Buffer,
  socket: Socket,
  says: { readonly terminal: string; readonly environment?: Readonly<Record<string, string>> },
): { readonly text: string; readonly length: number } | undefined {
  const at = bytes.indexOf(IAC);
  if (bytes.length === 0) return undefined;
  if (at !== 0) {
    const text = bytes.subarray(0, at < 0 ? bytes.length : at);
    return { text: text.toString(), length: text.length };
  }
  const [, verb = 0, option = 0, request] = bytes;
  if (verb === SB) {
    const end = bytes.indexOf(Buffer.from([IAC, SE]));
    if (end < 0) return undefined;
    if (request === SEND) answer(socket, option, says);
    return { text: '', length: end + 2 };
  }
  if (verb < WILL) return bytes.length < 2 ? undefined : { text: '', length: 2 };
  if (bytes.length < 3) return undefined;
  if (verb === DO)
    socket.write(Buffer.from([IAC, option === TERMINAL_TYPE || option === NEW_ENVIRON ? WILL : WONT, option]));
  if (verb === WILL)
    socket.write(Buffer.from([IAC, option === ECHO || option === SUPPRESS_GO_AHEAD ? DO : DONT, option]));
  return { text: '', length: 3 };
}

function answer(
  socket: Socket,
  option: number,
  says: { readonly terminal: string; readonly environment?: Readonly<Record<string, string>> },
): void {
  const variables = Object.entries(says.environment ?? {}).flatMap(([name, value]) => [
    ...[VAR, ...Buffer.from(name)],
    ...[VALUE, ...Buffer.from(value)],
  ]);
  const said = option === TERMINAL_TYPE ? [...Buffer.from(says.terminal)] : variables;
  socket.write(Buffer.from([IAC, SB, option, IS, ...said, IAC, SE]));
}
