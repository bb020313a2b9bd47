/**
 * Makes a socket to listen at. Invariant: nothing that is there already is taken away but a socket of this account at which nobody
 * answers, and no account that may not come in can do so even for a moment.
 */
import { chmodSync, chownSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { Fault } from '../../core/errors.ts';
import { errnoOf, fileFault } from '../../core/node/file-fault.ts';
import { inert } from '../../core/visible-text.ts';
import {
  ownAccounts,
  refuseForeignSocket,
  refuseUnsafeSocketFolder,
  type SocketReach,
  socketAt,
} from '../socket-path.ts';

export type Listener = {
  /** Accepts nobody any more; a socket file that was made here is gone. */
  close(): void;
};

export type Accept = (socket: Socket) => void;

/** Faults: `file-refused`, `exists` where a server answers there already, `unavailable`. */
export async function listenAtPath(path: string, reach: SocketReach, accept: Accept): Promise<Listener> {
  makeFolder(path, reach);
  refuseUnsafeSocketFolder(path, reach, ownAccounts());
  await clearStale(path);
  const server = newServer(accept);
  // The file comes into being closed to everybody else (the process has umask 077) and is opened only then.
  await listening(server, { path }, path);
  if (reach === 'hosts') giveToGroupOf(dirname(path), path);
  chmodSync(path, SOCKET_MODE[reach]);
  return { close: () => void server.close() };
}

/** Listens at a socket that was handed over open; its file belongs to whoever made it. Faults: `unavailable`. */
export async function listenAtDescriptor(fd: number, accept: Accept): Promise<Listener> {
  const server = newServer(accept);
  await listening(server, { fd }, `descriptor ${fd}`);
  return { close: () => void server.close() };
}

/** A connection needs the right to write. HostSocket: the folder's group is who gets this far. */
const SOCKET_MODE: Readonly<Record<SocketReach, number>> = { everybody: 0o666, hosts: 0o660 };
const FOLDER_MODE: Readonly<Record<SocketReach, number>> = { everybody: 0o755, hosts: 0o750 };
const BACKLOG = 511;

function newServer(accept: Accept): Server {
  // A host that sends all it has to say and closes its side still hears the verdict.
  return createServer({ allowHalfOpen: true, pauseOnConnect: true }, accept);
}

/** The last folder of the path; /run is empty after each start of the machine. */
function makeFolder(path: string, reach: SocketReach): void {
  const folder = dirname(path);
  if (lstatSync(folder, { throwIfNoEntry: false }) !== undefined) return;
  // Where it would come to lie is looked at first: a link on the way could lead anywhere.
  refuseUnsafeSocketFolder(folder, 'everybody', ownAccounts());
  try {
    mkdirSync(folder, { mode: FOLDER_MODE[reach] });
    // The umask took the rights of others away.
    chmodSync(folder, FOLDER_MODE[reach]);
  } catch (thrown) {
    if (errnoOf(thrown) !== 'EEXIST') throw fileFault(`The folder ${folder} could not be made`, thrown);
  }
}

/** Whoever may enter the folder may connect. An account outside that group cannot give it away; `doctor` reports it then. */
function giveToGroupOf(folder: string, path: string): void {
  const { gid } = lstatSync(folder);
  if (lstatSync(path).gid === gid) return;
  try {
    chownSync(path, -1, gid);
  } catch (thrown) {
    if (errnoOf(thrown) !== 'EPERM') throw fileFault(`The group of the socket ${path} could not be set`, thrown);
  }
}

async function clearStale(path: string): Promise<void> {
  const stats = socketAt(path);
  if (stats === undefined) return;
  refuseForeignSocket(path, stats, ownAccounts());
  if (await answers(path)) {
    throw new Fault('exists', inert(`A server answers at ${path} already.`), { hint: 'Nothing was taken away.' });
  }
  unlinkSync(path);
}

/** Only a refusal by the kernel says that nobody listens there any more. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (thrown) => resolve(errnoOf(thrown) !== 'ECONNREFUSED'));
  });
}

function listening(server: Server, at: { path: string } | { fd: number }, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (thrown) => reject(fileFault(`Nobody can listen at ${name}`, thrown)));
    server.listen({ ...at, backlog: BACKLOG }, () => {
      server.removeAllListeners('error');
      // Too many open files, for a moment: those that are there go on, the next one may be luckier.
      server.on('error', () => {});
      resolve();
    });
  });
}
