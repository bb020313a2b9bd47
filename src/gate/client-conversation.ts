/**
 * A login that another process runs: the conversation goes over a socket of `gatehouse serve`. Invariant: a grant comes out of it only
 * where the server said so on this login's own connection and gave its nonce back; whatever cannot be reached, read or understood is a
 * verdict that is none, and this process never opens the facility instead.
 */
import { randomBytes } from 'node:crypto';
import { Fault, toFault } from '../core/errors.ts';
import type { LoginOptions } from '../core/login/begin-login.ts';
import type { Ask, Conversation, Done, Message } from '../core/login/message.ts';
import { unavailableBecause } from '../core/login/unavailable.ts';
import { noticeOf } from '../core/login/wording.ts';
import { inert } from '../core/visible-text.ts';
import { type ClientLink, openLink, type ServerAddress } from './client-link.ts';
import { decodeServerLine } from './client-wire.ts';
import { isFakeSocket } from './fake-socket.ts';
import { PROTOCOL } from './json/json-gate.ts';

export type ClientConversation = Conversation & {
  /** Cuts the connection; what is still waited for ends as unavailable. */
  close(): void;
};

export function clientConversation(login: {
  readonly server: ServerAddress;
  readonly options: LoginOptions;
  readonly timeoutSeconds: number;
  /** Called once, when the verdict is there. */
  readonly ended: () => void;
}): ClientConversation {
  const { server, options, timeoutSeconds } = login;
  const { path } = server;
  /** The server ends a login itself; this is for one that has stopped. */
  const replyMs = timeoutSeconds * 1000 + SERVER_GRACE_MS;
  const nonce = randomBytes(16).toString('hex');
  let link: ClientLink | undefined;
  let open: Ask | undefined;
  let verdict: Done | undefined;
  let queue: Promise<readonly Message[]> = Promise.resolve([]);
  let life: NodeJS.Timeout | undefined;

  function settle(done: Done): Done {
    verdict = done;
    clearTimeout(life);
    link?.close();
    login.ended();
    return done;
  }

  /** Says something and collects the reply: everything up to the next question or the verdict. */
  async function exchange(say: () => Promise<ClientLink>): Promise<readonly Message[]> {
    if (verdict !== undefined) return [verdict];
    try {
      return await replyOn(await say());
    } catch (thrown) {
      // Left meanwhile: that was the verdict.
      if (verdict !== undefined) return [verdict];
      const { notice, done } = brokenReply(thrown);
      return [notice, settle(done)];
    }
  }

  async function replyOn(server: ClientLink): Promise<readonly Message[]> {
    const messages: Message[] = [];
    for (;;) {
      const message = decodeServerLine(await server.receive(replyMs));
      if (message === undefined || message.type === 'hello') throw unreadable(path);
      if (verdict !== undefined) return [verdict];
      if (message.type === 'done') return [...messages, settle(ownVerdict(message))];
      messages.push(message);
      if (message.type === 'ask') {
        open = message;
        return messages;
      }
      if (messages.length > MOST_MESSAGES) throw unreadable(path);
    }
  }

  /** The server echoes the nonce that this login made; the host's own comes back in its place. */
  function ownVerdict(done: Done): Done {
    const { nonce: echoed, ...rest } = done;
    if (echoed !== nonce) {
      // Turned away before it began: the server does not know the nonce then. A grant has to have it.
      if (done.outcome === 'granted' || echoed !== undefined) throw unreadable(path);
    }
    return options.nonce === undefined ? rest : { ...rest, nonce: options.nonce };
  }

  async function begin(): Promise<ClientLink> {
    link = await openLink(server);
    if (verdict !== undefined) link.close();
    const hello = decodeServerLine(await link.receive(HELLO_MS));
    if (hello?.type !== 'hello' || hello.protocol !== PROTOCOL) throw unreadable(path);
    if (hello.fake && !isFakeSocket(path)) {
      throw new Fault('configuration', inert(`A FAKE gate answers at ${path}; a real one never does.`));
    }
    link.send({ type: 'begin', ...beginFields(options), nonce });
    // A host that forgets about a login keeps no connection for ever.
    life = setTimeout(() => void leave(CLOSED), replyMs);
    life.unref();
    return link;
  }

  async function say(message: object): Promise<ClientLink> {
    if (link === undefined) throw new Fault('internal', 'An answer came before the login had begun.');
    link.send(message);
    return link;
  }

  function inTurn(work: () => Promise<readonly Message[]>): Promise<readonly Message[]> {
    queue = queue.then(work, work);
    return queue;
  }

  /** Nobody is there any more: the connection's end says so to the server. */
  async function leave(done: Done): Promise<readonly Message[]> {
    return [verdict === undefined || verdict.outcome === 'granted' ? settle(done) : verdict];
  }

  return {
    start: () => inTurn(() => exchange(begin)),
    answer: (id, value) =>
      inTurn(async () => {
        if (verdict === undefined && open !== undefined && id !== open.id) return [noticeOf('old-answer'), open];
        return exchange(() => say({ type: 'answer', id, value: value.slice(0, LONGEST_ANSWER) }));
      }),
    cancel: () => inTurn(() => exchange(() => say({ type: 'cancel' }))),
    timeOut: async () => [noticeOf('timed-out'), ...(await leave(TIMED_OUT))],
    inputEnded: () => leave(INPUT_ENDED),
    close: () => void leave(CLOSED),
  };
}

const HELLO_MS = 10_000;
const SERVER_GRACE_MS = 5000;
/** Between two questions. A server that goes on and on is none of ours. */
const MOST_MESSAGES = 50;
/** Beyond any password, so that what is cut off could not have been right; within a line of the protocol however it is escaped. */
const LONGEST_ANSWER = 8192;
/** What a begin takes. */
const LONGEST_FIELD = 256;

const TIMED_OUT: Done = { type: 'done', outcome: 'denied', reason: 'timed-out' };
const INPUT_ENDED: Done = { type: 'done', outcome: 'denied', reason: 'input-ended' };
const CLOSED: Done = { type: 'done', outcome: 'unavailable', reason: 'unavailable' };

function beginFields({ user, terminal, password, recoveryCodes }: LoginOptions): object {
  return {
    ...(user === undefined ? {} : { user: user.slice(0, LONGEST_FIELD) }),
    ...(terminal === undefined ? {} : { terminal: terminal.slice(0, LONGEST_FIELD) }),
    ...(password === 'checked-by-host' ? { passwordChecked: true } : {}),
    ...(recoveryCodes === 'offered' ? { recoveryCodes: true } : {}),
  };
}

/** A server that is away may be back in a moment (75); to the person it is a system that lets nobody in. */
function brokenReply(thrown: unknown): { readonly notice: Message; readonly done: Done } {
  const { reason, text = '' } = unavailableBecause(toFault(thrown));
  const notice = reason === 'busy' ? noticeOf('unavailable') : noticeOf(reason, { problem: text });
  return { notice, done: { type: 'done', outcome: 'unavailable', reason } };
}

function unreadable(path: string): Fault {
  return new Fault('unavailable', inert(`What answers at ${path} does not speak protocol ${PROTOCOL} of Gatehouse.`));
}
