/** Stands between a client and a PostgreSQL server, as a network does: passes bytes on, and can lose the answer to a COMMIT, or go silent. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type Relay = {
  readonly port: number;
  /** The next COMMIT reaches the server; its answer, and the connection, are lost. */
  loseNextCommit(): void;
  /** Passes on to another server from now on; connections that are there end. */
  moveTo(port: number): void;
  close(): Promise<void>;
};

export async function startRelay(serverPort: number): Promise<Relay> {
  let target = serverPort;
  let losing = false;
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
      server.write(bytes);
    });
    // The answer has come as far as here: the server has committed.
    server.on('data', (bytes) => (lost ? client.destroy() : client.write(bytes)));
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
