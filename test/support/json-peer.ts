/** The other end of a JSON conversation over a socket, as a host in any language is one. */
import { createConnection } from 'node:net';
import { onTestFinished } from 'vitest';

export type Line = Readonly<Record<string, unknown>>;

export type JsonPeer = {
  /** The next line; undefined at the end. */
  next(): Promise<Line | undefined>;
  /** Everything up to a line of that type; rejects where the end comes first. */
  until(type: string): Promise<readonly Line[]>;
  send(line: object | string): void;
  /** Sends no more; still listens. */
  end(): void;
  destroy(): void;
  /** What is not read away: how a host behaves that sleeps. */
  pause(): void;
  readonly closed: Promise<void>;
};

export async function jsonPeer(path: string): Promise<JsonPeer> {
  const socket = createConnection({ path });
  const lines: Line[] = [];
  const looks: (() => void)[] = [];
  let rest = '';
  let over = false;
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const look = () => {
    for (const one of looks.splice(0)) one();
  };
  const end = () => {
    over = true;
    look();
  };
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const whole = (rest + text).split('\n');
    rest = whole.pop() ?? '';
    lines.push(...whole.map((line) => JSON.parse(line)));
    look();
  });
  socket.on('end', end);
  socket.on('close', () => {
    end();
    resolve();
  });
  await new Promise<void>((connected, failed) => {
    socket.once('connect', connected);
    socket.on('error', failed);
  });
  onTestFinished(() => void socket.destroy());

  async function next(): Promise<Line | undefined> {
    for (;;) {
      const line = lines.shift();
      if (line !== undefined || over) return line;
      await new Promise<void>((found) => looks.push(found));
    }
  }

  return {
    next,
    async until(type) {
      const seen: Line[] = [];
      for (;;) {
        const line = await next();
        if (line === undefined) throw new Error(`the end came before ${type}: ${JSON.stringify(seen)}`);
        seen.push(line);
        if (line.type === type) return seen;
      }
    },
    send: (line) => void socket.write(typeof line === 'string' ? line : `${JSON.stringify(line)}\n`),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
    pause: () => void socket.pause(),
    closed,
  };
}

/** Answers the questions by their field until done. A field that is not there is answered by cancelling. */
export async function converse(
  peer: JsonPeer,
  begin: object,
  answers: Readonly<Record<string, string | (() => string)>>,
): Promise<readonly Line[]> {
  const seen: Line[] = [];
  peer.send({ type: 'begin', ...begin });
  for (;;) {
    const line = await peer.next();
    if (line === undefined) return seen;
    seen.push(line);
    if (line.type === 'done') return seen;
    if (line.type !== 'ask') continue;
    const answer = answers[String(line.field)];
    const value = typeof answer === 'function' ? answer() : answer;
    peer.send(value === undefined ? { type: 'cancel' } : { type: 'answer', id: line.id, value });
  }
}
