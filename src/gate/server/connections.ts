/**
 * The connections of one socket, one conversation each. Invariant: whatever the other end does or leaves undone, a connection is over in
 * bounded time and holds a bounded amount of memory, and none of them waits for another.
 */
import type { Socket } from 'node:net';
import { noticeOf } from '../../core/login/wording.ts';
import { interruption } from '../interruption.ts';
import { type JsonChannel, jsonChannel } from '../json/json-channel.ts';
import { PROTOCOL, serveJson } from '../json/json-gate.ts';
import type { SocketReach } from '../socket-path.ts';
import type { Begun, Gatekeeper } from './gatekeeper.ts';
import { type StoppableConversation, stoppable } from './stoppable-conversation.ts';

export type ConnectionRules = {
  /** `hosts` alone may say that they checked the password. */
  readonly reach: SocketReach;
  readonly gatekeeper: Gatekeeper;
  readonly version: string;
  /** Connections at a time; one more is told to try again. */
  readonly most: number;
  /** Added to every line: what a fake says of itself. */
  readonly mark?: Readonly<Record<string, true>>;
};

export type Connections = {
  accept(socket: Socket): void;
  /** Ends them, waits until they are told, at most `graceMs`, and cuts the rest off. */
  stop(graceMs: number): Promise<void>;
};

/** Seconds until a connection has to have said begin: those that say nothing hold their place no longer. */
export const BEGIN_SECONDS = 30;

export function createConnections(rules: ConnectionRules): Connections {
  const open = new Set<Connection>();
  return {
    accept(socket) {
      if (open.size >= rules.most) turnAway(socket, rules);
      else open.add(serve(socket, rules, (ended) => open.delete(ended)));
    },
    async stop(graceMs) {
      const all = [...open];
      for (const connection of all) connection.stop();
      const timer = setTimeout(() => {
        for (const connection of open) connection.cut();
      }, graceMs);
      await Promise.all(all.map(({ closed }) => closed));
      clearTimeout(timer);
    },
  };
}

type Connection = { readonly closed: Promise<void>; stop(): void; cut(): void };

/** How long a conversation may take to write down that it was interrupted, and a host to take the last line. */
const GRACE_MS = 2000;
/** How long the other end may take to close after `done`. */
const LINGER_MS = 1000;

function serve(socket: Socket, rules: ConnectionRules, gone: (ended: Connection) => void): Connection {
  const { reach, gatekeeper, version } = rules;
  const timeoutSeconds = gatekeeper.timeoutSeconds();
  const interrupt = interruption(timeoutSeconds);
  const stop = () => interrupt.now('stopping');
  const silence = setTimeout(() => interrupt.now('timed-out'), Math.min(BEGIN_SECONDS, timeoutSeconds) * 1000);
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let begun: Begun | undefined;
  let conversation: StoppableConversation | undefined;
  const connection: Connection = {
    closed,
    stop: () => (conversation === undefined ? stop() : conversation.stop()),
    cut: () => socket.destroy(),
  };
  socket.once('close', () => {
    gone(connection);
    resolve();
  });

  async function run(): Promise<void> {
    await serveJson({
      channel: marked(jsonChannel({ input: socket, output: socket }), rules),
      version,
      fixed: {},
      vouching: reach === 'hosts' ? 'accepted' : 'refused',
      converse: async (options) => {
        clearTimeout(silence);
        begun = gatekeeper.begin(options);
        conversation = stoppable(begun.conversation, stop);
        return conversation.conversation;
      },
      interrupted: interrupt.happened,
      onPairing: interrupt.allow,
      graceMs: GRACE_MS,
    });
    interrupt.over();
    clearTimeout(silence);
    begun?.over();
    end(socket);
  }

  void run();
  return connection;
}

function marked(channel: JsonChannel, { mark }: ConnectionRules): JsonChannel {
  return mark === undefined ? channel : { ...channel, send: (message) => channel.send({ ...message, ...mark }) };
}

function turnAway(socket: Socket, { version, mark }: ConnectionRules): void {
  socket.on('error', () => {});
  const lines = [
    { type: 'hello', protocol: PROTOCOL, version },
    noticeOf('busy'),
    { type: 'done', outcome: 'unavailable', reason: 'busy' },
  ];
  // Gone with its last byte: those who are turned away in their thousands shall not hold descriptors.
  socket.end(lines.map((line) => `${JSON.stringify({ ...line, ...mark })}\n`).join(''), () => socket.destroy());
}

/** What still comes in is read away: closing over unread bytes would take the last line from the other end. */
function end(socket: Socket): void {
  socket.end();
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}
