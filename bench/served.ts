/** `gatehouse serve` in front of a bench facility, and hosts that log people on at its socket. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { type BenchFacility, type BenchUser, PASSWORD } from './facilities.ts';
import type { Bench } from './measurement.ts';

export type Served = { readonly pid: number; readonly socket: string; stop(): Promise<void> };

/** Resolves when it answers. */
export async function serve({ programs }: Bench, { folder }: BenchFacility): Promise<Served> {
  const configFile = join(folder, 'served.ini');
  writeFileSync(configFile, '2FA=Auto:Gatehouse BENCH\n[Server]\nSocket=run/gate.sock\n', { mode: 0o600 });
  const child = spawn(programs.launcher, ['--config', configFile, 'serve'], {
    env: { ...programs.environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await ready(child);
  return {
    pid: child.pid ?? 0,
    socket: join(folder, 'run', 'gate.sock'),
    stop: () =>
      new Promise((resolve) => {
        child.once('close', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

/** User and system time of that process so far, over all its threads: proc(5), in the ticks of a hundredth second that Linux shows everywhere. */
export function processCpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export type Talk = {
  /** Answers until that field is asked, which stays open; or, where none is named, until done. Throws where that is no grant. */
  until(field: 'password' | 'code' | undefined): Promise<void>;
  close(): void;
};

export function talk(socket: string, user: BenchUser): Talk {
  const connection = createConnection({ path: socket });
  const nextLine = linesOf(connection);
  const send = (message: object) => void connection.write(`${JSON.stringify(message)}\n`);
  send({ type: 'begin', user: user.name });
  return {
    async until(field) {
      for (;;) {
        const line = await nextLine();
        const message: unknown = JSON.parse(line);
        if (isDone(message)) {
          if (field === undefined && message.outcome === 'granted') return;
          throw new Error(`The log-on of ${user.name} ended early: ${line}`);
        }
        if (!isAsk(message)) continue;
        if (message.field === field) return;
        send({ type: 'answer', id: message.id, value: message.field === 'password' ? PASSWORD : user.code() });
      }
    },
    close: () => connection.destroy(),
  };
}

/** A whole log-on. */
export async function logOn(socket: string, user: BenchUser): Promise<void> {
  const conversation = talk(socket, user);
  await conversation.until(undefined);
  conversation.close();
}

/**
 * The user with a code that is made now. The load comes from the machine that is measured, so what can be done before is done before.
 */
export function withCodeReady(user: BenchUser): BenchUser {
  const madeAt = performance.now();
  const code = user.code();
  return { name: user.name, code: () => (performance.now() - madeAt < CODE_READY_MS ? code : user.code()) };
}

/** A code is taken for 30 seconds after its time step at least. */
const CODE_READY_MS = 20_000;

/** Line by line, as cheaply as it can be done. Rejects when the connection is closed. */
function linesOf(connection: Socket): () => Promise<string> {
  const ready: string[] = [];
  let waiting: PromiseWithResolvers<string> | undefined;
  let rest = '';
  let closed = false;
  connection.setEncoding('utf8');
  connection.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    ready.push(...lines);
    if (waiting === undefined) return;
    const line = ready.shift();
    if (line === undefined) return;
    waiting.resolve(line);
    waiting = undefined;
  });
  connection.on('error', () => connection.destroy());
  connection.on('close', () => {
    closed = true;
    waiting?.reject(new Error(CLOSED));
  });
  return async () => {
    const line = ready.shift();
    if (line !== undefined) return line;
    if (closed) throw new Error(CLOSED);
    waiting = Promise.withResolvers<string>();
    return waiting.promise;
  };
}

const CLOSED = 'The server closed the connection.';

function isDone(message: unknown): message is { readonly outcome: string } {
  return typeof message === 'object' && message !== null && 'outcome' in message;
}

function isAsk(message: unknown): message is { readonly id: number; readonly field: string } {
  return typeof message === 'object' && message !== null && 'field' in message && 'id' in message;
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      log += chunk;
      if (log.includes('Answers at')) resolve();
    });
    child.once('close', (status) => reject(new Error(`gatehouse serve ended (${status}): ${log}`)));
  });
}
