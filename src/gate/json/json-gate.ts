/**
 * The JSON conversation, server side: hello, begin, then asks and answers until done. Invariant: nothing a host sends makes it
 * throw or skip a step; lines that break the rules are answered by a notice, a bounded number of times, and then denied.
 */
import type { LoginOptions } from '../../core/login/begin-login.ts';
import type { Ask, Begin, Conversation, Done, Notice } from '../../core/login/message.ts';
import { noticeOf } from '../../core/login/wording.ts';
import { type Answered, type Asker, type Interruption, runConversation, VERDICTS } from '../run-conversation.ts';
import { LINE_PROBLEM_TEXT } from './client-line.ts';
import type { JsonChannel } from './json-channel.ts';

export const PROTOCOL = 1;

/** Lines that break the rules, in one conversation. */
export const MOST_BAD_LINES = 10;

/**
 * Runs one conversation to its end and says `done`. Never rejects. The verdict is a grant only when the host could be told so.
 */
export async function serveJson(gate: {
  readonly channel: JsonChannel;
  readonly version: string;
  /** What is settled before the host says begin; it cannot be overruled, only repeated. */
  readonly fixed: Begin;
  /** Whether a host may say that it has checked the password: over HostSocket alone. */
  readonly vouching?: 'refused' | 'accepted';
  /** Never rejects: what cannot be opened is a conversation that says so. */
  readonly converse: (begin: LoginOptions) => Promise<Conversation>;
  readonly interrupted: Promise<Interruption>;
  readonly onPairing?: ((expiresInSeconds: number) => void) | undefined;
  readonly graceMs: number;
}): Promise<Done> {
  const { channel, version, fixed, vouching = 'refused', converse, interrupted, onPairing, graceMs } = gate;
  const host = talkingHost(channel);
  try {
    await Promise.race([channel.send({ type: 'hello', protocol: PROTOCOL, version }), interrupted]);
    const begin = await Promise.race([host.begin(fixed, vouching), interrupted]);
    if (typeof begin === 'string') return await told(channel, unbegun(begin), fixed.nonce, graceMs);
    if (begin.kind !== 'begin') return await told(channel, unbegun(begin.kind), fixed.nonce, graceMs);
    const { nonce } = begin.begin;
    const conversation = await Promise.race([converse(begin.begin), interrupted]);
    if (typeof conversation === 'string') return await told(channel, unbegun(conversation), nonce, graceMs);
    const done = await runConversation({ conversation, asker: host, interrupted, onPairing, graceMs });
    return await told(channel, done, nonce, graceMs);
  } catch {
    return HOST_GONE;
  } finally {
    channel.close();
  }
}

type Begun = { readonly kind: 'begin'; readonly begin: LoginOptions };
type BeginAsked = Begun | Exclude<Answered, { kind: 'answered' }>;
type Vouching = 'refused' | 'accepted';
type Unbegun = Exclude<Answered['kind'], 'answered'> | Interruption;

function talkingHost(channel: JsonChannel): Asker & { begin(fixed: Begin, vouching: Vouching): Promise<BeginAsked> } {
  let badLines = 0;

  /** Undefined while the host may go on. */
  async function complain(notice: Notice): Promise<{ readonly kind: 'bad-line' } | undefined> {
    badLines += 1;
    await channel.send(notice);
    return badLines > MOST_BAD_LINES ? { kind: 'bad-line' } : undefined;
  }

  async function begin(fixed: Begin, vouching: Vouching): Promise<BeginAsked> {
    for (;;) {
      const received = await channel.receive();
      if (received.kind === 'end') return { kind: 'input-ended' };
      let notice = BEGIN_FIRST;
      if (received.kind === 'problem') notice = error(LINE_PROBLEM_TEXT[received.problem]);
      else if (received.line.type === 'cancel') return { kind: 'cancelled' };
      else if (received.line.type === 'begin') {
        if (vouching === 'refused' && received.line.begin.password === 'checked-by-host') {
          // A host that believes it may start at the code would take the question for one it is not.
          await channel.send(VOUCHING_REFUSED);
          return { kind: 'bad-line' };
        }
        const merged = merge(fixed, received.line.begin);
        if (merged !== undefined) return { kind: 'begin', begin: merged };
        notice = FIXED_OTHERWISE;
      }
      const over = await complain(notice);
      if (over !== undefined) return over;
    }
  }

  async function ask(asked: Ask): Promise<Answered> {
    await channel.send(asked);
    for (;;) {
      const received = await channel.receive();
      if (received.kind === 'end') return { kind: 'input-ended' };
      let notice = BEGUN_ALREADY;
      if (received.kind === 'problem') notice = error(LINE_PROBLEM_TEXT[received.problem]);
      else if (received.line.type === 'cancel') return { kind: 'cancelled' };
      else if (received.line.type === 'answer') {
        if (received.line.id === asked.id) return { kind: 'answered', value: received.line.value };
        notice = noticeOf('old-answer');
      }
      const over = await complain(notice);
      if (over !== undefined) return over;
    }
  }

  return {
    begin,
    ask,
    async show(messages) {
      for (const message of messages) await channel.send(message);
    },
  };
}

/** Undefined where the host says something else than what is fixed. */
function merge(fixed: Begin, said: LoginOptions): LoginOptions | undefined {
  const merged: LoginOptions & { user?: string; terminal?: string; nonce?: string } = { ...said };
  for (const name of ['user', 'terminal', 'nonce'] as const) {
    const value = fixed[name];
    if (value === undefined) continue;
    if (said[name] !== undefined && said[name] !== value) return undefined;
    merged[name] = value;
  }
  return merged;
}

function unbegun(why: Unbegun): Done {
  return why === 'bad-line' ? { type: 'done', outcome: 'denied', reason: why } : VERDICTS[why];
}

/** A host that cannot be told of a grant was not granted anything. */
async function told(channel: JsonChannel, verdict: Done, nonce: string | undefined, graceMs: number): Promise<Done> {
  const done = nonce === undefined ? verdict : { ...verdict, nonce };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), graceMs);
  });
  const outcome = await Promise.race([channel.send(done), late]);
  clearTimeout(timer);
  return outcome === 'late' ? HOST_GONE : done;
}

const HOST_GONE: Done = { type: 'done', outcome: 'denied', reason: 'input-ended' };
const BEGIN_FIRST = error('Begin first: {"type":"begin"}.');
const BEGUN_ALREADY = error('The conversation has begun already.');
const VOUCHING_REFUSED = error('That the password is checked can be said over HostSocket only.');
const FIXED_OTHERWISE = error('User, terminal or nonce is settled already, and not as that line says.');

function error(text: string): Notice {
  return { type: 'notice', level: 'error', text };
}
