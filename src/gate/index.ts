/**
 * The library `gatehouse/gate`: two-factor login for a host program.
 *
 * ```ts
 * import { exitStatus, openGate } from 'gatehouse/gate';
 * const gate = openGate({ config: '/etc/gatehouse/config.ini' });
 * const verdict = await gate.login();
 * if (verdict.outcome !== 'granted') process.exit(exitStatus(verdict));
 * ```
 *
 * Invariant: whatever cannot be opened, read or asked is a verdict that is no grant; `login` never rejects and never grants
 * by default.
 */
import type { Readable } from 'node:stream';
import { ReadStream, WriteStream } from 'node:tty';
import type { Config } from '../core/config/model.ts';
import { type Begin, type Conversation, type Done, exitStatusOf } from '../core/login/message.ts';
import { readGateConfig } from '../core/node/config-file.ts';
import { findConfigFile } from '../core/node/config-search.ts';
import { terminalCapabilities } from '../terminal/capabilities.ts';
import { chooseFrontEnd } from '../terminal/front-end.ts';
import { type Door, type DoorOptions, openDoor } from './door.ts';
import type { LineInput, LineOutput } from './line/line-gate.ts';
import type { VerifyPassword } from './login-world.ts';

export type { Ask, Conversation, Done, Field, Message, Method, Notice, Pair } from '../core/login/message.ts';
export type { VerifyPassword } from './login-world.ts';

export type GateOptions = {
  /** Path of config.ini; else $GATEHOUSE_CONFIG, ./config.ini, /etc/gatehouse/config.ini. */
  readonly config?: string;
  /** A host that keeps its own passwords. Called once an attempt; `true` alone is right, and a rejection is no grant. */
  readonly verifyPassword?: VerifyPassword;
};

export type BeginOptions = Begin & {
  /** The host has checked the password of `user` itself: the conversation begins at the second factor. */
  readonly password?: 'asked' | 'checked-by-host';
  /** The host can show recovery codes once, after a pairing: a `choice` is asked and a notice carries `codes`. */
  readonly recoveryCodes?: 'offered' | 'not-offered';
};

export type LoginRequest = Begin & {
  /** Where the person types; process.stdin. */
  readonly input?: Readable;
  /** Where the questions are drawn; process.stdout. */
  readonly output?: LineOutput;
  /** What the terminal can do decides, where it is not given. */
  readonly frontEnd?: 'ink' | 'line';
};

/** How a login ended: `{outcome: 'granted', user, method, paired}`, or an outcome that is no grant with its `reason`. */
export type Verdict = Done extends infer D ? (D extends Done ? Omit<D, 'type'> : never) : never;

export type Gate = {
  /** Asks a person at a terminal. Never rejects. */
  login(request?: LoginRequest): Promise<Verdict>;
  /** A conversation to draw oneself (docs/gate-protocol.md); `start` it, then answer each `ask` until `done`. */
  begin(options?: BeginOptions): Conversation;
  /** Closes the store; conversations that are still open end as unavailable. */
  close(): Promise<void>;
};

/** What a host ends with: 0 for a grant alone, else as `gatehouse login` would (SPEC §4). */
export function exitStatus(verdict: Verdict): number {
  return exitStatusOf({ type: 'done', ...verdict });
}

/** Throws a Fault where config.ini is missing or wrong; key and database are opened when the first person logs in. */
export function openGate(options: GateOptions = {}): Gate {
  const path = findConfigFile({ flag: options.config, environment: process.env, folder: process.cwd() });
  const { config, writers } = readGateConfig(path);
  return gateOf(config, { configFile: path, writers, verifyPassword: options.verifyPassword });
}

/** The gate of a configuration that was read already. */
export function gateOf(config: Config, options: DoorOptions = {}): Gate {
  const door = openDoor(config, options);
  return {
    begin: (options = {}) => (options.password === 'checked-by-host' ? opening(door, options) : door.converse(options)),
    login: (request = {}) => logIn(config, door, request),
    close: door.close,
  };
}

async function logIn(config: Config, door: Door, request: LoginRequest): Promise<Verdict> {
  const { input = process.stdin, output = process.stdout, frontEnd, ...begin } = request;
  const asked = {
    conversation: door.converse({ ...begin, recoveryCodes: 'offered' }),
    environment: process.env,
    settings: config.terminal,
    timeoutSeconds: config.login.timeoutSeconds,
  };
  const typed = lineInput(input);
  const { type: _type, ...verdict } =
    typed.kind === 'terminal' && output instanceof WriteStream && suitsForm(config, output, frontEnd)
      ? await (await import('./ink/ink-gate.ts')).runInkGate({
          ...asked,
          input: typed,
          output,
          mode: config.mode,
          givenName: begin.user,
        })
      : await (await import('./line/line-gate.ts')).runLineGate({
          ...asked,
          firstPrompt: 'to-draw',
          input: typed,
          output,
        });
  return verdict;
}

function suitsForm(config: Config, output: WriteStream, requested: 'ink' | 'line' | undefined): boolean {
  const capabilities = terminalCapabilities({ env: process.env, output, colour: config.terminal.colour });
  return chooseFrontEnd({ requested, available: ['ink', 'line'], input: { isTTY: true }, capabilities }) === 'ink';
}

/** The first question depends on the user, so the facility is opened before it. */
function opening(door: Door, options: BeginOptions): Conversation {
  let opened: Promise<Conversation> | undefined;
  const real = () => {
    opened ??= door.open(options);
    return opened;
  };
  return {
    start: async () => (await real()).start(),
    answer: async (id, value) => (await real()).answer(id, value),
    cancel: async () => (await real()).cancel(),
    timeOut: async () => (await real()).timeOut(),
    inputEnded: async () => (await real()).inputEnded(),
  };
}

function lineInput(stream: Readable): LineInput {
  if (stream instanceof ReadStream && stream.isTTY) return { kind: 'terminal', stream, fd: descriptorOf(stream) };
  return { kind: 'pipe', stream };
}

/** Node gives its tty streams an `fd`; the types know it of process.stdin alone. */
function descriptorOf(stream: ReadStream): number {
  return 'fd' in stream && typeof stream.fd === 'number' ? stream.fd : 0;
}
