/** Stands between a client and a PostgreSQL server, as a network does: passes bytes on, and can lose the answer to a COMMIT, spoil a BEGIN, or be slow. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type Relay = {
  readonly port: number;
  /** The next COMMIT reaches the server; its answer, and the connection, are lost. */
  loseNextCommit(): void;
  /** The server does not understand the next BEGIN of a transaction that writes. */
  spoilNextBegin(): void;
  /** Answers take so long from now on, in milliseconds. */
  delayAnswers(ms: number): void;
  /** How often a client went on asking after it had an answer. */
  turns(): number;
  /** Passes on to another server from now on; connections that are there end. */
  moveTo(port: number): void;
  close(): Promise<void>;
};

export async function startRelay(serverPort: number): Promise<Relay> {
  let target = serverPort;
  let losing = false;
  let spoiling = false;
  let delayMs = 0;
  let answered = true;
  let turns = 0;
  const open = new Set<Socket>();
  const listener = createServer((client) => {
    const server = connect(target, '127.0.0.1');
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    let lost = false;
    client.on('data', (bytes) => {
      if (losing && bytes.includes('; COMMIT\0')) {
        losing = false;
        lost = true;
      }
      if (answered) turns += 1;
      answered = false;
      const begin = spoiling ? bytes.indexOf(BEGIN) : -1;
      if (begin >= 0) bytes.write('BEGUN', begin);
      if (begin >= 0) spoiling = false;
      server.write(bytes);
    });
    const answer = (bytes: Buffer) => {
      answered = true;
      client.write(bytes);
    };
    server.on('data', (bytes) => {
      // The answer has come as far as here: the server has committed.
      if (lost) client.destroy();
      else if (delayMs === 0) answer(bytes);
      else setTimeout(answer, delayMs, bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const hangUp = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (listener.address() as AddressInfo).port,
    loseNextCommit() {
      losing = true;
    },
    spoilNextBegin() {
      spoiling = true;
    },
    delayAnswers(ms) {
      delayMs = ms;
    },
    turns: () => turns,
    moveTo(port) {
      target = port;
      hangUp();
    },
    async close() {
      listener.close();
      hangUp();
      await once(listener, 'close');
    },
  };
}

const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED';
