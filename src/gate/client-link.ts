/** One connection to a server, up to the lines that go over it. Invariant: it is made only at a path that can be trusted, and it waits for nobody for ever. */
import { existsSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { Fault } from '../core/errors.ts';
import { errnoOf, fileFault } from '../core/node/file-fault.ts';
import { inert } from '../core/visible-text.ts';
import { boundedLines } from './bounded-lines.ts';
import {
  refuseForeignSocket,
  refuseUnsafeSocketFolder,
  type SocketReach,
  serverAccounts,
  socketAt,
} from './socket-path.ts';

export type ClientLink = {
  /** The next line. Faults: `busy` where the server is gone or silent for `withinMs`, `unavailable` where it is no text line. */
  receive(withinMs: number): Promise<string>;
  send(message: object): void;
  close(): void;
};

/** Where config.ini says that a server is, and which accounts can have written that (`ConfigFile.writers`). */
export type ServerAddress = { readonly path: string; readonly reach: SocketReach; readonly writers: readonly number[] };

/** Faults: `file-refused`, `unavailable`, and `busy` where nobody answers. */
export async function openLink({ path, reach, writers }: ServerAddress): Promise<ClientLink> {
  const there = socketAt(path);
  // Without its folder (/run after a start of the machine) the server has not begun yet.
  if (there === undefined && !existsSync(dirname(path))) throw nobody(path);
  const owners = serverAccounts(path, writers);
  refuseUnsafeSocketFolder(path, reach, owners);
  if (there === undefined) throw nobody(path);
  refuseForeignSocket(path, there, owners);
  const socket = await connected(path);
  const lines = boundedLines(socket);
  return {
    async receive(withinMs) {
      const line = await orSilence(lines.next(), withinMs, path);
      switch (line.kind) {
        case 'line':
          return line.text;
        case 'too-long':
        case 'not-text':
          throw new Fault('unavailable', inert(`What answers at ${path} is no server of Gatehouse.`));
        case 'end':
          throw nobody(path);
      }
    },
    send: (message) => void socket.write(`${JSON.stringify(message)}\n`),
    close() {
      lines.close();
      socket.destroy();
    },
  };
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    socket.once('connect', () => resolve(socket));
    // It stays for later: a connection that breaks is the end of its lines.
    socket.on('error', (thrown) => reject(connectFault(path, thrown)));
  });
}

function connectFault(path: string, thrown: unknown): Fault {
  const code = errnoOf(thrown);
  // EAGAIN: more wait to be let in than the server's line holds.
  if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'EAGAIN') return nobody(path, thrown);
  return fileFault(`The socket ${path} could not be used`, thrown);
}

async function orSilence<T>(work: Promise<T>, withinMs: number, path: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(nobody(path)), withinMs);
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function nobody(path: string, cause?: unknown): Fault {
  return new Fault('busy', inert(`Nobody answers at ${path}.`), { hint: 'Is gatehouse serve running?', cause });
}
